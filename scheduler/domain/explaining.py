"""What one waiting job is told on demand: what is in its way, who goes first, what would help."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from scheduler.domain.cluster import ClusterState
from scheduler.domain.jobs import PendingJob
from scheduler.domain.policies import PolicyVersion
from scheduler.domain.reasons import Blocker
from scheduler.domain.requests import GpuRequest
from scheduler.texts import Said, said


class Precedence(StrEnum):
    """By which rule another waiting job goes first; the order is the law's."""

    PLANNED_START = "planned_start"
    FLOOR = "floor"
    CLASS_SHARE = "class_share"
    ORGANISATION_SHARE = "organisation_share"
    PROJECT_SHARE = "project_share"
    USER_SHARE = "user_share"
    LONGER_WAIT = "longer_wait"
    OWN_ORDER = "own_order"


PRECEDENCES: Mapping[Precedence, Said] = {
    Precedence.PLANNED_START: said("nodes are held for gangs that have waited long"),
    Precedence.FLOOR: said("tenants that hold less than their floor go first"),
    Precedence.CLASS_SHARE: said("classes that use less of their share go first"),
    Precedence.ORGANISATION_SHARE: said("organisations of your class that use less of it go first"),
    Precedence.PROJECT_SHARE: said("projects of your organisation that use less of it go first"),
    Precedence.USER_SHARE: said("users of your project that use less of it go first"),
    Precedence.LONGER_WAIT: said("among tenants with the same use the longer wait goes first"),
    Precedence.OWN_ORDER: said("your own jobs go in the policy's order"),
}


@dataclass(frozen=True, slots=True)
class Ahead:
    """Waiting jobs of one organisation that go first by one rule."""

    precedence: Precedence
    organisation: str
    jobs: int
    gpus: int


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """A changed request with which the job would have started in this cycle, or at a later time.

    `starts_at` is None for this cycle. A later time holds on conditions: nobody new comes, nobody
    who waits goes first, and what runs ends no later than by its walltime.
    """

    request: GpuRequest
    words: Said
    starts_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a job waits, as of one snapshot; `starts` says that it does not.

    `ahead` counts whom the next free GPUs in the job's pools would go to before it, those with the
    most jobs first. `and_more` says that the counting ended before it came to the job.
    """

    taken_at: datetime
    starts: bool = False
    blockers: tuple[Blocker, ...] = ()
    planned_at: datetime | None = None
    ahead: tuple[Ahead, ...] = ()
    and_more: bool = False
    counterfactuals: tuple[Counterfactual, ...] = ()

    @property
    def jobs_ahead(self) -> int:
        return sum(ahead.jobs for ahead in self.ahead)


@dataclass(frozen=True, slots=True)
class Question:
    """Which job to explain: one that waits, by its number, or one that nobody has submitted yet.

    `cluster` and `policy` are the newest that the engine has told.
    """

    cluster: ClusterState
    policy: PolicyVersion
    about: int | PendingJob
