"""What the core needs of the outside world, as protocols that adapters fulfil."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from scheduler.domain.accounts.account import AccountQuestion, Accounts
from scheduler.domain.adopting import Adoption, Restoration
from scheduler.domain.changes.forecast import PolicyForecast, PolicyQuestion
from scheduler.domain.cluster import BackendJob, ClusterState, EndedRun, Launch, Submission
from scheduler.domain.decisions import Allocation, PlannedStart
from scheduler.domain.dependencies.rulings import DependentJob, Evidence, Ruling
from scheduler.domain.dependencies.terms import FoundJobs, NamedJob
from scheduler.domain.estimates import StartEstimate, TrackRecord
from scheduler.domain.explaining import Explanation, Question
from scheduler.domain.jobs import HoldingJob, Job, PendingJob
from scheduler.domain.measured import Measured, MeasuredRun
from scheduler.domain.output import Piece, Wanted
from scheduler.domain.past_jobs import PastJobQuery
from scheduler.domain.recalls.notices import Notice
from scheduler.domain.receipts import KeptReceipt, ReceiptHead
from scheduler.domain.records import (
    ClusterView,
    CycleRecord,
    CycleReport,
    JobEvent,
    JobQuery,
    Laggards,
    LiveChanges,
    NewJobs,
    QueueCount,
    Transition,
    UsageBucket,
)
from scheduler.domain.snapshot import Snapshot
from scheduler.errors import TendikError
from scheduler.tenancy import BudgetStore, PolicyStore, TenantStore


class Clock(Protocol):
    """Tells the time, always UTC and aware."""

    def now(self) -> datetime: ...


class Allocator(Protocol):
    """Decides about every pending job of a snapshot; pure, and never raises on a valid one."""

    def __call__(self, snapshot: Snapshot) -> Allocation: ...


class Explainer(Protocol):
    """Says why a job waits, and what a policy would do, by deciding as the engine decides."""

    async def explain(self, question: Question, asker: str) -> Explanation | None:
        """Return the explanation; None where no such job waits. No asker takes all its time.

        Raises ExplainerUnavailable, StoreUnavailable.
        """
        ...

    async def foresee(self, question: PolicyQuestion, asker: str) -> PolicyForecast:
        """Return what a policy would do in the next cycle. Raises as `explain` does."""
        ...

    async def account(self, question: AccountQuestion, asker: str) -> Accounts:
        """Return how an organisation's GPUs follow from the shares. Raises as `explain` does."""
        ...


