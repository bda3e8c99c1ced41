"""Many requests, one commit: what makes a durable answer cheap enough for each of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from scheduler.domain.jobs import Job
from scheduler.domain.records import NewJobs
from scheduler.errors import StoreUnavailable, TendikError
from scheduler.ports import JobStore
from scheduler.store.answers import Answer, Answers
from scheduler.store.waiting_room import BOUNDS, Batch, Bounds, WaitingRoom
from scheduler.texts import said

Results = Sequence[tuple[Job, ...] | BaseException]

# Callers who came in a crowd come again: a commit that waits for them serves several times as
# many, and each costs half as much. The wait is well below what a person notices; one who calls
# alone never waits.
CROWD_REQUESTS = 4
GATHER_S = 0.004


class GroupCommit:
    """Fulfils `JobWriter`: while one commit is under way, requests gather for the next.

    Belongs to the event loop that calls it; only the commits run, in a thread of their own.
    """

    def __init__(self, store: JobStore, bounds: Bounds = BOUNDS) -> None:
        self._store = store
        # Filled by the event loop, and emptied by the thread too.
        self._waiting = WaitingRoom(bounds)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="group-commit")
        self._runs = False
        self._closed = False
        self._idle = asyncio.Event()
        self._idle.set()

    async def add(self, new: NewJobs) -> tuple[Job, ...]:
        """Return once the jobs are durable.

        A caller that is cancelled while it waits gets no answer, but its jobs may be stored:
        repeating the request_id tells. Raises Overloaded at once, RequestIdReused, QuotaExceeded,
        StoreUnavailable.
        """
        answer: asyncio.Future[tuple[Job, ...]] = asyncio.get_running_loop().create_future()
        self._enter(new, answer)
        return await answer

    async def add_all(self, batch: Sequence[NewJobs]) -> list[tuple[Job, ...] | TendikError]:
        """Return what became of each request, in their order, once the last is durable.

        Each waits in its organisation's line as if it had come alone; only their answers are
        waited for at once, which costs a fraction. Raises whatever is not a TendikError.
        """
        if not batch:
            return []
        answers = Answers(len(batch))
        for new, answer in zip(batch, answers.slots, strict=True):
            try:
                self._enter(new, answer)
            except TendikError as refusal:
                answer.set_exception(refusal)
        return await answers.all

    async def close(self) -> None:
        """Take no more requests, and return when all that were taken are answered."""
        self._closed = True
        await self._idle.wait()
        self._thread.shutdown()

    def _enter(self, new: NewJobs, answer: Answer) -> None:
        if self._closed:
            raise StoreUnavailable(
                said("the store takes no more requests: the service is stopping")
            )
        self._waiting.enter(new, answer)
        if not self._runs:
            self._begin()

    def _begin(self) -> None:
        """Begin a run of commits with what waits; there is at most one run at a time."""
        self._runs = True
        self._idle.clear()
        loop = asyncio.get_running_loop()
        run = loop.run_in_executor(self._thread, self._run, loop, self._waiting.next_batch())
        run.add_done_callback(self._end)

    def _run(self, loop: asyncio.AbstractEventLoop, batch: Batch) -> None:
        """Commit, in the thread, for as long as crowds come.

        The event loop is busy with one commit's callers just when the next should begin, so the
        thread takes the next batch by itself.
        """
        while batch:
            results = self._results(batch)
            loop.call_soon_threadsafe(_deliver, batch, results)
            if len(batch) < CROWD_REQUESTS or self._closed:
                break
            time.sleep(GATHER_S)
            batch = self._waiting.next_batch()

    def _results(self, batch: Batch) -> Results:
        """Store the batch; every request of it gets a result, if only the failure of all."""
        try:
            return self._store.add_jobs([new for new, _ in batch])
        except Exception as failure:
            return [failure] * len(batch)

    def _end(self, run: asyncio.Future[None]) -> None:
        run.result()
        if self._waiting:
            self._begin()
        else:
            self._runs = False
            self._idle.set()


def _deliver(batch: Batch, results: Results) -> None:
    for (_, caller), result in zip(batch, results, strict=True):
        if caller.done():  # cancelled while it waited
            continue
        if isinstance(result, BaseException):
            caller.set_exception(result)
        else:
            caller.set_result(result)
