"""A policy: the numbers that say what equal means, at each level of the tenant tree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from scheduler.domain.reservations.reservation import Reservation


@dataclass(frozen=True, slots=True)
class PerPool:
    """A number of GPUs in each pool; `other` holds for pools that are not named.

    None means no limit.
    """

    other: int | None = None
    by_pool: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if any(gpus < 0 for gpus in (self.other or 0, *self.by_pool.values())):
            raise ValueError(f"a number of GPUs must not be negative: {self}")

    def gpus(self, pool: str) -> int | None:
        return self.by_pool.get(pool, self.other)


@dataclass(frozen=True, slots=True)
class Quota:
    """One tenant's share among its siblings, and the bounds on what it holds in each pool.

    `borrowing_limit` bounds GPUs above the entitlement; `lending_limit` bounds how many of the
    floor's idle GPUs others may hold meanwhile.
    """

    share: int = 1
    floor: PerPool = PerPool(0)
    ceiling: PerPool = PerPool()
    borrowing_limit: PerPool = PerPool()
    lending_limit: PerPool = PerPool()

    def __post_init__(self) -> None:
        if self.share < 1:
            raise ValueError(f"a share must be positive: {self.share}")


@dataclass(frozen=True, slots=True)
class UserLimits:
    """Bounds on one user; they keep a single script from filling the queue."""

    max_held_gpus: int | None = None
    max_pending_jobs: int | None = None
    max_walltime_s: int = 7 * 24 * 3600
    max_array_elements: int = 1000
    max_job_gpus: int | None = None


# Of a pool's GPUs, what makes a gang a large one.
LARGE_PART = Fraction(1, 4)


class SparePlaces(StrEnum):
    """Who gets planned starts in the places that no due job takes."""

    NOBODY = "nobody"
    GANGS = "gangs"  # large ones, those with the most GPUs times wait


@dataclass(frozen=True, slots=True)
class WaitRules:
    """When a job that waits comes before the shares: after `guard_s` it is due a planned start.

    At most `places` jobs have planned starts at once: due ones first, then those that
    `spare_places` says. Each plan keeps GPUs idle, so a small cluster with long walltimes does
    better with few; many shorten the bound on waits.
    """

    guard_s: int = 24 * 3600
    places: int = 64
    spare_places: SparePlaces = SparePlaces.NOBODY

    def __post_init__(self) -> None:
        if self.places < 1:
            raise ValueError(f"the line needs a place: {self.places}")
        if self.guard_s < 1:
            raise ValueError(f"a guard must be positive: {self.guard_s}")


class OwnJobs(StrEnum):
    """Which of one user's own jobs goes first, when it is the user's turn."""

    OLDEST = "oldest"
    SHORTEST = "shortest"  # by the walltime asked for; of equals the oldest


class RecallBy(StrEnum):
    """What counts as borrowed.

    ENTITLEMENTS: what is held above the entitlement of this moment. SHARES: what is held by whose
    usage-corrected share would be no lower than the claimant's without it, floors left alone: who
    has used more than others has had its entitlement before.
    """

    ENTITLEMENTS = "entitlements"
    SHARES = "shares"


@dataclass(frozen=True, slots=True)
class RecallRules:
    """How borrowed GPUs come back: only from recallable jobs, after notice, never too soon.

    A job is not recalled before it ran `min_runtime_s`; between the signal and the requeue it has
    `notice_s` to write a checkpoint. Recall is off unless `enabled`.
    """

    enabled: bool = False
    notice_s: int = 120
    min_runtime_s: int = 3600
    by: RecallBy = RecallBy.ENTITLEMENTS

    def __post_init__(self) -> None:
        if self.notice_s < 0 or self.min_runtime_s < 0:
            raise ValueError(f"times of a recall must not be negative: {self}")


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything an administrator may tune; parsed from one file, versioned in the store.

    For an organisation that `organisations` does not name, what `members` says of its class holds,
    else `organisation_default`; for the users of a class `class_user_limits`, else `user_limits`.
    `rates` are exchange rates per GPU type (type not named: 1). Every job of the `granted_classes`
    must be paid for by its project's grants. `usage_weight` scales the usage
    correction of the fair share: 0 forgets the past. `own_jobs` orders the jobs of one user.
    `reservations` set GPUs apart for a time, by name.
    """

    classes: Mapping[str, Quota]
    organisation_default: Quota = Quota()
    organisations: Mapping[str, Quota] = field(default_factory=dict)
    rates: Mapping[str, Fraction] = field(default_factory=dict)
    half_life_s: int = 7 * 24 * 3600
    usage_weight: Fraction = Fraction(1)
    user_limits: UserLimits = UserLimits()
    own_jobs: OwnJobs = OwnJobs.OLDEST
    wait: WaitRules = WaitRules()
    recall: RecallRules = RecallRules()
    members: Mapping[str, Quota] = field(default_factory=dict)
    class_user_limits: Mapping[str, UserLimits] = field(default_factory=dict)
    granted_classes: tuple[str, ...] = ()
    reservations: Mapping[str, Reservation] = field(default_factory=dict)

    @property
    def quotas(self) -> tuple[Quota, ...]:
        """Return every quota, those of the organisations which are not named among them."""
        named = (*self.classes.values(), *self.members.values(), *self.organisations.values())
        return (*named, self.organisation_default)

    @property
    def all_user_limits(self) -> tuple[UserLimits, ...]:
        """Return the limits of users, those of the classes that have their own among them."""
        return (self.user_limits, *self.class_user_limits.values())

    def organisation(self, tenant_class: str, name: str) -> Quota:
        """Return what holds for an organisation of the class."""
        found = self.organisations.get(name) or self.members.get(tenant_class)
        return found or self.organisation_default

    def limits_of_users(self, tenant_class: str) -> UserLimits:
        """Return what holds for each user of the class."""
        return self.class_user_limits.get(tenant_class, self.user_limits)

    def rate(self, gpu_type: str) -> Fraction:
        return self.rates.get(gpu_type, Fraction(1))


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """A policy that was applied: its running number, the file's text and its content hash.

    `proposal` is the number of the one that brought it, and `approved_by` who signed that; 0 and
    empty for a version that one person put in force: the first, and one that was rolled back to.
    `again` is the number of the version that the latter was before; 0 of all others.
    """

    number: int
    name: str
    sha256: str
    text: str
    applied_by: str
    applied_at: str
    policy: Policy
    why: str = ""
    approved_by: str = ""
    proposal: int = 0
    again: int = 0