class JobStore(Protocol):
    """Jobs, durable before they are acknowledged. Every method may raise StoreUnavailable."""

    def add_jobs(self, batch: Sequence[NewJobs]) -> list[tuple[Job, ...] | TendikError]:
        """Store each request's jobs in one durable transaction; answer in the batch's order.

        A repeated request_id of the same user gives the first answer when its fingerprint is the
        same, else RequestIdReused in its place; too many pending jobs give QuotaExceeded in its
        place. One item's refusal does not touch the others.
        """
        ...

    def job(self, job_id: int) -> Job:
        """Return the job with its script. Raises NotFound."""
        ...

    def jobs(self, query: JobQuery) -> tuple[Job, ...]:
        """Return at most `query.limit` jobs, newest first, after `query.before_job_id`.

        Their scripts are left empty, as in the jobs that `apply` returns: lists can be long.
        """
        ...

    def past_jobs(self, query: PastJobQuery) -> tuple[Job, ...]:
        """Return the first jobs that had not ended before `query.since`, oldest first.

        Those after `query.after_job_id`, at most `query.limit`, without their scripts.
        """
        ...

    def pending(self) -> tuple[PendingJob, ...]:
        """Return the jobs that wait for a decision, oldest first.

        Those that are held, or wait for other jobs, wait for none.
        """
        ...

    def dependents(self) -> tuple[DependentJob, ...]:
        """Return the pending jobs whose dependency is not met yet, by job_id."""
        ...

    def evidence(self, dependents: Sequence[DependentJob]) -> Evidence:
        """Return what the jobs that these wait for have come to."""
        ...

    def rule(self, rulings: Mapping[int, Ruling], at: datetime, epoch: int = 0) -> tuple[Job, ...]:
        """Write how dependencies stand, some in a transaction; return the jobs that were cancelled.

        Who waits for nothing more waits for a decision from now on; the time until then does not
        count. Raises NotLeading for an epoch that is not the newest.
        """
        ...

    def holding(self) -> tuple[HoldingJob, ...]:
        """Return the jobs whose gangs are charged, by job_id."""
        ...

    def live_changes(self, after: int) -> LiveChanges:
        """Return the jobs with an event after this id, each as it is now.

        Every move has an event, and no event becomes visible after one with a greater id. So who
        reads `last_event_id`, then `pending` and `holding`, and from then on only the changes,
        always knows the same jobs. `up_to` is below `after` when the store has lost events.
        """
        ...

    def recalled(self) -> tuple[Job, ...]:
        """Return the running jobs that were told to give their GPUs back, with their scripts."""
        ...

    def launches(self, job_ids: Collection[int]) -> tuple[Job, ...]:
        """Return these jobs with their scripts and environments, by job_id.

        Nothing else gives an environment away, and one is kept only until all jobs of its request
        have ended.
        """
        ...

    def request_cancel(self, job_id: int, at: datetime) -> Job:
        """Make the wish durable; a pending job is cancelled at once. Raises NotFound."""
        ...

    def request_requeue(self, job_id: int, at: datetime, began: datetime | None = None) -> Job:
        """Make the wish durable that a job's run ends and the job waits again.

        One that does not run, or not since it `began`, or whose end was asked for is left as it
        is. Raises NotFound.
        """
        ...

    def hold(self, job_id: int, at: datetime) -> Job:
        """Keep a pending job out of `pending` until it is released. Raises NotFound.

        One that is held, or waits no more, is left as it is, and so is it with a release.
        """
        ...

    def release(self, job_id: int, at: datetime) -> Job:
        """Let a held job wait on; the time of the hold does not count. Raises NotFound."""
        ...

    def take_lease(self, holder: str, ttl_s: float) -> int | None:
        """Let the holder lead for `ttl_s` from now, by the store's clock; return the new epoch.

        None while another's lease has not lapsed. A holder's own is replaced at once: who asks
        under the same name has followed the one that led before, and knows that it is gone.
        """
        ...

    def renew_lease(self, epoch: int, ttl_s: float) -> bool:
        """Prolong the lease of this epoch to `ttl_s` from now; say whether it is still the newest.

        One that has lapsed is renewed as well: while its epoch is the newest nobody else has led.
        """
        ...

    def give_up_lease(self, epoch: int) -> None:
        """Let anybody lead at once; does nothing when the epoch is not the newest."""
        ...

    def record_cycle(self, record: CycleRecord) -> None:
        """Record a cycle, its starts and its promises in one transaction, then the reasons to wait.

        Each transaction refuses an epoch that is not the newest, raising NotLeading: 0 stands for
        the time before anybody led.

        A started job goes to SUBMITTING with its placement and the next attempt; a waiting job
        keeps its newest reason; its detail and further blockers may be some cycles old. The bounds
        on waits are kept as given, in place of earlier ones, and have no event. A running job that
        is recalled has the request on it, as an event too. A job that left PENDING meanwhile (a
        cancel) is left alone. Old cycles that did nothing may be let go.

        Reasons are many, and requests are not to wait for them: they follow in transactions of
        their own. What a crash leaves unwritten of them, the next cycle writes.
        """
        ...

    def keep_estimates(self, estimates: Sequence[StartEstimate], epoch: int = 0) -> None:
        """Keep these in place of earlier ones, some in a transaction, where their jobs still wait.

        Each transaction refuses an epoch that is not the newest, raising NotLeading.
        """
        ...

    def keep_measured(self, measured: Mapping[int, Measured], epoch: int = 0) -> None:
        """Keep what the runs of these ended jobs used, by job_id; it is no event.

        Some go in a transaction, which refuses an epoch that is not the newest: NotLeading.
        """
        ...

    def apply(self, transitions: Sequence[Transition], epoch: int = 0) -> tuple[Job, ...]:
        """Apply moves, some in a transaction, and charge the runs that they end; return moved jobs.

        Each transaction refuses an epoch that is not the newest, raising NotLeading.

        A move and its charge are in the same one; a crash leaves out later moves of the list.
        A transition that `MOVES` does not allow from the stored state is left out, so that a
        repeated or late report changes nothing: terminal is final.
        """
        ...

    def events(self, after_id: int, limit: int) -> tuple[JobEvent, ...]:
        """Return the events after an id, in their order, at most `limit`.

        Not only moves are events: a new reason to wait is one (of some jobs, when very many have
        one at once), and so is the wish to cancel a live job; the state is then the one before.
        """
        ...

    def last_event_id(self) -> int:
        """Return the id of the newest event, 0 when there is none."""
        ...

    def counts(self) -> tuple[QueueCount, ...]:
        """Return how many live jobs and GPUs there are by tenant, state and reason."""
        ...

    def laggards(self, now: datetime, unmoved_since: datetime, limit: int) -> Laggards:
        """Return the longest waits for a decision, and what stands on its way since then.

        On its way is a job between PENDING and RUNNING that Slurm has not let wait in its queue, or
        one that is SETTLING. Both lists have at most `limit`, the longest first, without scripts.
        """
        ...

    def usage(self, since: datetime) -> tuple[UsageBucket, ...]:
        """Return what ended runs used, by project, user, pool and hour, from `since` on."""
        ...

    def last_cycle(self) -> int:
        """Return the number of the newest recorded cycle, 0 when there is none."""
        ...

    def plans(self) -> tuple[PlannedStart, ...]:
        """Return the starts that the newest recorded cycle planned."""
        ...


