"""A store in memory: what the engine needs, as quick as a replay needs it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from threading import RLock

from scheduler.domain.adopting import Adoption
from scheduler.domain.budgets.settling import OpenCharge
from scheduler.domain.changes.trials import Trial
from scheduler.domain.cluster import EndedRun
from scheduler.domain.decisions import PlannedStart, Wait
from scheduler.domain.dependencies.rulings import DependentJob, Evidence, Ruling
from scheduler.domain.dependencies.terms import FoundJobs, NamedJob
from scheduler.domain.estimates import StartEstimate
from scheduler.domain.jobs import (
    HOLDING,
    ON_ITS_WAY,
    TERMINAL,
    HoldingJob,
    Job,
    JobState,
    PendingJob,
)
from scheduler.domain.measured import Measured
from scheduler.domain.past_jobs import PastJobQuery
from scheduler.domain.queue import age_of
from scheduler.domain.records import (
    CycleRecord,
    JobEvent,
    JobQuery,
    Laggards,
    LiveChanges,
    NewJobs,
    QueueCount,
    Transition,
    UsageBucket,
)
from scheduler.domain.tenants import Tenant
from scheduler.errors import NotFound, StoreUnavailable, TendikError
from scheduler.simulation.memory_budgets import MemoryBudgets
from scheduler.simulation.memory_dependents import dependent_of, evidence_in, found_in
from scheduler.simulation.memory_lease import MemoryLease
from scheduler.simulation.memory_usage import MemoryUsage
from scheduler.store.intake import Intake, RequestKey, Taken
from scheduler.store.moves import (
    cancel_wished,
    hold_wished,
    moved,
    recalled,
    release_wished,
    requeue_wished,
    ruled,
    started,
    tells_of_ruling,
)
from scheduler.store.sql_cycles import MAX_REASON_EVENTS, RECENT_CYCLES
from scheduler.store.told_waits import ToldWaits, is_turn_of
from scheduler.texts import Said


class MemoryStore(MemoryBudgets):
    """Fulfils `scheduler.ports.Store` for one process; nothing outlives it."""

    def __init__(self, clock_s: Callable[[], float] = time.monotonic) -> None:
        """`clock_s` tells seconds, for leases only; no replay needs one."""
        super().__init__()
        self._lease = MemoryLease(clock_s)
        self._lock = RLock()
        self._jobs: dict[int, Job] = {}
        self._environments: dict[int, Mapping[str, str]] = {}  # of jobs that brought one
        self._waiting: set[int] = set()
        self._held: set[int] = set()
        self._charged: set[int] = set()
        self._requests: dict[RequestKey, Taken] = {}
        self._events: list[JobEvent] = []
        self._usage = MemoryUsage()
        self._cycles: dict[int, bool] = {}  # whether it did something, by number
        self._last_cycle = 0
        self._plans: tuple[PlannedStart, ...] = ()
        self._told_waits = ToldWaits()

    @property
    def is_anyone_waiting(self) -> bool:
        return bool(self._waiting)

    def installation(self) -> str:
        return f"{0:08x}"

    def keep_trial(self, trial: Trial, most: int, epoch: int = 0) -> None:
        self._lease.refuse_old(epoch)
        super().keep_trial(trial, most)

    def restoration(self) -> None:
        """Return None: what is kept in memory is never restored."""

    def adopt(
        self, adoptions: Sequence[Adoption], last_job_id: int, at: datetime, epoch: int = 0
    ) -> None:
        """Do nothing: see `restoration`."""

    def ready(self) -> None:
        """Do nothing: memory is always ready."""

    def close(self) -> None:
        """Do nothing: there is nothing to give back."""

    def add_jobs(self, batch: Sequence[NewJobs]) -> list[tuple[Job, ...] | TendikError]:
        with self._lock, self._booking() as books:
            intake = Intake(self._requests, self._pending_by_user(batch), len(self._jobs), books)
            verdicts = [intake.take(new) for new in batch]
            self._requests |= intake.new
            for first_job_id, new in intake.accepted.items():
                in_utc = replace(new, submitted_at=new.submitted_at.astimezone(UTC))
                for job in intake.jobs(first_job_id, in_utc):
                    self._put(job)
                    self._tell(job, job.submitted_at)
                    if new.spec.environment:
                        self._environments[job.job_id] = new.spec.environment
            return [
                verdict
                if isinstance(verdict, TendikError)
                else tuple(self._jobs[job_id] for job_id in verdict.job_ids)
                for verdict in verdicts
            ]

    def job(self, job_id: int) -> Job:
        if job_id not in self._jobs:
            raise NotFound("job", str(job_id))
        return self._jobs[job_id]

    def jobs(self, query: JobQuery) -> tuple[Job, ...]:
        found = (job for job in reversed(self._jobs.values()) if _is_asked_for(job, query))
        listed = (without_script(job) for _, job in zip(range(query.limit), found, strict=False))
        return tuple(listed)

    def past_jobs(self, query: PastJobQuery) -> tuple[Job, ...]:
        found = (
            job
            for job_id, job in self._jobs.items()
            if job_id > query.after_job_id and (job.ended_at is None or job.ended_at >= query.since)
        )
        return tuple(map(without_script, islice(found, query.limit)))

    def found(self, names: Collection[NamedJob]) -> dict[NamedJob, FoundJobs]:
        return dict(found_in(self._jobs, names))

    def pending(self) -> tuple[PendingJob, ...]:
        waiting = (self._jobs[job_id] for job_id in self._waiting)
        oldest_first = sorted(map(pending_of, waiting), key=age_of)
        return tuple(oldest_first)

    def dependents(self) -> tuple[DependentJob, ...]:
        kept_back = (self._jobs[job_id] for job_id in sorted(self._held))
        return tuple(dependent_of(job) for job in kept_back if job.is_dependent)

    def evidence(self, dependents: Sequence[DependentJob]) -> Evidence:
        return evidence_in(self._jobs, dependents)

    def rule(self, rulings: Mapping[int, Ruling], at: datetime, epoch: int = 0) -> tuple[Job, ...]:
        if rulings:
            self._lease.refuse_old(epoch)
        cancelled: list[Job] = []
        for job_id, ruling in sorted(rulings.items()):
            before = self._jobs[job_id]
            after = self._settled(before, ruled(before, ruling, at), (), at)
            self._put(after)
            if tells_of_ruling(before, after):
                self._tell(after, at)
            if after.state is not before.state:
                cancelled.append(without_script(after))
        return tuple(cancelled)

    def holding(self) -> tuple[HoldingJob, ...]:
        return tuple(holding_of(self._jobs[job_id]) for job_id in sorted(self._charged))

    def live_changes(self, after: int) -> LiveChanges:
        told_of = sorted({event.job_id for event in self._events[after:]})
        return LiveChanges(
            up_to=len(self._events),
            pending=tuple(pending_of(self._jobs[i]) for i in told_of if i in self._waiting),
            holding=tuple(holding_of(self._jobs[i]) for i in told_of if i in self._charged),
            gone=tuple(i for i in told_of if i not in self._waiting and i not in self._charged),
            dependents=tuple(
                dependent_of(self._jobs[i]) for i in told_of if self._jobs[i].is_dependent
            ),
        )

    def recalled(self) -> tuple[Job, ...]:
        charged = (self._jobs[job_id] for job_id in sorted(self._charged))
        running = (job for job in charged if job.state is JobState.RUNNING)
        return tuple(job for job in running if job.recall_requested_at is not None)

    def launches(self, job_ids: Collection[int]) -> tuple[Job, ...]:
        return tuple(self._launch(job_id) for job_id in sorted(job_ids) if job_id in self._jobs)

    def request_cancel(self, job_id: int, at: datetime) -> Job:
        return self._wished(job_id, at, cancel_wished)

    def request_requeue(self, job_id: int, at: datetime, began: datetime | None = None) -> Job:
        return self._wished(job_id, at, partial(requeue_wished, began=began))

    def hold(self, job_id: int, at: datetime) -> Job:
        return self._wished(job_id, at, hold_wished)

    def release(self, job_id: int, at: datetime) -> Job:
        return self._wished(job_id, at, release_wished)

    def _wished(self, job_id: int, at: datetime, wish: Callable[[Job, datetime], Job]) -> Job:
        before = self.job(job_id)
        after = wish(before, at)
        if after != before:
            after = self._settled(before, after, (), at, whole=True)
            self._put(after)
            self._tell(after, at)
        return after

    def _settled(
        self,
        before: Job,
        after: Job,
        run: Sequence[UsageBucket],
        at: datetime,
        *,
        whole: bool = False,
    ) -> Job:
        if before.funding is None:
            return after
        with self._booking() as books:
            return books.settle(before, after, run, at, whole=whole)

    def take_lease(self, holder: str, ttl_s: float) -> int | None:
        return self._lease.take(holder, ttl_s)

    def renew_lease(self, epoch: int, ttl_s: float) -> bool:
        return self._lease.renew(epoch, ttl_s)

    def give_up_lease(self, epoch: int) -> None:
        self._lease.give_up(epoch)

    def record_cycle(self, record: CycleRecord) -> None:
        self._lease.refuse_old(record.epoch)
        self._keep_cycle(record)
        for start in record.allocation.starts:
            begun = started(self._jobs[start.job_id], start, record.taken_at)
            if begun is not None:
                self._put(begun)
                self._tell(begun, record.taken_at)
        for recall in record.allocation.recalls:
            told = recalled(self._jobs[recall.job_id], recall, record.taken_at)
            if told is not None:
                self._put(told)
                self._tell(told, record.taken_at)
        for job_id, moment in record.start_bys.items():
            if job_id in self._waiting:
                self._put(replace(self._jobs[job_id], start_by=moment))
        self._tell_waiting(record)

    def keep_estimates(self, estimates: Sequence[StartEstimate], epoch: int = 0) -> None:
        if estimates:
            self._lease.refuse_old(epoch)
        for one in estimates:
            if one.job_id in self._waiting:
                self._put(replace(self._jobs[one.job_id], estimate=one))

    def keep_measured(self, measured: Mapping[int, Measured], epoch: int = 0) -> None:
        if measured:
            self._lease.refuse_old(epoch)
        for job_id in measured.keys() & self._jobs.keys():
            self._jobs[job_id] = replace(self._jobs[job_id], measured=measured[job_id])

    def confirm_charges(
        self, runs: Mapping[OpenCharge, EndedRun | None], at: datetime, epoch: int = 0
    ) -> None:
        if runs:
            self._lease.refuse_old(epoch)
        super().confirm_charges(runs, at, epoch)

    def apply(self, transitions: Sequence[Transition], epoch: int = 0) -> tuple[Job, ...]:
        if transitions:
            self._lease.refuse_old(epoch)
        changed: dict[int, Job] = {}
        for transition in transitions:
            job = self._jobs.get(transition.job_id)
            if job is None or (after := moved(job, transition)) is None:
                continue
            paid = self._settled(job, after.job, after.charges, transition.at)
            changed[job.job_id] = without_script(paid)
            self._put(paid)
            self._tell(paid, transition.at)
            self._usage.charge(after.charges)
        return tuple(changed.values())

    def events(self, after_id: int, limit: int) -> tuple[JobEvent, ...]:
        return tuple(self._events[after_id : after_id + limit])

    def last_event_id(self) -> int:
        return len(self._events)

    def counts(self) -> tuple[QueueCount, ...]:
        jobs, gpus = Counter[_Alike](), Counter[_Alike]()
        for job_id in self._waiting | self._held | self._charged:
            job = self._jobs[job_id]
            pool = job.placement.pool if job.placement else ""
            alike = (job.tenant, job.state, job.reason, pool)
            jobs[alike] += 1
            gpus[alike] += job.gpus
        return tuple(QueueCount(*alike, jobs[alike], gpus[alike]) for alike in sorted(jobs))

    def laggards(self, now: datetime, unmoved_since: datetime, limit: int) -> Laggards:
        waiting = [self._jobs[job_id] for job_id in self._waiting]
        charged = [self._jobs[job_id] for job_id in self._charged]
        stuck = [
            (job.changed_at, job.job_id)
            for job in charged
            if job.state in ON_ITS_WAY and job.changed_at and job.changed_at < unmoved_since
        ]
        oldest_first = sorted(waiting, key=lambda job: age_of(pending_of(job)))
        return Laggards(
            tuple(map(without_script, oldest_first[:limit])),
            sum(job.start_by is not None and job.start_by < now for job in waiting),
            tuple(without_script(self._jobs[job_id]) for _, job_id in sorted(stuck)[:limit]),
            len(stuck),
        )

    def usage(self, since: datetime) -> tuple[UsageBucket, ...]:
        return self._usage.since(since)

    def last_cycle(self) -> int:
        return self._last_cycle

    def plans(self) -> tuple[PlannedStart, ...]:
        return self._plans

    def _pending_by_user(self, batch: Iterable[NewJobs]) -> Counter[str]:
        if all(new.max_pending_jobs is None for new in batch):
            return Counter()
        pending = self._waiting | self._held
        return Counter(self._jobs[job_id].tenant.user for job_id in pending)

    def _launch(self, job_id: int) -> Job:
        job, environment = self._jobs[job_id], self._environments.get(job_id)
        return replace(job, spec=replace(job.spec, environment=environment)) if environment else job

    def _put(self, job: Job) -> None:
        self._jobs[job.job_id] = job
        self._waiting.discard(job.job_id)
        self._held.discard(job.job_id)
        self._charged.discard(job.job_id)
        if job.is_considered:
            self._waiting.add(job.job_id)
        elif job.state is JobState.PENDING:
            self._held.add(job.job_id)
        elif job.state in HOLDING:
            self._charged.add(job.job_id)
        if job.state in TERMINAL:
            self._environments.pop(job.job_id, None)

    def _tell(self, job: Job, at: datetime) -> None:
        told = (job.job_id, job.tenant, job.state, at, job.reason, job.detail)
        self._events.append(JobEvent(len(self._events) + 1, *told))

    def _keep_cycle(self, record: CycleRecord) -> None:
        if record.cycle in self._cycles:
            raise StoreUnavailable(Said(f"another scheduler recorded cycle {record.cycle}"))
        decided = record.allocation
        self._cycles[record.cycle] = bool(decided.starts or decided.recalls or record.violations)
        if self._cycles.get(record.cycle - RECENT_CYCLES) is False:
            del self._cycles[record.cycle - RECENT_CYCLES]
        if record.cycle > self._last_cycle:
            self._last_cycle, self._plans = record.cycle, record.allocation.plans

    def _tell_waiting(self, record: CycleRecord) -> None:
        """Keep reasons that changed, with events of the first few, and details by turns."""
        events = 0
        for job_id, wait in self._told_waits.in_question(record):
            job = self._jobs.get(job_id)
            if job is None or job_id not in self._waiting:
                continue
            is_new = job.reason != wait.reason.value
            if is_new or is_turn_of(job_id, record.cycle):
                self._put(_told(job, wait))
            if is_new and events < MAX_REASON_EVENTS:
                events += 1
                self._tell(self._jobs[job_id], record.taken_at)
        self._told_waits.remember(record)


_Alike = tuple[Tenant, JobState, str, str]  # reason, pool


def without_script(job: Job) -> Job:
    """Return the job as lists of jobs show it."""
    return replace(job, spec=replace(job.spec, script="")) if job.spec.script else job


def pending_of(job: Job) -> PendingJob:
    """Return the waiting job as a cycle sees it."""
    return PendingJob(
        *(job.job_id, job.tenant, job.spec.request, job.waits_since or job.submitted_at),
        array=job.array,
        start_by=job.start_by,
        recalled_at=job.changed_at if job.recalls else None,
    )


def holding_of(job: Job) -> HoldingJob:
    """Return the charged job as a cycle sees it; one that is charged has its place."""
    if job.placement is None:
        raise ValueError(f"job {job.job_id} is {job.state} and has no placement")
    return HoldingJob(
        *(job.job_id, job.tenant, job.state, job.placement, job.spec.request.walltime_s),
        unix_account=job.unix_account,
        attempt=job.attempt,
        slurm_id=job.slurm_id,
        started_at=job.started_at,
        array=job.array,
        changed_at=job.changed_at,
        cancel_requested=job.cancel_requested_at is not None,
        recallable=job.spec.recallable,
        recall_requested_at=job.recall_requested_at,
        request=job.spec.request,
        waits_since=job.waits_since or job.submitted_at,
        requeue_requested=job.requeue_requested_at is not None,
    )


def _told(job: Job, wait: Wait) -> Job:
    more = wait.blockers[1:]
    return replace(job, reason=wait.reason.value, detail=wait.detail, more_blockers=more)


def _is_asked_for(job: Job, query: JobQuery) -> bool:
    asked = (
        (query.organisation, job.tenant.organisation == query.organisation),
        (query.project, job.tenant.project == query.project),
        (query.user, job.tenant.user == query.user),
        (query.states, job.state in query.states),
        (query.array_id, job.array is not None and job.array.array_id == query.array_id),
        (query.before_job_id, job.job_id < query.before_job_id),
    )
    return all(holds for is_asked, holds in asked if is_asked)
