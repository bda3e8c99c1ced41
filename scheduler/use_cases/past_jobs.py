"""The jobs of the past, for simulations of what another policy would have done."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from scheduler.domain.past_jobs import PastJob, PastJobQuery, past_job_of
from scheduler.identity import Caller
from scheduler.ports import Store
from scheduler.use_cases.permissions import Act, demand

MAX_PAGE_JOBS = 2000
DEFAULT_PAGE_JOBS = 1000
EVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PastPage:
    """Some past jobs, oldest first; `next_after_job_id` is 0 on the last page.

    `history_began_at` is when the first of all jobs was submitted; None: there is none.
    """

    jobs: tuple[PastJob, ...]
    next_after_job_id: int
    history_began_at: datetime | None


class PastJobs:
    """Reads what became of everybody's jobs. It blocks and may raise StoreUnavailable."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def page(self, caller: Caller, query: PastJobQuery) -> PastPage:
        """Return the first jobs that waited or ran from then on.

        It tells of everybody's jobs, so it is for those who may propose a policy. Raises
        NotPermitted.
        """
        demand(caller, Act.PROPOSE_POLICIES)
        limit = min(query.limit or DEFAULT_PAGE_JOBS, MAX_PAGE_JOBS)
        found = self._store.past_jobs(replace(query, limit=limit + 1))
        first = self._store.past_jobs(PastJobQuery(EVER, 0, 1))
        shown = found[:limit]
        return PastPage(
            tuple(past for job in shown if (past := past_job_of(job)) is not None),
            shown[-1].job_id if len(found) > limit else 0,
            first[0].submitted_at if first else None,
        )
