"""One reader's stream, without a server."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scheduler.domain.jobs import Job, JobState
from scheduler.domain.tenants import User
from scheduler.errors import FellBehind
from scheduler.identity import Caller
from scheduler.use_cases.watcher import Watcher
from tests.build import a_job

CALLER = Caller(User("aigerim", "steppe", "main", "aigerim"), "universities")


async def shown_by(watcher: Watcher) -> list[tuple[int, JobState]]:
    return [(job.job_id, job.state) async for job in watcher.jobs()]


def ended(job: Job) -> Job:
    return replace(job, state=JobState.COMPLETED)


async def test_named_jobs_are_shown_until_all_are_terminal() -> None:
    watcher = Watcher(CALLER, (1, 2))
    watcher.begin((a_job(1), a_job(2)))
    watcher.offer(ended(a_job(2)))
    watcher.offer(ended(a_job(1)))

    assert await shown_by(watcher) == [
        (1, JobState.PENDING),
        (2, JobState.PENDING),
        (2, JobState.COMPLETED),
        (1, JobState.COMPLETED),
    ]


async def test_a_state_that_was_shown_is_not_shown_again() -> None:
    watcher = Watcher(CALLER, (1,))
    watcher.begin((a_job(1),))
    watcher.offer(a_job(1))
    watcher.offer(replace(a_job(1), detail="2 of 4 free"))
    watcher.offer(ended(a_job(1)))

    assert len(await shown_by(watcher)) == 3


async def test_a_reader_that_falls_behind_is_told_and_its_backlog_dropped() -> None:
    watcher = Watcher(CALLER, max_waiting=3)
    watcher.begin(tuple(map(a_job, range(1, 11))))
    for job_id in range(11, 20):
        watcher.offer(a_job(job_id))

    jobs = watcher.jobs()
    assert [(await anext(jobs)).job_id for _ in range(10)] == list(range(1, 11))
    with pytest.raises(FellBehind, match="more than 3"):
        await anext(jobs)
