"""Limits on what tenants hold, and the ledger that says how much of each is left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from enum import StrEnum
from math import ceil

from scheduler.domain.jobs import ArrayPlace, Placement
from scheduler.domain.policies import PerPool, Policy, Quota
from scheduler.domain.reasons import Reason
from scheduler.domain.resources import Gang
from scheduler.domain.shares.kept_back import Keep, KeptBack
from scheduler.domain.snapshot import Snapshot
from scheduler.domain.tenants import Tenant

Subject = tuple[str, ...]  # a tree path, a user, or an array's id
NO_QUOTA = Quota()  # of a class that the policy does not name
ALL_IS_LENT = PerPool()


class Limit(StrEnum):
    """The kinds of limits, in the order in which a waiting job is told of them."""

    USER_HELD = "user_held"
    ARRAY_RUNNING = "array_running"
    ORGANISATION_CEILING = "organisation_ceiling"
    CLASS_CEILING = "class_ceiling"
    ORGANISATION_BORROWING = "organisation_borrowing"
    CLASS_BORROWING = "class_borrowing"


REASONS_BY_LIMIT: Mapping[Limit, Reason] = {
    Limit.USER_HELD: Reason.USER_LIMIT,
    Limit.ARRAY_RUNNING: Reason.ARRAY_LIMIT,
    Limit.ORGANISATION_CEILING: Reason.ORGANISATION_CEILING,
    Limit.CLASS_CEILING: Reason.CLASS_CEILING,
    Limit.ORGANISATION_BORROWING: Reason.BORROWING_LIMIT,
    Limit.CLASS_BORROWING: Reason.BORROWING_LIMIT,
}


@dataclass(frozen=True, slots=True)
class Bound:
    """The most that a subject may hold: GPUs in a pool (any pool when empty), or elements."""

    limit: Limit
    subject: Subject
    pool: str
    at_most: int

    def takes(self, gang: Gang) -> int:
        """Return how much of the bound a start of this gang uses up."""
        return 1 if self.limit is Limit.ARRAY_RUNNING else gang.gpus


class Ledger:
    """What everybody holds, against every limit; starts are charged to it one by one.

    The borrowing limit counts from the entitlement rounded up to a whole GPU, so that a
    fraction of a GPU never keeps a gang waiting.
    """

    def __init__(self, snapshot: Snapshot, entitled: Mapping[tuple[str, str], float]) -> None:
        self._policy = snapshot.policy
        self._entitled = _with_classes(snapshot, entitled)
        self._held: Counter[tuple[Subject, str]] = Counter()
        self._bounds: dict[tuple[Subject, int, str], tuple[Bound, ...]] = {}
        self._tenant_bounds: dict[tuple[Subject, str], tuple[Bound, ...]] = {}
        self._free = _free_gpus(snapshot)
        self.keeps = _keeps(snapshot)
        self._kept_back = {pool: KeptBack(keeps) for pool, keeps in self.keeps.items()}
        for job in snapshot.holding:
            self._count(job.tenant, job.array, job.placement)
        # A floor grown past the free GPUs blocks others, and never its own tenant's starts.
        self._least_spare = {pool: min(0, self.spare_gpus(pool)) for pool in self.keeps}

    def copy(self) -> Ledger:
        """Return the same ledger, to be charged apart; what bounds whom is no different there."""
        copied = copy(self)
        copied._held, copied._free = self._held.copy(), self._free.copy()
        copied._kept_back = {pool: kept.copy() for pool, kept in self._kept_back.items()}
        return copied

    def held(self, subject: Subject, pool: str) -> int:
        return self._held[subject, pool]

    def free_gpus(self, pool: str) -> int:
        return self._free.get(pool, 0)

    def left(self, bound: Bound) -> int:
        """Return how much of the bound is left; never negative.

        More than the bound may be held after an administrator lowered it: such a tenant keeps
        what runs and starts nothing.
        """
        return max(0, bound.at_most - self._held[bound.subject, bound.pool])

    def bounds(self, tenant: Tenant, array: ArrayPlace | None, pool: str) -> tuple[Bound, ...]:
        """Return the limits that a start in the pool is held to, in the order of `Limit`."""
        key = (tenant.path(4), array.array_id if array and array.limit else 0, pool)
        found = self._bounds.get(key)
        if found is None:
            found = self._bounds[key] = tuple(self._find_bounds(tenant, array, pool))
        return found

    def broken_by(
        self, tenant: Tenant, array: ArrayPlace | None, pool: str, gang: Gang
    ) -> Bound | None:
        """Return the first limit that a start of this gang would pass, None when none."""
        bounds = self.bounds(tenant, array, pool)
        return next((bound for bound in bounds if bound.takes(gang) > self.left(bound)), None)

    def allows(self, tenant: Tenant, array: ArrayPlace | None, pool: str, gang: Gang) -> bool:
        """Say whether a start of this gang passes no limit, and leaves what others keep back."""
        return self.broken_by(tenant, array, pool, gang) is None and self.leaves_kept_back(
            tenant, pool, gang.gpus
        )

    def all_broken_by(
        self, tenant: Tenant, array: ArrayPlace | None, pool: str, gang: Gang
    ) -> tuple[Bound, ...]:
        """Return every limit that a start of this gang would pass, in the order of `Limit`."""
        bounds = self.bounds(tenant, array, pool)
        return tuple(bound for bound in bounds if bound.takes(gang) > self.left(bound))

    def charge(self, tenant: Tenant, array: ArrayPlace | None, placement: Placement) -> None:
        """Count a start."""
        self._count(tenant, array, placement)
        self._free[placement.pool] = self.free_gpus(placement.pool) - placement.gang.gpus

    def kept_back_gpus(self, pool: str, tenant: Tenant | None = None, more: int = 0) -> int:
        """Return the GPUs that must stay free in the pool for owners of floors.

        With a tenant, return what would be kept back if it held so many `more`.
        """
        kept_back = self._kept_back.get(pool)
        if kept_back is None:
            return 0
        return kept_back.gpus if tenant is None else kept_back.gpus_if(tenant, more)

    def spare_gpus(self, pool: str) -> int:
        """Return the free GPUs that nobody's floor keeps back; negative when floors lack."""
        return self.free_gpus(pool) - self.kept_back_gpus(pool)

    def least_spare_gpus(self, pool: str) -> int:
        """Return what `spare_gpus` may not fall below in this cycle: 0, or where it began."""
        return self._least_spare.get(pool, 0)

    def leaves_kept_back(self, tenant: Tenant, pool: str, gpus: int) -> bool:
        """Say whether a start of so many GPUs leaves free what others keep back."""
        if pool not in self.keeps:
            return True
        spare = self.free_gpus(pool) - gpus - self.kept_back_gpus(pool, tenant, gpus)
        return spare >= self._least_spare[pool]

    def _count(self, tenant: Tenant, array: ArrayPlace | None, placement: Placement) -> None:
        held, pool, gpus = self._held, placement.pool, placement.gang.gpus
        path = tenant.path(2)
        held[path[:1], pool] += gpus
        held[path, pool] += gpus
        held[_user_subject(tenant), ""] += gpus
        if array:
            held[_array_subject(array), ""] += 1
        if pool in self._kept_back:
            self._kept_back[pool].count(tenant, gpus)

    def _find_bounds(self, tenant: Tenant, array: ArrayPlace | None, pool: str) -> Iterable[Bound]:
        user_gpus = self._policy.limits_of_users(tenant.tenant_class).max_held_gpus
        if user_gpus is not None:
            yield Bound(Limit.USER_HELD, _user_subject(tenant), "", user_gpus)
        if array and array.limit:
            yield Bound(Limit.ARRAY_RUNNING, _array_subject(array), "", array.limit)
        yield from self.tenant_bounds(tenant.path(2), pool)

    def tenant_bounds(self, organisation: Subject, pool: str) -> tuple[Bound, ...]:
        """Return the limits of an organisation and its class in the pool."""
        key = (organisation, pool)
        found = self._tenant_bounds.get(key)
        if found is None:
            found = self._tenant_bounds[key] = tuple(self._find_tenant_bounds(organisation, pool))
        return found

    def _find_tenant_bounds(self, organisation: Subject, pool: str) -> Iterable[Bound]:
        tenant_class = organisation[:1]
        yield from self._ceiling(Limit.ORGANISATION_CEILING, organisation, pool)
        yield from self._ceiling(Limit.CLASS_CEILING, tenant_class, pool)
        yield from self._borrowing(Limit.ORGANISATION_BORROWING, organisation, pool)
        yield from self._borrowing(Limit.CLASS_BORROWING, tenant_class, pool)

    def _ceiling(self, limit: Limit, path: Subject, pool: str) -> Iterable[Bound]:
        gpus = quota_of(self._policy, path).ceiling.gpus(pool)
        if gpus is not None:
            yield Bound(limit, path, pool, gpus)

    def _borrowing(self, limit: Limit, path: Subject, pool: str) -> Iterable[Bound]:
        gpus = quota_of(self._policy, path).borrowing_limit.gpus(pool)
        if gpus is not None:
            entitled = self._entitled.get((path[-1], pool, len(path)), 0.0)
            yield Bound(limit, path, pool, whole_gpus(entitled) + gpus)


