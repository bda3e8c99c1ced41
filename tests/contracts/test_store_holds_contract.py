"""What every store promises of holds: no cycle sees the job, and its clock stands still."""

from __future__ import annotations

from datetime import timedelta

import pytest

from scheduler.domain.decisions import Start
from scheduler.domain.jobs import JobState
from scheduler.domain.reasons import Reason
from scheduler.errors import NotFound, QuotaExceeded
from scheduler.ports import Store
from tests.build import a_placement, a_wait, at
from tests.store.build import a_new, add, decide, move, start


def test_a_held_job_leaves_the_queue_and_says_why(store: Store) -> None:
    held, other = add(store), add(store)
    before = store.last_event_id()
    answer = store.hold(held.job_id, at(100))

    assert (answer.state, answer.reason) == (JobState.PENDING, Reason.HELD_BY_USER)
    assert store.job(held.job_id).held_at == at(100)
    assert [job.job_id for job in store.pending()] == [other.job_id]
    changes = store.live_changes(before)
    assert (changes.pending, changes.gone) == ((), (held.job_id,))
    (event,) = store.events(before, 10)
    assert (event.reason, event.at) == (Reason.HELD_BY_USER, at(100))


def test_a_released_job_has_waited_as_long_as_before_its_hold(store: Store) -> None:
    job = add(store)
    store.hold(job.job_id, at(100))
    before = store.last_event_id()
    answer = store.release(job.job_id, at(400))

    assert (answer.held_at, answer.reason) == (None, Reason.NOT_YET_CONSIDERED)
    (waiting,) = store.pending()
    assert waiting.submitted_at == job.submitted_at + timedelta(seconds=300)
    assert waiting.recalled_at is None
    assert store.live_changes(before).pending == (waiting,)


def test_a_release_by_a_clock_that_is_behind_makes_nobody_older(store: Store) -> None:
    job = add(store)
    store.hold(job.job_id, at(100))
    store.release(job.job_id, at(99))

    (waiting,) = store.pending()
    assert waiting.submitted_at == job.submitted_at


def test_holds_and_releases_may_be_repeated(store: Store) -> None:
    job = add(store)
    once = store.hold(job.job_id, at(100))
    again = store.hold(job.job_id, at(200))
    free = store.release(job.job_id, at(300))

    assert again.held_at == once.held_at == at(100)
    assert store.release(job.job_id, at(400)).waits_since == free.waits_since


def test_a_cycle_that_had_seen_the_job_neither_starts_it_nor_tells_it_anything(
    store: Store,
) -> None:
    first, second = add(store), add(store)
    for job in (first, second):
        store.hold(job.job_id, at(1))
    decide(store, Start(first.job_id, a_placement()), a_wait(second.job_id), taken_at=at(2))

    held = [store.job(job.job_id) for job in (first, second)]
    assert [(job.state, job.reason) for job in held] == [
        (JobState.PENDING, Reason.HELD_BY_USER)
    ] * 2


def test_a_job_that_was_admitted_is_not_held(store: Store) -> None:
    job = start(store, add(store))
    answer = store.hold(job.job_id, at(20))

    assert answer == store.job(job.job_id)
    assert (answer.state, answer.held_at) == (JobState.SUBMITTING, None)
    move(store, job, JobState.SUBMITTED)
    assert [one.job_id for one in store.holding()] == [job.job_id]


def test_a_held_job_may_be_cancelled(store: Store) -> None:
    job = add(store)
    store.hold(job.job_id, at(1))

    assert store.request_cancel(job.job_id, at(2)).state is JobState.CANCELLED
    assert store.release(job.job_id, at(3)).state is JobState.CANCELLED


def test_held_jobs_count_as_pending(store: Store) -> None:
    job = add(store, a_new(max_pending=1))
    store.hold(job.job_id, at(1))
    (refusal,) = store.add_jobs([a_new(max_pending=1)])

    assert isinstance(refusal, QuotaExceeded)
    (counted,) = store.counts()
    assert (counted.reason, counted.jobs) == (Reason.HELD_BY_USER, 1)


def test_a_job_that_is_not_there_is_not_found(store: Store) -> None:
    for wish in (store.hold, store.release):
        with pytest.raises(NotFound):
            wish(7, at(1))
