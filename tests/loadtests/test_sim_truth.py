"""Simulated and real starts are compared rightly, on jobs that keep step with the cycles."""

from __future__ import annotations

from loadtests.head_to_head.cut import cut
from loadtests.head_to_head.made_up import made_up_workload
from loadtests.sim_truth_jobs import (
    COMES_S,
    CYCLE_S,
    EARLY_S,
    cycles_of,
    in_step,
    same_order,
    script_of,
    within_one_cycle,
)
from scheduler.domain.sbatch.reading import read_job

STEPS = in_step(cut(made_up_workload(1)))


def test_jobs_come_in_the_middle_between_two_cycles_and_end_well_before_one() -> None:
    for job in STEPS.jobs:
        assert job.submit_s % CYCLE_S == COMES_S
        assert (job.run_s + EARLY_S) % CYCLE_S == 0
        assert job.run_s > 0


def test_the_script_asks_for_what_the_replay_asks_for() -> None:
    job = STEPS.jobs[0]
    request = read_job(script_of(job)).spec.request
    assert (request.gpus, request.nodes, request.walltime_s) == (job.gpus, None, job.walltime_s)


def test_a_start_belongs_to_the_cycle_before_it() -> None:
    runs = {"at once": (6.0, 7.0), "late by a second": (7.0, 9.0), "before the next": (8.9, 9.5)}
    assert set(cycles_of(runs).values()) == {2}


def test_starts_in_neighbouring_cycles_are_near() -> None:
    assert within_one_cycle({"a": 1, "b": 5, "c": 9, "d": 9}, {"a": 2, "b": 5, "c": 8, "d": 6}) == (
        0.75
    )


def test_a_pair_that_changed_places_is_out_of_order() -> None:
    real = {"a": 1, "b": 2, "c": 3}
    assert same_order(real, real) == 1
    assert same_order(real, {"a": 1, "b": 3, "c": 2}) == 2 / 3


def test_jobs_of_one_cycle_have_no_order() -> None:
    assert same_order({"a": 1, "b": 1}, {"a": 2, "b": 1}) == 1
