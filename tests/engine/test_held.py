"""Jobs that Slurm holds until it is sure that it will not forget them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scheduler.domain.cluster import Asked, BackendState
from scheduler.domain.resources import Amount
from tests.engine.rig import Rig, a_rig


@pytest.fixture
def rig() -> Iterator[Rig]:
    with a_rig(confirm_after_s=10) as made:
        yield made


def seen(rig: Rig) -> list[BackendState]:
    return [job.state for job in rig.backend.read(()).jobs]


def test_a_job_is_held_until_it_was_seen_long_enough_after_its_submission(rig: Rig) -> None:
    job_id = rig.submit("alpha", gpus=8, sleep_s=30)
    rig.ticks(10)
    assert (rig.states(job_id), seen(rig)) == (["held"], [BackendState.HELD])
    rig.ticks(1)
    assert (rig.states(job_id), seen(rig)) == (["releasing"], [BackendState.RUNNING])
    rig.ticks(40)

    assert [job.state.value for job in rig.told.moved] == [
        "held", "releasing", "running", "completed",
    ]  # fmt: skip


def test_a_held_job_is_charged(rig: Rig) -> None:
    held = [rig.submit("alpha", gpus=8) for _ in range(8)]
    rig.ticks(1)
    late = rig.submit("beta", gpus=1)
    rig.ticks(2)

    assert rig.states(*held, late) == ["held"] * 8 + ["pending"]


def test_a_held_job_that_slurm_forgot_is_submitted_again_and_runs_once(rig: Rig) -> None:
    job_id = rig.submit("alpha", gpus=8, sleep_s=300)
    rig.ticks(3)
    rig.backend.lose_job(rig.store.job(job_id).slurm_id)
    rig.ticks(1)
    assert rig.states(job_id) == ["submitting"]
    rig.ticks(40)

    assert (rig.states(job_id), seen(rig)) == (["running"], [BackendState.RUNNING])
    assert rig.store.job(job_id).attempt == 1


def test_a_lost_answer_is_found_held_and_released(rig: Rig) -> None:
    rig.backend.lose_answers(1)
    job_id = rig.submit("alpha", gpus=8, sleep_s=300)
    rig.ticks(2)
    assert rig.states(job_id) == ["held"]
    rig.ticks(12)

    assert (rig.states(job_id), seen(rig)) == (["running"], [BackendState.RUNNING])


def test_a_job_that_was_cancelled_while_it_was_held_never_starts(rig: Rig) -> None:
    job_id = rig.submit("alpha", gpus=8, sleep_s=300)
    rig.ticks(5)
    rig.store.request_cancel(job_id, rig.clock.now())
    rig.ticks(20)

    assert rig.states(job_id) == ["cancelled"]
    assert rig.store.job(job_id).started_at is None


def test_a_held_job_that_its_user_changed_never_starts_and_says_why(rig: Rig) -> None:
    job_id = rig.submit("alpha", gpus=8, sleep_s=300)
    rig.ticks(2)
    asked = Asked(Amount(8), rig.store.job(job_id).placement.nodes, 0)  # type: ignore[union-attr]
    rig.backend.edit(rig.store.job(job_id).slurm_id, asked)
    rig.ticks(20)

    job = rig.store.job(job_id)
    assert (job.state.value, job.started_at) == ("cancelled", None)
    assert "unlimited minutes instead of 60" in job.detail


def released_behind_another(rig: Rig) -> int:
    """Return a job that Slurm may start, and cannot: somebody else's has its node."""
    job_id = rig.submit("alpha", gpus=8, sleep_s=60)
    rig.ticks(1)
    placement = rig.store.job(job_id).placement
    assert placement is not None
    rig.backend.foreign_job(placement.nodes[0], Amount(8, 1, 100))
    rig.ticks(11)
    return job_id


def test_a_release_that_slurm_forgot_is_asked_for_again(rig: Rig) -> None:
    job_id = released_behind_another(rig)
    assert (rig.states(job_id), seen(rig)) == (["submitted"], [BackendState.QUEUED])

    rig.backend.forget_release(rig.store.job(job_id).slurm_id)
    assert seen(rig) == [BackendState.HELD]
    rig.ticks(1)

    assert (rig.states(job_id), seen(rig)) == (["submitted"], [BackendState.QUEUED])


def test_the_end_of_a_job_that_may_begin_is_believed_once_slurm_has_saved_it(rig: Rig) -> None:
    """A slurmctld that crashes forgets a cancel of the last seconds, and starts the job."""
    job_id = released_behind_another(rig)
    rig.backend.cancel([rig.store.job(job_id).slurm_id])
    rig.ticks(9)
    assert rig.states(job_id) == ["submitted"]
    rig.ticks(2)

    assert rig.states(job_id) == ["cancelled"]


def held_for_good(rig: Rig) -> tuple[int, int]:
    """Return a job after two ticks, and the Slurm job of it that Slurm refuses to release."""
    job_id = rig.submit("alpha", gpus=8, sleep_s=30)
    rig.ticks(2)
    slurm_id = rig.store.job(job_id).slurm_id
    rig.backend.stick(slurm_id)
    return job_id, slurm_id


def test_a_job_that_slurm_will_never_let_go_waits_again_and_runs_as_another_attempt(
    rig: Rig,
) -> None:
    job_id, stuck = held_for_good(rig)
    rig.ticks(68)
    assert (rig.states(job_id), seen(rig)) == (["releasing"], [BackendState.HELD])
    rig.ticks(50)

    job = rig.store.job(job_id)
    assert (job.state.value, job.attempt) == ("completed", 2)
    assert job.slurm_id != stuck
    (old,) = rig.backend.read({stuck}).jobs
    assert (old.state, old.started_at) == (BackendState.CANCELLED, None)


def test_the_record_of_a_job_that_waits_again_is_cancelled_before_the_next_attempt(
    rig: Rig,
) -> None:
    job_id, stuck = held_for_good(rig)
    rig.ticks(69)

    assert [job.slurm_id == stuck for job in rig.backend.read(()).jobs] == [False]
    assert (rig.states(job_id), rig.store.job(job_id).attempt) == (["held"], 2)


def test_a_stuck_job_that_its_user_cancels_is_cancelled(rig: Rig) -> None:
    job_id, _ = held_for_good(rig)
    rig.ticks(20)
    rig.store.request_cancel(job_id, rig.clock.now())
    rig.ticks(20)

    assert rig.states(job_id) == ["cancelled"]


def test_no_job_is_released_before_that_is_on_record(rig: Rig) -> None:
    """A crash between the two finds the job RELEASING, and asks Slurm again."""
    job_id = rig.submit("alpha", gpus=8, sleep_s=300)
    rig.ticks(10)
    rig.backend.refuse_releases(True)
    rig.ticks(3)
    assert (rig.states(job_id), seen(rig)) == (["releasing"], [BackendState.HELD])
    rig.backend.refuse_releases(False)
    rig.ticks(2)

    assert (rig.states(job_id), seen(rig)) == (["running"], [BackendState.RUNNING])
