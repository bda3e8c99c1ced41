"""The engine's memory of usage is what the store would tell, without reading it each time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scheduler.domain.jobs import JobState
from scheduler.domain.records import UsageBucket
from scheduler.domain.shares.fairshare import mean_gpus
from tests.build import a_job, a_placement
from tests.engine.rig import Rig, a_rig


def means_of(rig: Rig, buckets: tuple[UsageBucket, ...]) -> dict[tuple[str, ...], float]:
    policy = rig.store.current_policy()
    assert policy is not None
    return dict(mean_gpus(buckets, (), policy.policy, (), rig.clock.now()))


def remembered(rig: Rig) -> tuple[UsageBucket, ...]:
    """Return what the last cycle counted with."""
    policy = rig.store.current_policy()
    assert policy is not None
    return rig.engine.usage.buckets(policy)


@pytest.mark.parametrize("every_s", [60, 3000, 40_000], ids=["minutes", "an hour", "half a day"])
def test_what_is_remembered_is_what_the_store_would_tell(every_s: float) -> None:
    with a_rig() as rig:
        for number in range(12):
            rig.submit(("alpha", "beta")[number % 2], gpus=1 + number, sleep_s=500 * number)
            rig.ticks(1, every_s)
        rig.ticks(10, every_s)
        rig.engine.tick()

        stored = rig.store.usage(rig.clock.now().replace(year=2025))
        assert means_of(rig, remembered(rig)) == pytest.approx(means_of(rig, stored), rel=1e-3)
        assert len(remembered(rig)) <= 4


def test_a_requeued_run_is_remembered_though_its_job_has_not_ended() -> None:
    with a_rig() as rig:
        job_id = rig.submit("alpha", gpus=8, sleep_s=5000)
        rig.ticks(2, 1000)
        rig.backend.requeue(rig.store.job(job_id).slurm_id)
        rig.ticks(2, 10)

        assert sum(bucket.gpu_seconds for bucket in remembered(rig)) == 8 * 2000


def test_a_run_that_ends_is_added_without_reading_the_store_again() -> None:
    with a_rig() as rig:
        rig.ticks(1)
        rig.store.close()
        since, until = rig.clock.now(), rig.clock.advance(600)
        job = a_job(state=JobState.COMPLETED, placement=a_placement(2), started_at=since)
        rig.engine.usage.add([replace(job, ended_at=until)])

        (bucket,) = rig.engine.usage.buckets(rig.view.latest().policy)
        assert bucket.gpu_seconds == 2 * 600
