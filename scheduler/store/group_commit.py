"""Many requests, one commit: what makes a durable answer cheap enough for each of them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from scheduler.domain.jobs import Job
from scheduler.domain.records import NewJobs
from scheduler.errors import StoreUnavailable, TendikError
from scheduler.ports import JobStore
from scheduler.store.intake import job_count

Answer = asyncio.Future[tuple[Job, ...]]
Answers = asyncio.Future[list[tuple[Job, ...] | TendikError]]

# Beyond this a caller's deadline passes before its turn comes; say so at once instead.
MAX_WAITING = 10_000
# One commit's share of the database's writing time, so that others get theirs in between.
MAX_BATCH_JOBS = 1_000


class GroupCommit:
    """Fulfils `JobWriter`: while one commit is under way, requests gather for the next.

    Belongs to the event loop that calls it; only the commit itself runs in a thread of its own.
    """

    def __init__(self, store: JobStore, max_waiting: int = MAX_WAITING) -> None:
        self._store = store
        self._max_waiting = max_waiting
        self._waiting: deque[tuple[NewJobs, Answer]] = deque()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="group-commit")
        self._commits = False
        self._closed = False
        self._idle = asyncio.Event()
        self._idle.set()

    async def add(self, new: NewJobs) -> tuple[Job, ...]:
        """Return once the jobs are durable.

        A caller that is cancelled while it waits gets no answer, but its jobs may be stored:
        repeating the request_id tells. Raises RequestIdReused, QuotaExceeded, StoreUnavailable.
        """
        if self._closed:
            raise StoreUnavailable("the store takes no more requests: the service is stopping")
        if len(self._waiting) >= self._max_waiting:
            raise StoreUnavailable(
                f"overloaded: {self._max_waiting} requests wait to be stored; try again later"
            )
        answer: Answer = asyncio.get_running_loop().create_future()
        self._waiting.append((new, answer))
        if not self._commits:
            self._commit()
        return await answer

    async def close(self) -> None:
        """Take no more requests, and return when all that were taken are answered."""
        self._closed = True
        await self._idle.wait()
        self._thread.shutdown()

    def _commit(self) -> None:
        """Begin to store what waits; there is at most one commit at a time."""
        batch = self._next_batch()
        self._commits = bool(batch)
        if not batch:
            self._idle.set()
            return
        self._idle.clear()
        requests, callers = zip(*batch, strict=True)
        work = partial(self._store.add_jobs, requests)
        commit = asyncio.get_running_loop().run_in_executor(self._thread, work)
        commit.add_done_callback(partial(self._deliver, callers))

    def _next_batch(self) -> list[tuple[NewJobs, Answer]]:
        batch: list[tuple[NewJobs, Answer]] = []
        jobs = 0
        while self._waiting and jobs < MAX_BATCH_JOBS:
            batch.append(self._waiting.popleft())
            jobs += job_count(batch[-1][0])
        return batch

    def _deliver(self, callers: Sequence[Answer], commit: Answers) -> None:
        # The next commit begins first: it runs while this one's callers go on.
        self._commit()
        failure = commit.exception()
        results = [failure] * len(callers) if failure else commit.result()
        for caller, result in zip(callers, results, strict=True):
            if caller.done():  # cancelled while it waited
                continue
            if isinstance(result, BaseException):
                caller.set_exception(result)
            else:
                caller.set_result(result)