class JobWriter(Protocol):
    """Takes requests one by one from the event loop and stores them in shared commits."""

    async def add(self, new: NewJobs) -> tuple[Job, ...]:
        """Return once the jobs are durable.

        Raises RequestIdReused, QuotaExceeded, Overloaded, StoreUnavailable.
        """
        ...

    async def add_all(self, batch: Sequence[NewJobs]) -> list[tuple[Job, ...] | TendikError]:
        """Return what became of each request, in their order, once the last is durable."""
        ...


class ViewReader(Protocol):
    """Gives the newest view at once, without touching store or backend."""

    def latest(self) -> ClusterView: ...


class Store(JobStore, TenantStore, PolicyStore, BudgetStore, Protocol):
    """All that is kept."""

    def installation(self) -> str:
        """Return what tells this database from every other: 8 hexadecimal digits, for ever."""
        ...

    def found(self, names: Collection[NamedJob]) -> dict[NamedJob, FoundJobs]:
        """Return what these names stand for; one of no job is left out."""
        ...

    def restoration(self) -> Restoration | None:
        """Return that this database was restored and must still adopt what runs, or None."""
        ...

    def adopt(
        self, adoptions: Sequence[Adoption], last_job_id: int, at: datetime, epoch: int = 0
    ) -> None:
        """Take over what was found in Slurm, and be restored no more, in one transaction.

        Job ids up to `last_job_id` are not given out from now on. Raises StoreUnavailable, and
        NotLeading where another has led since the epoch.
        """
        ...

    def ready(self) -> None:
        """Return when data can be taken; raises StoreUnavailable."""
        ...

    def close(self) -> None: ...


class Backend(Protocol):
    """A cluster that runs admitted jobs. Calls block, and are made from one thread at a time."""

    @property
    def name(self) -> str: ...

    def read(self, watched: Collection[int]) -> ClusterState:
        """Return the nodes, our live jobs, and what is known of the `watched` Slurm ids.

        Raises BackendUnavailable unless the whole read is good.
        """
        ...

    def marked_since(self, since: datetime) -> tuple[BackendJob, ...]:
        """Return every job of ours that is live, or was at any time since then.

        Raises BackendUnavailable unless all that keep records, slurmdbd among them, gave a whole
        answer.
        """
        ...

    def measured(self, slurm_ids: Collection[int]) -> tuple[MeasuredRun, ...]:
        """Return what is recorded of these jobs' last runs. Raises BackendUnavailable."""
        ...

    def ended_runs(self, slurm_ids: Collection[int]) -> tuple[EndedRun, ...]:
        """Return every start of these jobs whose end is recorded. Raises BackendUnavailable."""
        ...

    def submit(self, launches: Sequence[Launch]) -> tuple[Submission, ...]:
        """Submit each launch as its Unix account, held where it says so; answer in their order.

        A launch whose marker the cluster knows already gives the first Slurm id again. Raises
        BackendUnavailable when nothing was tried.
        """
        ...

    def release(self, slurm_ids: Sequence[int]) -> frozenset[int]:
        """Let these held jobs start when their nodes have room; repeating it changes nothing.

        Returns those that the cluster clearly refuses to change now, as it may for good; then some
        of the others may not have been asked for. Raises BackendUnavailable; then some may have
        been released.
        """
        ...

    def signal(self, notices: Sequence[Notice]) -> None:
        """Send each running job its signal; one that has ended is not an error.

        Raises BackendUnavailable; then some may have got theirs.
        """
        ...

    def cancel(self, slurm_ids: Sequence[int]) -> None:
        """Ask for these jobs' end; one that has ended is no error. Raises BackendUnavailable."""
        ...

    def close(self) -> None: ...


class OutputReader(Protocol):
    """Reads what jobs wrote, as the account that they ran as. Many threads may read at once."""

    def read(self, wanted: Wanted) -> Piece:
        """Return a piece of the file, within seconds; a problem with the file is one of its fields.

        Raises BackendUnavailable when the cluster cannot be asked.
        """
        ...


class ReceiptBook(Protocol):
    """Keeps what cycles saw and decided, so that it can be checked later."""

    def keep(self, snapshot: Snapshot, report: CycleReport) -> None:
        """Take a recorded cycle's receipt to be written; return at once, and never raise."""
        ...


class ReceiptReader(Protocol):
    """Gives kept receipts away; from any thread."""

    def head(self) -> ReceiptHead: ...

    def find(self, cycle: int) -> KeptReceipt:
        """Return the cycle's receipt, the newest for 0; reads a file. Raises NotFound."""
        ...


class StartForecast(Protocol):
    """Says of jobs that wait when they are expected to start."""

    def saw(self, snapshot: Snapshot, allocation: Allocation) -> tuple[StartEstimate, ...]:
        """Learn from a cycle, and return the estimates that are new with it."""
        ...

    def track_record(self) -> tuple[TrackRecord, ...]:
        """Return how the newest estimates came out, class by class."""
        ...


class Listener(Protocol):
    """Is told what the engine did; must be quick and must not raise."""

    def on_cycle(self, report: CycleReport) -> None: ...

    def on_moved(self, jobs: Sequence[Job], at: datetime) -> None: ...

    def on_backend(self, name: str, up: bool) -> None: ...
