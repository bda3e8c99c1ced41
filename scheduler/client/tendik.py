"""The client that waits for each answer."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, Unpack

from scheduler.client import following, looking, submitting
from scheduler.client.answers import Advice, Why
from scheduler.client.driver import Driver
from scheduler.client.jobs import Job
from scheduler.client.login import Login, context_of, language_for
from scheduler.client.looking import Filter
from scheduler.client.shares import Pool, Share
from scheduler.client.submitting import Hypothetical, Submission


def connect(**login: Unpack[Login]) -> Tendik:
    """Connect with the login that holds for the command line too, or with the one given.

    Nothing is sent yet. Raises WrongUse, NotFound or NotPermitted where there is no such login.
    """
    return Tendik(Driver(context_of(login), time.sleep, language_for(login)))


class Tendik:
    """One connection to the service as one user; threads may share it.

    A script is a file's path or, when it begins with #! or has several lines, the script itself. A
    job is named by its number or by a `Job`. Every method raises TendikError.
    """

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the connection; jobs go on."""
        self._driver.close()

    def submit(self, script: str | Path, **options: Unpack[Submission]) -> Job:
        """Submit one job, once and only once. Raises WrongUse for an array: see submit_array."""
        return self._driver.run(submitting.submitted(script, options))

    def submit_array(self, script: str | Path, **options: Unpack[Submission]) -> tuple[Job, ...]:
        """Submit an array and return its elements by index; a single job is an array of one."""
        return self._driver.run(submitting.submitted_array(script, options))

    def advise(self, script: str | Path, **options: Unpack[Hypothetical]) -> Advice:
        """Say what would become of the script now, and submit nothing."""
        return self._driver.run(submitting.advised(script, options))

    def job(self, job: int | Job) -> Job:
        """Return the job as it is now. Raises NotFound."""
        return self._driver.run(looking.found(job))

    def jobs(self, **wanted: Unpack[Filter]) -> Iterator[Job]:
        """Yield jobs, newest first: your own, or those that the filter names."""
        return self._driver.each(looking.listed(wanted))

    def cancel(self, job: int | Job) -> Job:
        """Ask for the job's end; one that waits is cancelled at once."""
        return self._driver.run(looking.cancelled(job))

    def requeue(self, job: int | Job) -> Job:
        """Let a running job end and wait again, under its number. Raises Conflict without a run."""
        return self._driver.run(looking.requeued(job))

    def hold(self, job: int | Job) -> Job:
        """Keep a pending job from starting; one that was admitted already goes on as it is."""
        return self._driver.run(looking.held(job))

    def release(self, job: int | Job) -> Job:
        """Let a held job wait for its turn again."""
        return self._driver.run(looking.released(job))

    def why(self, job: int | Job) -> Why:
        """Say what is in the job's way, who goes first, and what would start it."""
        return self._driver.run(looking.explained(job))

    def wait(self, job: int | Job, timeout_s: float | None = None) -> Job:
        """Return the job once it has ended, however it ended. Raises WaitTimedOut."""
        return self.wait_all((job,), timeout_s)[0]

    def wait_all(
        self, jobs: Sequence[int | Job], timeout_s: float | None = None
    ) -> tuple[Job, ...]:
        """Return the jobs, in their order, once all have ended. Raises WaitTimedOut."""
        return self._driver.run(following.waited_for(jobs, timeout_s))

    def watch(self, *jobs: int | Job) -> Iterator[Job]:
        """Yield each job's present state, then each change, until all of them have ended.

        Of no jobs: your live ones and new ones as they come, without end.
        """
        return self._driver.each(following.watched(jobs))

    def shares(self) -> tuple[Share, ...]:
        """Return every organisation's account in each pool."""
        return self._driver.run(looking.shares())

    def pools(self) -> tuple[Pool, ...]:
        """Return the pools with what is held and free in each."""
        return self._driver.run(looking.pools())
