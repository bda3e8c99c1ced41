"""Jobs, the states they pass through, and which moves between states exist."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from scheduler.domain import stored_words as words
from scheduler.domain.budgets.ledger import Funding
from scheduler.domain.dependencies.terms import Dependency
from scheduler.domain.estimates import StartEstimate
from scheduler.domain.measured import Measured
from scheduler.domain.reasons import Blocker
from scheduler.domain.requests import GpuRequest
from scheduler.domain.resources import Gang
from scheduler.domain.tenants import Tenant

# A job past its walltime is about to be ended by Slurm, whose grace for it is half a minute.
OVERRUN = timedelta(seconds=60)


class JobState(StrEnum):
    """Where a job is; see `MOVES` for where it may go."""

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


TERMINAL: frozenset[JobState] = frozenset(
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
# States in which a job's GPUs count against its quota. SUBMITTING holds: the answer of a
# submission may be lost while the job itself is not. So does SETTLING: it may well run.
HOLDING: frozenset[JobState] = frozenset(
    {
        JobState.SUBMITTING,
        JobState.HELD,
        JobState.RELEASING,
        JobState.SUBMITTED,
        JobState.RUNNING,
        JobState.SETTLING,
    }
)

MOVES: Mapping[JobState, frozenset[JobState]] = {
    JobState.PENDING: frozenset({JobState.SUBMITTING, JobState.CANCELLED, JobState.FAILED}),
    # Slurm answered, or did not: a job that is not held first is SUBMITTED at once.
    JobState.SUBMITTING: frozenset(
        {JobState.PENDING, JobState.HELD, JobState.SUBMITTED, JobState.RUNNING}
    )
    | TERMINAL,
    # Slurm may have forgotten a held job: the same attempt is submitted again.
    JobState.HELD: frozenset(
        {JobState.SUBMITTING, JobState.RELEASING, JobState.SUBMITTED, JobState.RUNNING}
    )
    | TERMINAL,
    # Slurm may refuse for good to let a job go whose record it recovered from a crash.
    JobState.RELEASING: frozenset(
        {JobState.PENDING, JobState.SUBMITTED, JobState.RUNNING, JobState.SETTLING}
    )
    | TERMINAL,
    JobState.SUBMITTED: frozenset({JobState.PENDING, JobState.RUNNING, JobState.SETTLING})
    | TERMINAL,
    JobState.RUNNING: frozenset({JobState.PENDING, JobState.SUBMITTED, JobState.SETTLING})
    | TERMINAL,
    # Slurm shows it no more, and slurmdbd may still have to say how it ended.
    JobState.SETTLING: frozenset({JobState.PENDING, JobState.SUBMITTED, JobState.RUNNING})
    | TERMINAL,
    **{state: frozenset[JobState]() for state in TERMINAL},
}


@dataclass(frozen=True, slots=True)
class ArrayPlace:
    """Where a job stands in its array; `limit` 0 means any number may run at once."""

    array_id: int
    index: int
    limit: int = 0


@dataclass(frozen=True, slots=True)
class JobSpec:
    """What a user handed in: the script, verbatim, and what was read from it.

    `flags` are the command-line options that override the script's, in sbatch's own words. A job
    is `recallable` when its script says that it may be run again. The `environment`, which may hold
    secrets, is the submitting shell's: it is set on the way in and on the way to Slurm alone.
    """

    name: str
    script: str
    request: GpuRequest
    flags: tuple[str, ...] = ()
    working_directory: str = ""
    recallable: bool = False
    environment: Mapping[str, str] = field(default_factory=dict, repr=False, hash=False)
    dependency: Dependency | None = None


# Charged, and on the way from one safe place to another: none should stay so for long.
ON_ITS_WAY: frozenset[JobState] = frozenset(
    {JobState.SUBMITTING, JobState.HELD, JobState.RELEASING, JobState.SETTLING}
)


@dataclass(frozen=True, slots=True)
class Placement:
    """Where an admitted gang goes: a pool, the nodes in it, and the amount on each."""

    pool: str
    nodes: tuple[str, ...]
    gang: Gang


@dataclass(frozen=True, slots=True)
class Job:
    """One job as the store knows it.

    `reason` and `detail` say why a pending job waits, or how a job ended; `more_blockers` are
    what else is in a pending job's way, as of the same cycle. `slurm_id` is 0 until Slurm has
    answered. `attempt` counts submissions to Slurm: it is part of the marker.
    `start_by` is the bound on its wait that was promised; None while none is. `recalls` counts the
    runs that recalls ended, `recalled_for` names who the last was for; a running job that was told
    to give its GPUs back has `recall_requested_at`, and one whose user wants its run to end and the
    job to wait again `requeue_requested_at`; `requeues` counts the runs that ended so. Both set
    `waits_since`: since when it would have waited as long as it has, its runs and holds left out.
    `held_at` is since when its user holds it, `dependent_since` since when it waits for other jobs;
    None when it does not.
    `estimate` is when it is expected to start, the newest that was made in its present wait; one
    that has started keeps what it was told. `measured` is what its last run used; None until that
    is known. `funding` is what its project's grants hold for it until it has ended; None where no
    grant pays for it.
    """

    job_id: int
    tenant: Tenant
    unix_account: str
    spec: JobSpec
    state: JobState
    submitted_at: datetime
    array: ArrayPlace | None = None
    reason: str = ""
    detail: str = ""
    attempt: int = 0
    slurm_id: int = 0
    placement: Placement | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    exit_code: int | None = None
    cancel_requested_at: datetime | None = None
    changed_at: datetime | None = None
    start_by: datetime | None = None
    recall_requested_at: datetime | None = None
    recalled_for: str = ""
    recalls: int = 0
    waits_since: datetime | None = None
    more_blockers: tuple[Blocker, ...] = ()
    held_at: datetime | None = None
    estimate: StartEstimate | None = None
    dependent_since: datetime | None = None
    measured: Measured | None = None
    requeue_requested_at: datetime | None = None
    requeues: int = 0
    funding: Funding | None = None

    @property
    def is_considered(self) -> bool:
        """Say whether it waits and cycles decide about it."""
        is_kept_back = self.held_at is not None or self.dependent_since is not None
        return self.state is JobState.PENDING and not is_kept_back

    @property
    def is_dependent(self) -> bool:
        """Say whether it waits for other jobs before it waits for its turn."""
        return self.state is JobState.PENDING and self.dependent_since is not None

    @property
    def has_been_recalled(self) -> bool:
        """Say whether it waits and its newest move was from a run that a recall ended."""
        told = self.recalls > 0 and self.detail == self.detail_of_recall
        return self.state is JobState.PENDING and told

    @property
    def detail_of_recall(self) -> str:
        return words.WAS_RECALLED.format(whom=self.recalled_for)

    def waited_from(self, now: datetime) -> datetime:
        """Return since when it would have waited as long as it has by now, its runs left out."""
        since = self.waits_since or self.submitted_at
        return since if self.started_at is None else since + (now - self.started_at)

    @property
    def gpus(self) -> int:
        """Return the GPUs held, or asked for while nothing is held yet."""
        if self.placement is not None:
            return self.placement.gang.gpus
        return self.spec.request.total_gpus


@dataclass(frozen=True, slots=True)
class PendingJob:
    """A waiting job as a cycle sees it: no script, only what decides.

    `submitted_at` is since when it waits, the runs of a recalled job left out. `start_by` is the
    bound on its wait that was promised; None while none is. `recalled_at` is when it came back
    into the queue from its last run, if a recall ended one.
    """

    job_id: int
    tenant: Tenant
    request: GpuRequest
    submitted_at: datetime
    array: ArrayPlace | None = None
    start_by: datetime | None = None
    recalled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class HoldingJob:
    """A job whose gang is charged: on its way to Slurm, queued there, or running.

    `changed_at` is when it came into its present state. A `recallable` job may be told to give its
    GPUs back; `recall_requested_at` is when it was, and `request` what it will wait with again.
    `waits_since` is since when it waited for this run, earlier runs left out; None: not known.
    """

    job_id: int
    tenant: Tenant
    state: JobState
    placement: Placement
    walltime_s: int
    unix_account: str = ""
    attempt: int = 1
    slurm_id: int = 0
    started_at: datetime | None = None
    array: ArrayPlace | None = None
    changed_at: datetime | None = None
    cancel_requested: bool = False
    recallable: bool = False
    recall_requested_at: datetime | None = None
    request: GpuRequest | None = None
    waits_since: datetime | None = None
    requeue_requested: bool = False

    @property
    def is_leaving(self) -> bool:
        """Say whether its GPUs come free without any further decision."""
        given_back = self.recall_requested_at is not None or self.requeue_requested
        return self.cancel_requested or given_back

    @property
    def wait_s(self) -> float:
        """Return how long it had waited in all as its run began; 0 when that is not known."""
        if self.started_at is None or self.waits_since is None:
            return 0.0
        return (self.started_at - self.waits_since).total_seconds()

    def ends_by(self, now: datetime) -> datetime:
        """Return when its run is over by its walltime; soon where that has passed."""
        began = self.started_at or self.changed_at or now
        return max(began + timedelta(seconds=self.walltime_s), now + OVERRUN)

    def waiting_again(self, at: datetime) -> PendingJob | None:
        """Return the job as it waits once its run has ended; None when it is wanted no more.

        After a recall it is as old as it was; who is requeued waits anew.
        """
        if self.cancel_requested or self.request is None:
            return None
        if self.requeue_requested and self.recall_requested_at is None:
            return PendingJob(self.job_id, self.tenant, self.request, at, array=self.array)
        since = at - timedelta(seconds=self.wait_s)
        return PendingJob(
            *(self.job_id, self.tenant, self.request, since), array=self.array, recalled_at=at
        )
