"""The fluid cluster, against examples worked by hand."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from scheduler.domain.shares.fairshare import water_fill
from scheduler.simulation.fluid import fill, fluid_run, worst_gap
from tests.simulation.build import ran


def test_two_equal_organisations_share_the_cluster_until_one_ends() -> None:
    short, long = ran("alpha", 4, run_s=50), ran("beta", 4, run_s=100)
    fluid = fluid_run([short, long], capacity_gpus=4)

    # Each runs at half speed; after 100 s the long one has 50 s left, at full speed.
    assert fluid.end_s == {short.job_id: 100, long.job_id: 150}
    assert fluid.service["beta"] == ((0, 0), (100, 200), (150, 400))


def test_weights_divide_the_cluster_in_their_proportion() -> None:
    heavy, light = ran("alpha", 4, run_s=75), ran("beta", 4, run_s=25)
    fluid = fluid_run([heavy, light], 4, {"alpha": 3})

    assert fluid.end_s == {heavy.job_id: 100, light.job_id: 100}


def test_who_wants_little_gets_it_all_and_the_rest_is_shared() -> None:
    small = ran("alpha", 1, run_s=10)
    others = [ran("beta", 8, run_s=10), ran("gamma", 8, run_s=10)]
    fluid = fluid_run([small, *others], capacity_gpus=5)

    assert fluid.end_s[small.job_id] == 10
    # 2 of 8 GPUs until 10 s, then 2.5 of 8: 60 of 80 GPU-seconds are left for 24 s.
    assert [fluid.end_s[job.job_id] for job in others] == pytest.approx([34, 34])


def test_within_an_organisation_all_jobs_run_at_one_speed() -> None:
    first, second = ran(gpus=4, run_s=10), ran(gpus=4, submit_s=5, run_s=10)
    fluid = fluid_run([first, second], capacity_gpus=4)

    assert fluid.end_s == {first.job_id: 15, second.job_id: 20}


def test_nobody_waits_on_a_cluster_that_holds_all() -> None:
    jobs = [ran(f"org{n}", 2, submit_s=3 * n, run_s=7) for n in range(4)]
    fluid = fluid_run(jobs, capacity_gpus=8)

    assert fluid.end_s == {job.job_id: job.submit_s + 7 for job in jobs}


def test_all_work_is_served_and_never_above_the_capacity() -> None:
    chance = random.Random(5)
    jobs = [
        ran(
            chance.choice("abcdef"),
            chance.randint(1, 8),
            submit_s=chance.randint(0, 500),
            run_s=chance.randint(0, 90),
        )
        for _ in range(300)
    ]
    fluid = fluid_run(jobs, capacity_gpus=10)

    for name, points in fluid.service.items():
        work = sum(job.gpus * job.run_s for job in jobs if job.organisation == name)
        assert points[-1][1] == pytest.approx(work)
        assert list(points) == sorted(points)
    assert all(fluid.end_s[job.job_id] >= job.submit_s + job.run_s - 1e-6 for job in jobs)


def test_the_quick_filling_agrees_with_the_exact_one() -> None:
    chance = random.Random(7)
    for _ in range(200):
        names = "abcdefg"[: chance.randint(1, 7)]
        demands = {name: chance.randint(0, 20) for name in names}
        weights = {name: chance.randint(1, 4) for name in names}
        exact = water_fill(Fraction(24), demands, weights)
        assert fill(24, demands, weights) == pytest.approx({n: float(v) for n, v in exact.items()})


def test_the_gap_between_two_curves_is_found_at_their_points() -> None:
    steady = ((0.0, 0.0), (10.0, 100.0))
    late = ((4.0, 0.0), (9.0, 100.0))

    assert worst_gap(steady, late) == 40
    assert worst_gap(late, steady) == 10
    assert worst_gap((), ()) == 0