def whole_gpus(entitled: float) -> int:
    """Round an entitlement up to a whole GPU, forgiving the last bits of a sum of fractions."""
    return ceil(entitled - 1e-6)


def quota_of(policy: Policy, path: Subject) -> Quota:
    """Return the quota of a class or, given a longer path, of its organisation."""
    if len(path) == 1:
        return policy.classes.get(path[0], NO_QUOTA)
    return policy.organisation(path[0], path[1])


def _user_subject(tenant: Tenant) -> Subject:
    """Name the user whatever the project: who submits under several has one limit."""
    return ("user", tenant.organisation, tenant.user)


def _array_subject(array: ArrayPlace) -> Subject:
    return ("array", str(array.array_id))


def _keeps(snapshot: Snapshot) -> Mapping[str, tuple[Keep, ...]]:
    """Return who keeps back what, for the pools where anybody does."""
    paths: list[Subject] = [(name,) for name in snapshot.policy.classes]
    paths += [(tenant_class, name) for name, tenant_class in snapshot.organisations.items()]
    found: dict[str, list[Keep]] = {}
    for path in paths:
        quota = quota_of(snapshot.policy, path)
        if quota.lending_limit == ALL_IS_LENT:
            continue
        for pool in snapshot.pools:
            gpus = _not_lent(quota, pool.name)
            if gpus:
                found.setdefault(pool.name, []).append(Keep(path, gpus))
    return {pool: tuple(keeps) for pool, keeps in found.items()}


def _not_lent(quota: Quota, pool: str) -> int:
    lending = quota.lending_limit.gpus(pool)
    floor = quota.floor.gpus(pool) or 0
    return 0 if lending is None else max(0, floor - lending)


def _free_gpus(snapshot: Snapshot) -> dict[str, int]:
    free: dict[str, int] = {}
    for node in snapshot.nodes:
        free[node.pool] = free.get(node.pool, 0) + node.free_gpus
    return free


def _with_classes(
    snapshot: Snapshot, entitled: Mapping[tuple[str, str], float]
) -> Mapping[tuple[str, str, int], float]:
    """Return entitlements by (name, pool, depth), each class's being its organisations' sum."""
    place = dict(snapshot.organisations)
    tenants = [job.tenant for job in snapshot.holding] + [group.tenant for group in snapshot.queue]
    place.update((tenant.organisation, tenant.tenant_class) for tenant in tenants)
    totals: dict[tuple[str, str, int], float] = {}
    for (organisation, pool), gpus in entitled.items():
        totals[organisation, pool, 2] = gpus
        key = (place.get(organisation, ""), pool, 1)
        totals[key] = totals.get(key, 0.0) + gpus
    return totals
