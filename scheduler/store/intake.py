"""Takes a batch of requests: which are repeats, which pass a limit, which become jobs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import repeat

from scheduler.budget_errors import BudgetExceeded
from scheduler.domain.budgets.fitting import Bill, demand_cover
from scheduler.domain.budgets.ledger import Part, Purse
from scheduler.domain.jobs import ArrayPlace, Job, JobSpec, JobState
from scheduler.domain.reasons import Reason
from scheduler.domain.records import NewJobs
from scheduler.errors import QuotaExceeded, RequestIdReused, TendikError
from scheduler.store.books import Books, ProjectKey
from scheduler.store.moves import depending, held
from scheduler.texts import said

# The user and the request_id that the user chose.
RequestKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Taken:
    """A request that is stored, or will be with this batch: its jobs' ids are contiguous."""

    fingerprint: str
    first_job_id: int
    job_count: int

    @property
    def job_ids(self) -> range:
        return range(self.first_job_id, self.first_job_id + self.job_count)


@dataclass(slots=True)
class Intake:
    """Goes through a batch in its order; knows what is stored already, and keeps count.

    `pending_jobs` needs the users that have a limit. Job ids follow on from `last_job_id`.
    """

    known: Mapping[RequestKey, Taken]
    pending_jobs: Counter[str]
    last_job_id: int
    books: Books
    accepted: dict[int, NewJobs] = field(default_factory=dict)
    new: dict[RequestKey, Taken] = field(default_factory=dict)
    _purses: dict[ProjectKey, Purse] = field(default_factory=dict, init=False)
    _drawn: dict[int, tuple[tuple[Part, ...], ...]] = field(default_factory=dict, init=False)

    def take(self, new: NewJobs) -> Taken | TendikError:
        """Accept the request under the next job ids, or say which earlier one it repeats."""
        key = request_key(new)
        earlier = self.new.get(key) or self.known.get(key)
        if earlier:
            same = earlier.fingerprint == new.fingerprint
            return earlier if same else RequestIdReused(new.request_id)
        return self._over_limit(new) or self._unpaid(new) or self._accept(key, new)

    def jobs(self, first_job_id: int, new: NewJobs) -> tuple[Job, ...]:
        """Return an accepted request's jobs, and book what their project's grants hold for them."""
        jobs = jobs_of(new, first_job_id)
        drawn = self._drawn.get(first_job_id)
        if drawn is None:
            return jobs
        return tuple(
            self.books.cover(job, new.price, parts) for job, parts in zip(jobs, drawn, strict=True)
        )

    def _unpaid(self, new: NewJobs) -> BudgetExceeded | None:
        """Draw what the jobs cost, for all of them or for none; say so where that must not be."""
        bill = Bill(new.tenant.project, new.spec.request, new.price, job_count(new))
        purse = self._purse((new.tenant.organisation, new.tenant.project), new.submitted_at)
        try:
            demand_cover(bill, purse.left)
        except BudgetExceeded as refusal:
            return refusal
        if 0 < bill.cost <= purse.left:
            parts = tuple(purse.draw_at_most(new.price.cost) for _ in range(bill.elements))
            self._drawn[self.last_job_id + 1] = parts
        return None

    def _purse(self, project: ProjectKey, at: datetime) -> Purse:
        if project not in self._purses:
            self._purses[project] = self.books.purse(project, at)
        return self._purses[project]

    def _over_limit(self, new: NewJobs) -> QuotaExceeded | None:
        limit, asked, user = new.max_pending_jobs, job_count(new), new.tenant.user
        used = self.pending_jobs[user]
        if limit is None or used + asked <= limit:
            return None
        return QuotaExceeded(
            said("user {user}", user=user), said("number of pending jobs"), limit, used, asked
        )

    def _accept(self, key: RequestKey, new: NewJobs) -> Taken:
        taken = Taken(new.fingerprint, self.last_job_id + 1, job_count(new))
        self.last_job_id += taken.job_count
        self.pending_jobs[new.tenant.user] += taken.job_count
        self.accepted[taken.first_job_id] = new
        if new.request_id:
            self.new[key] = taken
        return taken


def request_key(new: NewJobs) -> RequestKey:
    return new.tenant.user, new.request_id


def job_count(new: NewJobs) -> int:
    return len(new.array_indices) or 1


def jobs_of(new: NewJobs, first_job_id: int) -> tuple[Job, ...]:
    """Return the request's jobs: one, or an array's elements, which bear the first one's id.

    Their environment is stored beside them, and nobody is told it.
    """
    spec = replace(new.spec, environment={}) if new.spec.environment else new.spec
    specs = [replace(spec, dependency=one) for one in new.dependencies] or repeat(spec)
    places: Sequence[ArrayPlace | None] = [
        ArrayPlace(first_job_id, index, new.array_limit) for index in new.array_indices
    ] or [None]
    return tuple(
        _begun(new, job_id, one, place)
        for job_id, (place, one) in enumerate(zip(places, specs, strict=False), start=first_job_id)
    )


def _begun(new: NewJobs, job_id: int, spec: JobSpec, place: ArrayPlace | None) -> Job:
    """Return the job as it begins: for a cycle to look at, held, or waiting for other jobs."""
    job = Job(
        job_id=job_id,
        tenant=new.tenant,
        unix_account=new.unix_account,
        spec=spec,
        state=JobState.PENDING,
        submitted_at=new.submitted_at,
        array=place,
        reason=Reason.NOT_YET_CONSIDERED.value,
        changed_at=new.submitted_at,
    )
    if spec.dependency is not None:
        job = depending(job, spec.dependency, new.submitted_at)
    return held(job, new.submitted_at) if new.held else job
