"""What is written down: requests taken, cycles decided, moves made and usage charged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from scheduler.domain.budgets.ledger import FREE, Price
from scheduler.domain.cluster import ClusterState
from scheduler.domain.decisions import Allocation, SolverStatus
from scheduler.domain.dependencies.rulings import DependentJob
from scheduler.domain.dependencies.terms import Dependency
from scheduler.domain.estimates import TrackRecord
from scheduler.domain.jobs import HoldingJob, Job, JobSpec, JobState, PendingJob
from scheduler.domain.policies import PolicyVersion
from scheduler.domain.reservations.nodes import Hold
from scheduler.domain.tenants import Tenant


@dataclass(frozen=True, slots=True)
class NewJobs:
    """One accepted request: a job, or an array's elements when `array_indices` is not empty.

    `fingerprint` is a hash of the whole request body, to tell a repeat from a reuse of its id.
    `max_pending_jobs` bounds the user's pending jobs, these included; None means no bound. `held`
    jobs begin so. `dependencies` has one for each index where elements wait for different jobs.
    `price` is what each job costs its project's grants, if it has any.
    """

    tenant: Tenant
    unix_account: str
    spec: JobSpec
    request_id: str
    fingerprint: str
    submitted_at: datetime
    array_indices: tuple[int, ...] = ()
    array_limit: int = 0
    max_pending_jobs: int | None = None
    held: bool = False
    dependencies: tuple[Dependency, ...] = ()
    price: Price = FREE


@dataclass(frozen=True, slots=True)
class JobQuery:
    """Which jobs to list, newest first; an empty or zero field does not filter."""

    organisation: str = ""
    project: str = ""
    user: str = ""
    states: frozenset[JobState] = frozenset()
    array_id: int = 0
    before_job_id: int = 0
    limit: int = 100


@dataclass(frozen=True, slots=True)
class EntryQuery:
    """Which entries of the grants' ledger to list, oldest first, after the id `after_id`."""

    grants: tuple[int, ...]
    after_id: int = 0
    limit: int = 1000


@dataclass(frozen=True, slots=True)
class Transition:
    """A move that evidence calls for; unset fields keep what is stored.

    A move to PENDING or to SUBMITTED from RUNNING ends a run: it is charged from the stored
    start to `ended_at`, as is a move to a terminal state.
    """

    job_id: int
    to: JobState
    at: datetime
    slurm_id: int | None = None
    nodes: tuple[str, ...] | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    exit_code: int | None = None
    reason: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class JobEvent:
    """One line of a job's history: a move, a new reason to wait, or a wish to cancel."""

    event_id: int
    job_id: int
    tenant: Tenant
    state: JobState
    at: datetime
    reason: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class LiveChanges:
    """What became of the jobs that events up to the id `up_to` tell of.

    Each of them is here once, as it is now: it waits, it holds GPUs, or it is `gone` from what
    cycles decide about, since it has ended, its user holds it, or it waits for other jobs: then it
    is one of the `dependents` as well.
    """

    up_to: int
    pending: tuple[PendingJob, ...]
    holding: tuple[HoldingJob, ...]
    gone: tuple[int, ...]
    dependents: tuple[DependentJob, ...] = ()

    @property
    def job_ids(self) -> Iterator[int]:
        yield from (waiting.job_id for waiting in self.pending)
        yield from (charged.job_id for charged in self.holding)
        yield from self.gone


@dataclass(frozen=True, slots=True)
class QueueCount:
    """How many live jobs stand alike; `gpus` is what they hold, or ask for while pending."""

    tenant: Tenant
    state: JobState
    reason: str
    pool: str
    jobs: int
    gpus: int


@dataclass(frozen=True, slots=True)
class UsageBucket:
    """GPU-seconds that ended runs used in one pool within the hour that begins at `hour`."""

    tenant: Tenant
    pool: str
    hour: datetime
    gpu_seconds: int


