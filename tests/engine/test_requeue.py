"""A running job whose user wants it requeued ends, is charged, and runs again under its number."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scheduler.domain.jobs import JobState
from tests.engine.rig import Rig, a_rig


@pytest.fixture
def rig() -> Iterator[Rig]:
    with a_rig() as made:
        yield made


def running(rig: Rig, sleep_s: int = 60) -> int:
    job_id = rig.submit("alpha", gpus=8, sleep_s=sleep_s)
    rig.ticks(10)
    assert rig.states(job_id) == ["running"]
    return job_id


def requeue(rig: Rig, job_id: int) -> None:
    rig.store.request_requeue(job_id, rig.clock.now())


def test_it_runs_again_under_its_number_to_its_end(rig: Rig) -> None:
    job_id = running(rig)
    first = rig.store.job(job_id)
    requeue(rig, job_id)
    rig.ticks(20)
    again = rig.store.job(job_id)
    rig.ticks(80)
    ended = rig.store.job(job_id)

    assert again.state is JobState.RUNNING
    assert again.attempt == first.attempt + 1
    assert again.started_at is not None
    assert first.started_at is not None
    assert again.started_at > first.started_at
    assert (ended.state, ended.requeue_requested_at, ended.recalls) == (
        JobState.COMPLETED,
        None,
        0,
    )


def test_both_runs_are_charged(rig: Rig) -> None:
    job_id = running(rig, sleep_s=40)
    requeue(rig, job_id)
    rig.ticks(100)

    charged = sum(b.gpu_seconds for b in rig.store.usage(rig.clock.now().replace(year=2025)))
    assert rig.states(job_id) == ["completed"]
    assert 8 * 45 <= charged <= 8 * 55


def test_its_wait_begins_anew(rig: Rig) -> None:
    first, *_ = [rig.submit("alpha", gpus=8, sleep_s=9000) for _ in range(8)]
    rig.ticks(10)
    waiting = rig.submit("alpha", gpus=8, sleep_s=9000)
    rig.ticks(2)
    requeue(rig, first)
    rig.ticks(10)

    assert rig.states(first, waiting) == ["pending", "running"]
    assert not rig.store.job(first).has_been_recalled


def test_the_wish_ends_no_later_run(rig: Rig) -> None:
    job_id = running(rig)
    began = rig.store.job(job_id).started_at
    requeue(rig, job_id)
    rig.ticks(20)
    second = rig.store.job(job_id)
    rig.store.request_requeue(job_id, rig.clock.now(), began)
    rig.ticks(10)

    assert rig.store.job(job_id).started_at == second.started_at
    assert rig.store.job(job_id).requeue_requested_at is None


def test_a_run_that_ends_by_itself_first_keeps_its_outcome(rig: Rig) -> None:
    job_id = running(rig, sleep_s=20)
    rig.clock.advance(30)
    requeue(rig, job_id)
    rig.ticks(5)

    assert rig.states(job_id) == ["completed"]


def test_a_cancel_that_comes_later_wins(rig: Rig) -> None:
    job_id = running(rig)
    requeue(rig, job_id)
    rig.store.request_cancel(job_id, rig.clock.now())
    rig.ticks(10)

    assert rig.states(job_id) == ["cancelled"]


def test_a_cancelled_job_takes_no_such_wish(rig: Rig) -> None:
    job_id = running(rig)
    rig.store.request_cancel(job_id, rig.clock.now())
    requeue(rig, job_id)

    assert rig.store.job(job_id).requeue_requested_at is None


def test_only_what_runs_takes_the_wish(rig: Rig) -> None:
    job_id = rig.submit("alpha")
    requeue(rig, job_id)

    assert rig.store.job(job_id).requeue_requested_at is None


def test_watchers_are_told_of_the_wish_and_of_its_end(rig: Rig) -> None:
    job_id = running(rig)
    before = rig.store.last_event_id()
    requeue(rig, job_id)
    rig.ticks(5)

    told = [event.detail for event in rig.store.events(before, 99) if event.job_id == job_id]
    assert told[0] == "its user wants it requeued: it ends now, and waits again"
    assert told[1] == "requeued by its user, waits again"
