"""What a cycle decides about each pending job."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from scheduler.domain.jobs import Placement
from scheduler.domain.reasons import Blocker, Reason


@dataclass(frozen=True, slots=True)
class Start:
    """The job's gang starts now, at this place."""

    job_id: int
    placement: Placement


@dataclass(frozen=True, slots=True)
class PlannedStart:
    """A blocked gang's place in time: by the walltimes of what runs, it can start there then.

    Nothing may start meanwhile that would still be in its way at `at`.
    """

    job_id: int
    at: datetime
    placement: Placement


@dataclass(frozen=True, slots=True)
class Recall:
    """A job that holds borrowed GPUs gives them back, after its notice, and waits again.

    `for_tenant` is the tree path of whoever is owed the GPUs, `for_job` the pending job of theirs
    that can start then. `gpu_seconds` is what the run has used: the most that is lost.
    """

    job_id: int
    for_tenant: tuple[str, ...]
    reason: str
    for_job: int
    gpu_seconds: int = 0


@dataclass(frozen=True, slots=True)
class Wait:
    """Alike jobs wait, for all of these reasons at once; the first is the nearest to a start."""

    job_ids: tuple[int, ...]
    blockers: tuple[Blocker, ...]

    def __post_init__(self) -> None:
        if not self.job_ids or not self.blockers:
            raise ValueError(f"a wait needs a job and a reason: {self}")

    @property
    def reason(self) -> Reason:
        return self.blockers[0].reason

    @property
    def detail(self) -> str:
        return self.blockers[0].detail


Decision = Start | Wait


class SolverStatus(StrEnum):
    """How a search ended."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    INVALID = "invalid"
    UNKNOWN = "unknown"
    NOT_RUN = "not_run"


@dataclass(frozen=True, slots=True)
class StageResult:
    """One stage of the lexicographic objective: the value reached and the bound proved."""

    stage: str
    status: SolverStatus
    value: float
    bound: float


@dataclass(frozen=True, slots=True)
class Allocation:
    """Exactly one decision for each pending job, and how it was found.

    `plans` are the planned starts that the next cycle keeps; `recalls` take borrowed GPUs back.
    `solver` names the allocator that decided; when a fall-back did, `fell_back_because` says why.
    """

    decisions: tuple[Decision, ...]
    solver: str
    status: SolverStatus
    stages: tuple[StageResult, ...] = field(default=())
    fell_back_because: str = ""
    plans: tuple[PlannedStart, ...] = ()
    recalls: tuple[Recall, ...] = ()

    @property
    def starts(self) -> tuple[Start, ...]:
        return tuple(decision for decision in self.decisions if isinstance(decision, Start))

    @property
    def waits(self) -> tuple[Wait, ...]:
        return tuple(decision for decision in self.decisions if isinstance(decision, Wait))

    @property
    def waiting_jobs(self) -> int:
        return sum(len(wait.job_ids) for wait in self.waits)
