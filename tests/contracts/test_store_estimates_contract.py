"""What every store promises of estimated starts: the newest is kept while the job waits."""

from __future__ import annotations

from datetime import datetime

import pytest

from scheduler.domain.estimates import StartEstimate
from scheduler.domain.jobs import JobState
from scheduler.errors import NotLeading
from scheduler.ports import Store
from tests.build import at
from tests.store.build import add, move, start


def an_estimate(job_id: int, p50: datetime) -> StartEstimate:
    return StartEstimate(job_id, at(10), p50, at(7200))


def test_the_newest_estimate_is_kept_and_is_no_event(store: Store) -> None:
    job, other = add(store), add(store)
    before = store.last_event_id()
    store.keep_estimates([an_estimate(job.job_id, at(60)), an_estimate(999, at(60))])
    store.keep_estimates([an_estimate(job.job_id, at(90))])

    assert store.job(job.job_id).estimate == an_estimate(job.job_id, at(90))
    assert store.job(other.job_id).estimate is None
    assert store.last_event_id() == before


def test_a_job_that_has_started_keeps_what_it_was_told_and_is_told_nothing_more(
    store: Store,
) -> None:
    job = add(store)
    told = an_estimate(job.job_id, at(60))
    store.keep_estimates([told])
    start(store, job)
    store.keep_estimates([an_estimate(job.job_id, at(90))])
    move(store, job, JobState.RUNNING)

    assert store.job(job.job_id).estimate == told


def test_a_hold_takes_the_estimate_back(store: Store) -> None:
    job = add(store)
    store.keep_estimates([an_estimate(job.job_id, at(60))])
    store.hold(job.job_id, at(20))
    assert store.job(job.job_id).estimate is None

    store.keep_estimates([an_estimate(job.job_id, at(60))])
    assert store.job(job.job_id).estimate is None


def test_who_leads_no_more_tells_nobody(store: Store) -> None:
    job = add(store)
    epoch = store.take_lease("first", 0.0)
    store.take_lease("second", 60.0)

    with pytest.raises(NotLeading):
        store.keep_estimates([an_estimate(job.job_id, at(60))], epoch or 0)
    assert store.job(job.job_id).estimate is None
