"""Jobs that their users hold: out of every cycle, and back with the age they had."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scheduler.domain.jobs import JobState
from scheduler.domain.reasons import Reason
from tests.engine.rig import Rig, a_rig


@pytest.fixture
def rig() -> Iterator[Rig]:
    with a_rig() as made:
        yield made


def test_a_held_job_does_not_start_on_an_idle_cluster_until_it_is_released(rig: Rig) -> None:
    job_id = rig.submit("alpha")
    rig.store.hold(job_id, rig.clock.now())
    rig.ticks(5)
    held = rig.store.job(job_id)
    rig.store.release(job_id, rig.clock.now())
    rig.ticks(2)

    assert (held.state, held.reason) == (JobState.PENDING, Reason.HELD_BY_USER)
    assert rig.states(job_id) == ["running"]


def test_a_hold_of_a_waiting_job_is_seen_by_an_engine_that_knows_the_job(rig: Rig) -> None:
    full = [rig.submit("alpha", gpus=8, sleep_s=20) for _ in range(8)]
    waiting = rig.submit("alpha", gpus=8)
    rig.ticks(3)
    rig.store.hold(waiting, rig.clock.now())
    rig.ticks(40)

    assert set(rig.states(*full)) == {"completed"}
    assert rig.states(waiting) == ["pending"]
    assert rig.store.job(waiting).start_by is None


def test_a_hold_makes_nobody_older_than_who_came_during_it(rig: Rig) -> None:
    full = [rig.submit("alpha", gpus=8, sleep_s=30) for _ in range(8)]
    rig.ticks(2)
    held = rig.submit("alpha", gpus=8)
    rig.store.hold(held, rig.clock.now())
    rig.ticks(10)
    later = [rig.submit("alpha", gpus=8) for _ in range(8)]
    rig.ticks(10)
    rig.store.release(held, rig.clock.now())
    rig.ticks(20)

    assert set(rig.states(*full)) == {"completed"}
    assert set(rig.states(*later)) == {"running"}
    assert rig.states(held) == ["pending"]


def test_a_job_that_was_admitted_runs_on(rig: Rig) -> None:
    job_id = rig.submit("alpha", sleep_s=5)
    rig.ticks(2)
    rig.store.hold(job_id, rig.clock.now())
    rig.ticks(6)

    assert rig.states(job_id) == ["completed"]
