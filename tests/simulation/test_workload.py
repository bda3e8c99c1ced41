"""Workloads: their load can be set, parts taken, and made-up ones are what they say."""

from __future__ import annotations

import pytest

from scheduler.simulation.synthetic import SYNTHETIC
from scheduler.simulation.workload import Workload, WorkloadJob


def a_workload(*submits_s: float, gpus: int = 4, run_s: float = 100) -> Workload:
    jobs = (
        WorkloadJob(f"j{n}", "alpha", "ann", gpus, at, run_s, 200) for n, at in enumerate(submits_s)
    )
    return Workload("w", 8, tuple(jobs))


def test_the_load_is_set_by_the_times_between_submissions() -> None:
    workload = a_workload(0, 100, 400)
    assert workload.load == 3 * 400 / (8 * 400)

    pressed = workload.at_load(0.75)
    assert pressed.load == pytest.approx(0.75)
    assert [job.submit_s for job in pressed.jobs] == [0, 50, 200]
    assert {job.run_s for job in pressed.jobs} == {100}


def test_a_window_begins_at_second_zero_and_leaves_its_end_out() -> None:
    jobs = a_workload(0, 100, 200, 300).window(100, 300).jobs
    assert [(job.job_id, job.submit_s) for job in jobs] == [("j1", 0), ("j2", 100)]
    assert len(a_workload(0, 1, 2).first(2).jobs) == 2


def test_a_compressed_workload_has_the_same_load() -> None:
    quick = a_workload(0, 100, 400).compressed(10)

    assert quick.load == pytest.approx(a_workload(0, 100, 400).load)
    assert (quick.jobs[2].submit_s, quick.jobs[2].run_s, quick.jobs[2].walltime_s) == (40, 10, 20)


def test_the_recallable_part_is_drawn_by_the_seed() -> None:
    workload = a_workload(*range(1000))
    drawn = workload.with_recallable(0.3, seed=4)

    assert drawn == workload.with_recallable(0.3, seed=4) != workload.with_recallable(0.3, seed=5)
    assert sum(job.recallable for job in drawn.jobs) == pytest.approx(300, abs=50)
    assert not any(job.recallable for job in workload.with_recallable(0, seed=4).jobs)


@pytest.mark.parametrize("name", SYNTHETIC)
def test_a_made_up_workload_overloads_the_cluster_alike_for_each_seed(name: str) -> None:
    workload = SYNTHETIC[name](3)

    assert workload == SYNTHETIC[name](3) != SYNTHETIC[name](4)
    assert 1.0 < workload.load < 1.5


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="no job; choose a wider window"):
        a_workload(0, 1).window(5, 9)
    with pytest.raises(ValueError, match="needs 9 GPUs, the cluster has 8; raise"):
        a_workload(0, gpus=9)
    with pytest.raises(ValueError, match="between 0 and its walltime"):
        a_workload(0, run_s=201)
    with pytest.raises(ValueError, match="a load must be positive"):
        a_workload(0, 1).at_load(0)
    with pytest.raises(ValueError, match="a part lies between"):
        a_workload(0, 1).with_recallable(1.5, 0)
    with pytest.raises(ValueError, match="a compression must be positive"):
        a_workload(0, 1).compressed(0)
