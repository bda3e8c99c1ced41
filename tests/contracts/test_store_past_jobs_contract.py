"""What every store promises of past jobs: those not ended by then, oldest first, in pages."""

from __future__ import annotations

from datetime import datetime, timedelta

from scheduler.domain.jobs import JobState
from scheduler.domain.past_jobs import PastJobQuery
from scheduler.ports import Store
from tests.build import NOON
from tests.store.build import add, move, start

DAY = timedelta(days=1)


def test_past_jobs_are_those_that_had_not_ended_by_then(store: Store) -> None:
    ended, waiting = add(store), add(store)
    start(store, ended)
    move(store, ended, JobState.RUNNING)
    move(store, ended, JobState.COMPLETED)
    at = store.job(ended.job_id).ended_at
    assert at is not None

    def ids(since: datetime) -> list[int]:
        query = PastJobQuery(since, 0, 10)
        return [job.job_id for job in store.past_jobs(query)]

    assert ids(NOON - DAY) == [ended.job_id, waiting.job_id]
    assert ids(at) == [ended.job_id, waiting.job_id]
    assert ids(at + timedelta(seconds=1)) == [waiting.job_id]


def test_past_jobs_come_in_pages_and_without_scripts(store: Store) -> None:
    jobs = [add(store) for _ in range(3)]

    page = store.past_jobs(PastJobQuery(NOON - DAY, jobs[0].job_id, 1))

    assert [job.job_id for job in page] == [jobs[1].job_id]
    assert page[0].spec.script == ""
    assert store.past_jobs(PastJobQuery(NOON - DAY, jobs[2].job_id, 1)) == ()
    assert store.past_jobs(PastJobQuery(NOON - DAY, 2**70, 1)) == ()
