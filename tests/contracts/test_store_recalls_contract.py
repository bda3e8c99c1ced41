"""What every store promises of recalls: told once, charged once, and waiting anew."""

from __future__ import annotations

from dataclasses import replace

from scheduler.domain.jobs import Job, JobState
from scheduler.domain.reasons import Reason
from scheduler.domain.records import Transition
from scheduler.ports import Store
from tests.build import NOON, a_spec, at
from tests.store.build import a_new, add, move, recall, start

RECALLABLE = a_new(spec=replace(a_spec(), recallable=True))


def running(store: Store, *, recallable: bool = True) -> Job:
    job = start(store, add(store, RECALLABLE if recallable else a_new()))
    move(store, job, JobState.RUNNING, 100)
    return store.job(job.job_id)


def test_a_job_says_whether_it_may_be_recalled(store: Store) -> None:
    job, other = running(store), running(store, recallable=False)

    assert [held.recallable for held in store.holding()] == [True, False]
    assert [store.job(one.job_id).spec.recallable for one in (job, other)] == [True, False]
    assert store.holding()[0].request == job.spec.request


def test_a_recall_is_told_to_the_job_and_to_whoever_watches_it(store: Store) -> None:
    job = running(store)
    before = store.last_event_id()
    recall(store, job)

    (told,) = store.recalled()
    assert (told.job_id, told.recall_requested_at, told.recalled_for) == (
        *(job.job_id, at(500), "beta"),
    )
    assert told.spec.script
    assert store.holding()[0].recall_requested_at == at(500)
    (event,) = store.events(before, 9)
    assert (event.state, event.at) == (JobState.RUNNING, at(500))
    assert "recalled for beta" in event.detail


def test_a_second_recall_changes_nothing(store: Store) -> None:
    job = running(store)
    recall(store, job)
    recall(store, job, 600)

    assert store.job(job.job_id).recall_requested_at == at(500)


def test_only_running_jobs_that_allow_it_and_are_wanted_are_recalled(store: Store) -> None:
    settled, submitting = running(store, recallable=False), start(store, add(store, RECALLABLE))
    wished = running(store)
    store.request_cancel(wished.job_id, at(200))
    for job in (settled, submitting, wished):
        recall(store, job)

    assert store.recalled() == ()


def test_a_recalled_job_is_charged_and_waits_anew(store: Store) -> None:
    job = running(store)
    recall(store, job)
    store.apply([Transition(job.job_id, JobState.PENDING, at(610), ended_at=at(600))])
    back = store.job(job.job_id)

    assert (back.state, back.placement, back.slurm_id) == (JobState.PENDING, None, 0)
    assert (back.recalls, back.recalled_for, back.recall_requested_at) == (1, "beta", None)
    assert (back.submitted_at, back.waits_since) == (NOON, at(510))
    assert (back.reason, back.detail) == (
        *(Reason.NOT_YET_CONSIDERED, "recalled for beta, waits again"),
    )
    assert [bucket.gpu_seconds for bucket in store.usage(NOON)] == [500 * 2]


def test_the_clock_of_a_wait_stands_still_while_a_recalled_job_runs(store: Store) -> None:
    """It waited 100 s and ran 510 s; then it waited 90 s and ran 300 s."""
    job, later = running(store), add(store, replace(RECALLABLE, submitted_at=at(300)))
    assert store.holding()[0].waits_since == NOON
    recall(store, job)
    move(store, job, JobState.PENDING, 610)
    waiting = store.pending()
    assert [one.job_id for one in waiting] == [later.job_id, job.job_id]
    assert (waiting[1].submitted_at, waiting[1].recalled_at) == (at(510), at(610))

    again = start(store, store.job(job.job_id), seconds=690)
    move(store, again, JobState.RUNNING, 700)
    assert store.holding()[0].wait_s == 100 + 90
    recall(store, again, 900)
    move(store, again, JobState.PENDING, 1000)
    assert store.pending()[1].submitted_at == at(1000 - 190)


def test_the_next_run_of_a_recalled_job_is_another_attempt_with_a_clean_sheet(
    store: Store,
) -> None:
    job = running(store)
    recall(store, job)
    move(store, job, JobState.PENDING, 610)
    again = start(store, store.job(job.job_id), seconds=700)
    move(store, again, JobState.RUNNING, 710)

    assert again.attempt == job.attempt + 1
    assert store.recalled() == ()
    assert (store.job(job.job_id).detail, store.job(job.job_id).recalls) == ("", 1)


def test_a_recalled_job_that_is_not_wanted_any_more_is_cancelled(store: Store) -> None:
    job = running(store)
    recall(store, job)
    store.request_cancel(job.job_id, at(550))
    move(store, job, JobState.PENDING, 610)

    assert store.job(job.job_id).state is JobState.CANCELLED
