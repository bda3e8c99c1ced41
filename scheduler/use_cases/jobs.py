"""Looking at jobs and taking them back, as far as the caller may."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from scheduler.domain.efficiency import Efficiency, NoAdvice, efficiency, no_advice
from scheduler.domain.jobs import TERMINAL, Job, JobState
from scheduler.domain.records import JobQuery
from scheduler.errors import NotFound, NotRunning
from scheduler.identity import Caller
from scheduler.ports import Clock, Store
from scheduler.use_cases.holding import HoldPace
from scheduler.use_cases.permissions import Act, demand, may

MAX_PAGE_JOBS = 1000
DEFAULT_PAGE_JOBS = 100
LIVE: frozenset[JobState] = frozenset(JobState) - TERMINAL


@dataclass(frozen=True, slots=True)
class Page:
    """Some jobs, newest first; `next_before_job_id` is 0 on the last page."""

    jobs: tuple[Job, ...]
    next_before_job_id: int = 0


@dataclass(frozen=True, slots=True)
class Used:
    """A job, what its last run used, and why nothing is advised; None where something may be."""

    job: Job
    efficiency: Efficiency | None
    no_advice: NoAdvice | None


class Jobs:
    """Reads and cancels jobs. Every method blocks and may raise StoreUnavailable."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._pace = HoldPace()

    def get(self, caller: Caller, job_id: int) -> Job:
        """Return a job of the caller's sight. Raises NotFound."""
        job = self._store.job(job_id)
        if not sees(caller, job):
            raise NotFound("job", str(job_id))
        return job

    def get_with_script(self, caller: Caller, job_id: int) -> Job:
        """Return a job whose script the caller may read. Raises NotFound, NotPermitted."""
        job = self.get(caller, job_id)
        demand(caller, Act.SEE_SCRIPTS, job.tenant.organisation, job.tenant.user)
        return job

    def get_own(self, caller: Caller, job_id: int) -> Job:
        """Return a job, with its script, whose output the caller may read. Raises NotFound."""
        job = self._store.job(job_id)
        if not may(caller, Act.READ_OUTPUT, job.tenant.organisation, job.tenant.user):
            raise NotFound("job of yours", str(job_id))
        return job

    def efficiency(self, caller: Caller, job_id: int) -> Used:
        """Return what a job of the caller's sight used. Raises NotFound."""
        job = self.get(caller, job_id)
        return Used(job, efficiency(job), no_advice(job))

    def page(self, caller: Caller, query: JobQuery) -> Page:
        """Return the newest jobs of the caller's sight that match.

        An organisation that the caller may not see is NotFound, as one that is not there.
        """
        scope = query.organisation or self._widest(caller)
        if scope and not may(caller, Act.SEE_JOBS, scope):
            raise NotFound("organisation", scope)
        if scope != caller.user.organisation and scope:
            self._store.organisation(scope)
        limit = min(query.limit or DEFAULT_PAGE_JOBS, MAX_PAGE_JOBS)
        jobs = self._store.jobs(replace(query, organisation=scope, limit=limit + 1))
        more = len(jobs) > limit
        return Page(jobs[:limit], jobs[limit - 1].job_id if more else 0)

    def cancel(self, caller: Caller, job_id: int) -> Job:
        """Make the wish for the job's end durable. Raises NotFound, NotPermitted."""
        job = self.get(caller, job_id)
        demand(caller, Act.CANCEL_JOBS, job.tenant.organisation, job.tenant.user)
        return self._store.request_cancel(job_id, self._clock.now())

    def requeue(self, caller: Caller, job_id: int, began: datetime | None = None) -> Job:
        """Make the wish durable that a running job ends now and waits again, under its number.

        Where the run that is meant `began` at another time it has ended: nothing is to be done.
        Raises NotFound, NotPermitted, and NotRunning for a job that waits, is on its way, is about
        to be cancelled, or has ended.
        """
        job = self.get(caller, job_id)
        demand(caller, Act.CANCEL_JOBS, job.tenant.organisation, job.tenant.user)
        wished = self._store.request_requeue(job_id, self._clock.now(), began)
        is_over = began is not None and wished.started_at != began
        if wished.requeue_requested_at is None and not is_over:
            raise NotRunning(job_id, wished.state.value)
        return wished

    def hold(self, caller: Caller, job_id: int) -> Job:
        """Keep a pending job from starting; one that was admitted is returned as it is.

        Raises NotFound, NotPermitted, HeldTooOften.
        """
        job, now = self._demand_hold(caller, job_id), self._clock.now()
        if job.state is JobState.PENDING and job.held_at is None:
            self._pace.count(job_id, now)
        return self._store.hold(job_id, now)

    def release(self, caller: Caller, job_id: int) -> Job:
        """Let a held job wait on. Raises NotFound, NotPermitted."""
        self._demand_hold(caller, job_id)
        return self._store.release(job_id, self._clock.now())

    def _demand_hold(self, caller: Caller, job_id: int) -> Job:
        job = self.get(caller, job_id)
        demand(caller, Act.HOLD_JOBS, job.tenant.organisation, job.tenant.user)
        return job

    def several(self, caller: Caller, job_ids: Collection[int]) -> tuple[Job, ...]:
        """Return each of these jobs. Raises NotFound for the first that is not to be seen."""
        return tuple(self.get(caller, job_id) for job_id in job_ids)

    def own_live(self, caller: Caller) -> tuple[Job, ...]:
        """Return all live jobs of the caller, newest first."""
        me = caller.user
        query = JobQuery(me.organisation, user=me.name, states=LIVE, limit=MAX_PAGE_JOBS)
        return tuple(self._all(query))

    def _all(self, query: JobQuery) -> Iterator[Job]:
        while page := self._store.jobs(query):
            yield from page
            query = replace(query, before_job_id=page[-1].job_id)

    @staticmethod
    def _widest(caller: Caller) -> str:
        everywhere = may(caller, Act.SEE_JOBS)
        return "" if everywhere else caller.user.organisation


def sees(caller: Caller, job: Job) -> bool:
    """Say whether the caller may see the job."""
    return may(caller, Act.SEE_JOBS, job.tenant.organisation, job.tenant.user)
