"""What a backend reports: its nodes and the jobs on them, ours and other people's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from scheduler.domain.jobs import Placement
from scheduler.domain.resources import Amount, Node, Pool


class BackendState(StrEnum):
    """A backend's word on a job, told apart as far as users and charges need it."""

    HELD = "held"
    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    NODE_FAILED = "node_failed"
    # It was given nodes and ended by the cluster itself, before any of its code began there.
    NOT_LAUNCHED = "not_launched"


@dataclass(frozen=True, slots=True)
class EndedRun:
    """One start of a backend's job, and its end, by the cluster's accounting.

    `job_id` and `attempt` come from its marker. A job that the cluster itself put back into its
    queue has one for each start.
    """

    slurm_id: int
    job_id: int
    attempt: int
    started_at: datetime
    ended_at: datetime
    node_failed: bool = False

    @property
    def seconds(self) -> int:
        return max(0, round((self.ended_at - self.started_at).total_seconds()))


@dataclass(frozen=True, slots=True)
class Asked:
    """What the backend has a job down for: how much on which nodes in all, and for how long.

    No nodes are named where it may choose them; `walltime_s` 0 is no limit.
    """

    amount: Amount
    nodes: tuple[str, ...]
    walltime_s: int


@dataclass(frozen=True, slots=True)
class BackendJob:
    """A job of ours as the backend sees it: `job_id` and `attempt` come from its marker.

    `asks` is None where the backend does not tell. A job that `is_sealed` has our marker and, while
    it is held, our hold where its user can change neither.
    """

    slurm_id: int
    job_id: int
    attempt: int
    unix_account: str
    state: BackendState
    reason: str = ""
    nodes: tuple[str, ...] = ()
    started_at: datetime | None = None
    ended_at: datetime | None = None
    exit_code: int | None = None
    restarts: int = 0
    asks: Asked | None = None
    is_sealed: bool = True


@dataclass(frozen=True, slots=True)
class ClusterState:
    """One good read of a backend.

    `nodes[].used` holds only what jobs without our marker use: the store knows what ours use,
    including those that the backend has not started yet. `jobs` holds every job of ours that is
    live, and the ended ones that were asked for and are still known; absence proves nothing,
    least of all while `records_are_complete` is false: jobs may have ended of which it is yet to
    hear.
    """

    pools: tuple[Pool, ...]
    nodes: tuple[Node, ...]
    jobs: tuple[BackendJob, ...]
    read_at: datetime
    records_are_complete: bool = True


@dataclass(frozen=True, slots=True)
class Launch:
    """Everything a backend needs to submit one admitted job.

    `installation` tells this service's jobs from those of another one on the same cluster, and
    from those of an earlier database whose job ids began at 1 as well. A job that `is_held` does
    not start before it is released. `array_id` is the number that the user knows its array by, and
    `environment` the submitting shell's. A `slurm_account` is charged in Slurm's own accounting;
    without one it is the Unix account's default there.
    """

    installation: str
    job_id: int
    attempt: int
    unix_account: str
    name: str
    script: str
    flags: tuple[str, ...]
    placement: Placement
    partition: str
    gpu_type: str
    walltime_s: int
    working_directory: str = ""
    array_index: int | None = None
    is_held: bool = False
    array_id: int | None = None
    environment: Mapping[str, str] = field(default_factory=dict, repr=False, hash=False)
    slurm_account: str = ""

    @property
    def marker(self) -> str:
        """Return the text by which the backend's job is known to be this attempt."""
        return f"tendik:{self.installation}:{self.job_id}:{self.attempt}"

    @property
    def asks(self) -> Asked:
        """Return what a backend has the job down for as long as nobody changes it."""
        gang, one = self.placement.gang, self.placement.gang.per_node
        whole = Amount(gang.gpus, gang.nodes * one.cpus, gang.nodes * one.memory_mib)
        return Asked(whole, self.placement.nodes, self.walltime_s)


class SubmissionOutcome(StrEnum):
    """What came of a submission: only a clear yes or a clear no is one."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Submission:
    """The answer to one launch; `slurm_id` is set when accepted, `message` otherwise."""

    job_id: int
    outcome: SubmissionOutcome
    slurm_id: int = 0
    message: str = ""
