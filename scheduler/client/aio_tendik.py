"""The client for coroutines."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, Unpack

from scheduler.client import following, looking, submitting
from scheduler.client.aio_driver import AioDriver
from scheduler.client.answers import Advice, Why
from scheduler.client.jobs import Job
from scheduler.client.login import Login, context_of, language_for
from scheduler.client.looking import Filter
from scheduler.client.shares import Pool, Share
from scheduler.client.submitting import Hypothetical, Submission


def connect_async(**login: Unpack[Login]) -> AsyncTendik:
    """Connect as `connect` does; to be called where an event loop runs."""
    return AsyncTendik(AioDriver(context_of(login), asyncio.sleep, language_for(login)))


class AsyncTendik:
    """`Tendik` for coroutines: the same methods, which are awaited, or iterated over."""

    def __init__(self, driver: AioDriver) -> None:
        self._driver = driver

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End the connection; jobs go on."""
        await self._driver.close()

    async def submit(self, script: str | Path, **options: Unpack[Submission]) -> Job:
        """Submit one job, once and only once. Raises WrongUse for an array: see submit_array."""
        return await self._driver.run(submitting.submitted(script, options))

    async def submit_array(
        self, script: str | Path, **options: Unpack[Submission]
    ) -> tuple[Job, ...]:
        """Submit an array and return its elements by index; a single job is an array of one."""
        return await self._driver.run(submitting.submitted_array(script, options))

    async def advise(self, script: str | Path, **options: Unpack[Hypothetical]) -> Advice:
        """Say what would become of the script now, and submit nothing."""
        return await self._driver.run(submitting.advised(script, options))

    async def job(self, job: int | Job) -> Job:
        """Return the job as it is now. Raises NotFound."""
        return await self._driver.run(looking.found(job))

    def jobs(self, **wanted: Unpack[Filter]) -> AsyncIterator[Job]:
        """Yield jobs, newest first: your own, or those that the filter names."""
        return self._driver.each(looking.listed(wanted))

    async def cancel(self, job: int | Job) -> Job:
        """Ask for the job's end; one that waits is cancelled at once."""
        return await self._driver.run(looking.cancelled(job))

    async def requeue(self, job: int | Job) -> Job:
        """Let a running job end and wait again, under its number. Raises Conflict without a run."""
        return await self._driver.run(looking.requeued(job))

    async def hold(self, job: int | Job) -> Job:
        """Keep a pending job from starting; one that was admitted already goes on as it is."""
        return await self._driver.run(looking.held(job))

    async def release(self, job: int | Job) -> Job:
        """Let a held job wait for its turn again."""
        return await self._driver.run(looking.released(job))

    async def why(self, job: int | Job) -> Why:
        """Say what is in the job's way, who goes first, and what would start it."""
        return await self._driver.run(looking.explained(job))

    async def wait(self, job: int | Job, timeout_s: float | None = None) -> Job:
        """Return the job once it has ended, however it ended. Raises WaitTimedOut."""
        return (await self.wait_all((job,), timeout_s))[0]

    async def wait_all(
        self, jobs: Sequence[int | Job], timeout_s: float | None = None
    ) -> tuple[Job, ...]:
        """Return the jobs, in their order, once all have ended. Raises WaitTimedOut."""
        return await self._driver.run(following.waited_for(jobs, timeout_s))

    def watch(self, *jobs: int | Job) -> AsyncIterator[Job]:
        """Yield each job's present state, then each change, until all of them have ended.

        Of no jobs: your live ones and new ones as they come, without end.
        """
        return self._driver.each(following.watched(jobs))

    async def shares(self) -> tuple[Share, ...]:
        """Return every organisation's account in each pool."""
        return await self._driver.run(looking.shares())

    async def pools(self) -> tuple[Pool, ...]:
        """Return the pools with what is held and free in each."""
        return await self._driver.run(looking.pools())
