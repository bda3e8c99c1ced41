"""One reader of job changes: what it wants, what waits for it, and when its stream ends."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Collection

from scheduler.domain.jobs import TERMINAL, Job
from scheduler.domain.records import JobEvent
from scheduler.errors import FellBehind
from scheduler.identity import Caller
from scheduler.texts import said

MAX_WAITING_JOBS = 1000
# Beyond these the oldest is forgotten: its last state may then be handed once more.
MAX_REMEMBERED_JOBS = 10_000


class Watcher:
    """Hands jobs to one reader, newest state last, and leaves out what it has seen.

    With `job_ids` it watches these and ends by itself when all are terminal; without, it watches
    the caller's own jobs and ends only when it is told to.
    """

    def __init__(
        self, caller: Caller, job_ids: Collection[int] = (), max_waiting: int = MAX_WAITING_JOBS
    ) -> None:
        self.caller = caller
        self.job_ids = frozenset(job_ids)
        self._live = set(self.job_ids)
        self._max_waiting = max_waiting
        self._first: tuple[Job, ...] = ()
        self._waiting: deque[Job] = deque()
        self._shown: dict[int, tuple[object, ...]] = {}
        self._news = asyncio.Event()
        self._ended = False
        self._because: Exception | None = None

    def wants(self, event: JobEvent) -> bool:
        if self.job_ids:
            return event.job_id in self.job_ids
        return event.tenant.user == self.caller.user.name

    def begin(self, jobs: tuple[Job, ...]) -> None:
        """Take the present state; it may be larger than what may wait later."""
        self._first = tuple(job for job in jobs if self._is_news(job))
        self._news.set()

    def offer(self, job: Job) -> None:
        """Queue a change; a reader that left too many unread is ended with FellBehind."""
        if len(self._waiting) >= self._max_waiting:
            self._waiting.clear()
            self.end(
                FellBehind(
                    said("more than {most} changes wait; watch fewer jobs", most=self._max_waiting)
                )
            )
        elif not self._ended and self._is_news(job):
            self._waiting.append(job)
            self._news.set()

    def end(self, because: Exception | None = None) -> None:
        """End the stream after what waits; with an exception, by raising it."""
        if not self._ended:
            self._ended, self._because = True, because
            self._news.set()

    async def jobs(self) -> AsyncIterator[Job]:
        """Yield jobs until the stream ends."""
        while True:
            await self._news.wait()
            self._news.clear()
            first, self._first = self._first, ()
            for job in first:
                yield job
            while self._waiting:
                yield self._waiting.popleft()
            if self._ended:
                break
        if self._because is not None:
            raise self._because

    def _is_news(self, job: Job) -> bool:
        wishes = (job.cancel_requested_at, job.requeue_requested_at)
        state = (job.state, job.reason, job.detail, job.slurm_id, *wishes)
        news = self._shown.get(job.job_id) != state
        self._shown[job.job_id] = state
        if len(self._shown) > MAX_REMEMBERED_JOBS:
            del self._shown[next(iter(self._shown))]
        if job.state in TERMINAL and self.job_ids:
            self._over(job.job_id)
        return news

    def _over(self, job_id: int) -> None:
        self._live.discard(job_id)
        if not self._live:
            self.end()