@dataclass(frozen=True, slots=True)
class OrganisationShare:
    """One organisation's account in one pool, in GPUs, as of a cycle's end.

    `owed` is due to it and held by others as borrowed, see `debts`; `owed_since` is since when
    nothing of that has come, `owed_until` by when it comes at the latest as far as is known, see
    `due_dates`. `borrowed_until` is until when it may keep what it borrowed.
    """

    organisation: str
    tenant_class: str
    pool: str
    entitled: float
    held: int
    wanted: int
    borrowed: int
    lent: int
    mean_gpus: float
    owed: int = 0
    owed_since: datetime | None = None
    owed_until: datetime | None = None
    borrowed_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class CycleReport:
    """What one cycle saw and did, for listeners and for the record.

    `allocation` may have been relieved of its decisions, see `in_brief`: the counts tell how many
    there were. `idled_gpus` are those that planned starts kept free though somebody wanted them,
    `reserved_idle_gpus` those that reservations did; `holds` are the nodes that these have.
    """

    cycle: int
    taken_at: datetime
    policy_version: int
    allocation: Allocation
    shares: tuple[OrganisationShare, ...]
    capacity_gpus: Mapping[str, int]
    foreign_gpus: Mapping[str, int]
    violations: tuple[str, ...] = ()
    idled_gpus: Mapping[str, int] = field(default_factory=dict)
    reserved_idle_gpus: Mapping[str, int] = field(default_factory=dict)
    holds: tuple[Hold, ...] = ()
    duration_s: float = 0.0
    accepted: int = 0
    refused: int = 0
    unknown: int = 0
    started_jobs: int = 0
    waiting_jobs: int = 0

    def in_brief(self) -> CycleReport:
        """Return the report without the decisions: of a full queue they are many thousands."""
        return replace(self, allocation=replace(self.allocation, decisions=(), plans=()))

    @property
    def status(self) -> SolverStatus:
        return self.allocation.status


@dataclass(frozen=True, slots=True)
class CycleBrief:
    """What is remembered of a cycle once the next has begun.

    `gap` is how far the search may be from the best, as a part of the proved bound: of the stage
    where that is most; 0 where all is proved, None where nothing was searched.
    """

    cycle: int
    taken_at: datetime
    policy_version: int
    solver: str
    status: SolverStatus
    started_jobs: int
    waiting_jobs: int
    recalled_jobs: int
    duration_s: float
    gap: float | None
    fell_back_because: str = ""
    violations: tuple[str, ...] = ()


def brief_of(report: CycleReport) -> CycleBrief:
    """Return what is remembered of the report, which still has its decisions."""
    found = report.allocation
    gaps = [abs(stage.bound - stage.value) / max(1.0, abs(stage.bound)) for stage in found.stages]
    return CycleBrief(
        cycle=report.cycle,
        taken_at=report.taken_at,
        policy_version=report.policy_version,
        solver=found.solver,
        status=report.status,
        started_jobs=report.started_jobs,
        waiting_jobs=report.waiting_jobs,
        recalled_jobs=len(found.recalls),
        duration_s=report.duration_s,
        gap=max(gaps) if gaps else None,
        fell_back_because=found.fell_back_because,
        violations=report.violations,
    )


@dataclass(frozen=True, slots=True)
class Laggards:
    """Jobs that have not moved for long: the longest waits, and records stuck on their way.

    `past_bound` counts those that wait longer than was promised. Lists are bounded, `stuck_jobs`
    counts all.
    """

    longest_waits: tuple[Job, ...] = ()
    past_bound: int = 0
    stuck: tuple[Job, ...] = ()
    stuck_jobs: int = 0


@dataclass(frozen=True, slots=True)
class CycleRecord:
    """The durable part of a cycle: which policy decided what, and how it was found.

    `start_bys` are the bounds on waits that the cycle promised, by job_id. `epoch` is the term of
    the leader that decided; 0 where none ever led.
    """

    cycle: int
    taken_at: datetime
    policy_version: int
    allocation: Allocation
    violations: tuple[str, ...] = ()
    shares: tuple[OrganisationShare, ...] = field(default=())
    start_bys: Mapping[int, datetime] = field(default_factory=dict)
    epoch: int = 0


@dataclass(frozen=True, slots=True)
class ClusterView:
    """The newest good knowledge of the engine, for the request path and the exporters.

    `cluster` and `report` are None until the first good read and the first cycle. Where another
    replica `leads`, the report tells the shares as they are, and decides nothing. `epoch` is the
    newest term in which this one led, 0 before. `start_times` is how the newest estimates of start
    times came out. `cycles` are the newest that this replica decided, the newest first.
    """

    backend: str
    backend_up: bool
    policy: PolicyVersion
    cluster: ClusterState | None = None
    report: CycleReport | None = None
    leads: bool = False
    epoch: int = 0
    start_times: tuple[TrackRecord, ...] = ()
    cycles: tuple[CycleBrief, ...] = ()
