"""A requeue through restarts of the engine, a cluster that is away, and Slurm's own requeue."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from scheduler.engine.loop import Engine
from scheduler.errors import BackendUnavailable
from tests.engine.rig import Rig, a_rig


@pytest.fixture
def rig() -> Iterator[Rig]:
    with a_rig() as made:
        yield made


def wish(rig: Rig, job_id: int) -> None:
    rig.store.request_requeue(job_id, rig.clock.now(), rig.store.job(job_id).started_at)


def runs(rig: Rig, job_id: int) -> list[int]:
    """Return the attempts of all its runs that the cluster has had, in their order."""
    seen = rig.backend.marked_since(rig.clock.now().replace(year=2025))
    return sorted(job.attempt for job in seen if job.job_id == job_id and job.started_at)


def test_a_wish_outlives_the_engine(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'tendik.db'}"
    with a_rig(url) as rig:
        job_id = rig.submit("alpha", gpus=4, sleep_s=40)
        rig.ticks(20)
        wish(rig, job_id)
        again = replace(rig, engine=Engine(rig.engine._world))
        again.ticks(60)

        assert (again.states(job_id), again.store.job(job_id).requeues) == (["completed"], 1)


def test_an_order_before_a_crash_is_followed_by_one_run_alone(rig: Rig) -> None:
    job_id = rig.submit("alpha", gpus=4, sleep_s=40)
    rig.ticks(20)
    wish(rig, job_id)
    rig.ticks(1)
    assert rig.states(job_id) == ["running"], "the end is ordered, and not yet seen"
    again = replace(rig, engine=Engine(rig.engine._world))
    again.ticks(60)

    assert again.states(job_id) == ["completed"]
    assert (again.store.job(job_id).attempt, runs(again, job_id)[-1]) == (2, 2)


def test_an_unreachable_cluster_is_asked_again(rig: Rig) -> None:
    job_id = rig.submit("alpha", gpus=4, sleep_s=400)
    rig.ticks(5)
    wish(rig, job_id)
    rig.backend.stop_answering()
    for _ in range(10):
        with suppress(BackendUnavailable):
            rig.ticks(1)
    assert rig.states(job_id) == ["running"]
    rig.backend.answer()
    rig.ticks(5)

    assert (rig.states(job_id), rig.store.job(job_id).attempt) == (["running"], 2)


def test_slurms_own_requeue_before_the_order_gives_one_next_run(rig: Rig) -> None:
    job_id = rig.submit("alpha", gpus=4, sleep_s=40)
    rig.ticks(5)
    wish(rig, job_id)
    rig.backend.requeue(rig.store.job(job_id).slurm_id)
    rig.ticks(60)

    assert rig.states(job_id) == ["completed"]


def test_the_next_run_does_not_begin_before_slurm_has_saved_the_end_of_this_one() -> None:
    with a_rig(confirm_after_s=10) as rig:
        job_id = rig.submit("alpha", gpus=4, sleep_s=400)
        rig.ticks(30)
        wish(rig, job_id)
        rig.ticks(8)
        assert (rig.states(job_id), rig.store.job(job_id).attempt) == (["running"], 1)
        rig.ticks(30)

        assert (rig.states(job_id), rig.store.job(job_id).attempt) == (["running"], 2)
