"""Jobs as a program of a researcher sees them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from scheduler.client.explaining import Blocker


class JobState(StrEnum):
    """Where a job is; `UNKNOWN` is a state of a newer service than this package."""

    PENDING = "pending"
    SUBMITTING = "submitting"
    HELD = "held"
    RELEASING = "releasing"
    SUBMITTED = "submitted"
    RUNNING = "running"
    SETTLING = "settling"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    NODE_FAILED = "node_failed"
    LOST = "lost"
    UNKNOWN = "unknown"


ENDED = frozenset(
    {
        JobState.COMPLETED,
        JobState.FAILED,
        JobState.CANCELLED,
        JobState.TIMED_OUT,
        JobState.OUT_OF_MEMORY,
        JobState.NODE_FAILED,
        JobState.LOST,
    }
)
LIVE = frozenset(JobState) - ENDED - {JobState.UNKNOWN}


@dataclass(frozen=True, slots=True)
class Resources:
    """What a job asks for; None is what it left open.

    `gpus`, `cpus` and `memory_mib` are of all its nodes together; the last two are None until it
    was given a place.
    """

    gpus: int
    nodes: int | None
    gpus_per_node: int | None
    gpu_type: str | None
    partitions: tuple[str, ...]
    walltime: timedelta
    cpus: int | None
    memory_mib: int | None


@dataclass(frozen=True, slots=True)
class StartEstimate:
    """A job starts before `p50` as likely as not, and before `p90` nine times in ten."""

    made_at: datetime
    p50: datetime
    p90: datetime


@dataclass(frozen=True, slots=True)
class ArrayPlace:
    """Where a job stands in its array; `limit` None means that any number may run at once."""

    array_id: int
    index: int
    limit: int | None


@dataclass(frozen=True, slots=True)
class Recall:
    """Borrowed GPUs that go back to `owed`, an organisation or a class.

    `requested_at` is set while the run that was told has not ended; `ended_runs` counts the runs
    of the job that recalls have ended.
    """

    owed: str
    requested_at: datetime | None
    ended_runs: int


@dataclass(frozen=True, slots=True)
class GrantHold:
    """What a grant pays of a job's whole walltime: GPU-seconds at the published rate."""

    grant: int
    gpu_seconds: int


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it was when the service answered. None is what there is not, or not yet.

    `blockers` are what was in the way of a pending job in the newest cycle, `dependency` the other
    jobs that it waits for, in sbatch's words, `grant_holds` what its project's grants hold for it
    until it has ended. Times are in UTC.
    """

    id: int
    name: str
    state: JobState
    resources: Resources
    submitted_at: datetime
    organisation: str
    project: str
    user: str
    tenant_class: str
    unix_account: str
    array: ArrayPlace | None
    blockers: tuple[Blocker, ...]
    start_estimate: StartEstimate | None
    pool: str | None
    nodes: tuple[str, ...]
    slurm_job_id: int | None
    started_at: datetime | None
    ended_at: datetime | None
    exit_code: int | None
    outcome: str | None
    cancel_requested: bool
    requeue_requested: bool
    grant_holds: tuple[GrantHold, ...]
    recallable: bool
    recall: Recall | None
    dependency: str | None

    @property
    def label(self) -> str:
        """Return how the command line names it: "1042", or "1042_3" for an array's element."""
        return str(self.id) if self.array is None else f"{self.array.array_id}_{self.array.index}"

    @property
    def has_ended(self) -> bool:
        return self.state in ENDED
