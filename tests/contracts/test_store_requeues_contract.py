"""What every store promises of requeues: for one run, charged once, and waiting anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from scheduler.domain.jobs import Job, JobState
from scheduler.domain.reasons import Reason
from scheduler.domain.records import Transition
from scheduler.errors import NotFound
from scheduler.ports import Store
from tests.build import NOON, a_spec, at
from tests.store.build import a_new, add, move, recall, start

RECALLABLE = a_new(spec=replace(a_spec(), recallable=True))


def running(store: Store) -> Job:
    job = start(store, add(store, RECALLABLE))
    move(store, job, JobState.RUNNING, 100)
    return store.job(job.job_id)


def requeued(store: Store) -> Job:
    job = running(store)
    store.request_requeue(job.job_id, at(500))
    store.apply([Transition(job.job_id, JobState.PENDING, at(610), ended_at=at(600))])
    return store.job(job.job_id)


def test_a_wish_is_kept_and_told_to_whoever_watches(store: Store) -> None:
    job = running(store)
    before = store.last_event_id()
    wished = store.request_requeue(job.job_id, at(500), job.started_at)

    assert (wished.state, wished.requeue_requested_at) == (JobState.RUNNING, at(500))
    assert store.job(job.job_id).requeue_requested_at == at(500)
    assert [held.requeue_requested for held in store.holding()] == [True]
    assert [held.requeue_requested for held in store.live_changes(before).holding] == [True]
    (event,) = store.events(before, 9)
    assert (event.state, event.at) == (JobState.RUNNING, at(500))
    assert event.detail == "its user wants it requeued: it ends now, and waits again"


def test_asking_twice_changes_nothing(store: Store) -> None:
    job = running(store)
    store.request_requeue(job.job_id, at(500))
    before = store.last_event_id()

    assert store.request_requeue(job.job_id, at(600)).requeue_requested_at == at(500)
    assert store.last_event_id() == before


def test_its_run_is_charged_and_it_waits_anew_under_its_own_number(store: Store) -> None:
    back = requeued(store)

    assert (back.state, back.placement, back.slurm_id) == (JobState.PENDING, None, 0)
    assert (back.requeue_requested_at, back.requeues, back.attempt) == (None, 1, 1)
    assert (back.recalls, back.recalled_for) == (0, "")
    assert (back.reason, back.detail) == (
        Reason.NOT_YET_CONSIDERED,
        "requeued by its user, waits again",
    )
    assert (back.submitted_at, back.waits_since) == (NOON, at(610))
    (waiting,) = store.pending()
    assert (waiting.submitted_at, waiting.recalled_at) == (at(610), None)
    assert [bucket.gpu_seconds for bucket in store.usage(NOON)] == [500 * 2]


def test_the_next_run_is_another_attempt_that_no_old_wish_ends(store: Store) -> None:
    back = requeued(store)
    again = start(store, back, seconds=700)
    move(store, again, JobState.RUNNING, 710)

    assert again.attempt == back.attempt + 1
    assert [held.requeue_requested for held in store.holding()] == [False]
    assert (store.job(back.job_id).detail, store.job(back.job_id).requeues) == ("", 1)
    for began in (at(100), at(709)):
        assert store.request_requeue(again.job_id, at(720), began).requeue_requested_at is None


@pytest.mark.parametrize("to", [JobState.COMPLETED, JobState.SUBMITTED, JobState.LOST])
def test_the_wish_goes_with_its_run_however_that_ends(store: Store, to: JobState) -> None:
    job = running(store)
    store.request_requeue(job.job_id, at(500))
    if to is JobState.LOST:
        move(store, job, JobState.SETTLING, 505)
        assert store.job(job.job_id).requeue_requested_at == at(500)
        assert store.request_requeue(job.job_id, at(506)).requeue_requested_at == at(500)
    move(store, job, to, 510)

    ended = store.job(job.job_id)
    assert (ended.state, ended.requeue_requested_at, ended.requeues) == (to, None, 0)


def test_a_cancel_afterwards_wins(store: Store) -> None:
    job = running(store)
    store.request_requeue(job.job_id, at(500))
    store.request_cancel(job.job_id, at(550))
    move(store, job, JobState.PENDING, 610)

    assert store.job(job.job_id).state is JobState.CANCELLED


def test_a_run_that_is_to_end_anyway_is_not_recalled(store: Store) -> None:
    job = running(store)
    store.request_requeue(job.job_id, at(400))
    recall(store, job)

    assert store.recalled() == ()


def submitting(store: Store) -> Job:
    return start(store, add(store))


def settling(store: Store) -> Job:
    job = running(store)
    move(store, job, JobState.SETTLING, 110)
    return job


def ended(store: Store) -> Job:
    job = running(store)
    move(store, job, JobState.COMPLETED, 110)
    return job


def cancelled(store: Store) -> Job:
    return store.request_cancel(running(store).job_id, at(110))


def held(store: Store) -> Job:
    return store.hold(add(store).job_id, at(1))


@pytest.mark.parametrize("made", [add, held, submitting, settling, cancelled, ended])
def test_who_does_not_run_or_is_cancelled_takes_no_wish(
    store: Store, made: Callable[[Store], Job]
) -> None:
    job = made(store)
    before = store.job(job.job_id)

    assert store.request_requeue(job.job_id, at(900)) == before
    assert store.job(job.job_id) == before


def test_who_is_not_there_is_not_requeued(store: Store) -> None:
    with pytest.raises(NotFound):
        store.request_requeue(77, at(1))
