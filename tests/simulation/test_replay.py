"""Replays through the real engine, in small worlds."""

from __future__ import annotations

from datetime import timedelta

import pytest

from scheduler.allocator.greedy import allocate_greedily
from scheduler.backend.simulated import embedded_cluster
from scheduler.clock import ManualClock
from scheduler.domain.jobs import JobState
from scheduler.simulation.recorder import Recorder
from scheduler.simulation.replay import Setup, nodes_of, replay
from scheduler.simulation.synthetic import SYNTHETIC
from scheduler.simulation.workload import Workload, WorkloadJob
from tests.backend.launches import a_launch
from tests.build import a_job, a_placement, at

GREEDY = Setup(allocate_greedily)


def a_workload(*jobs: WorkloadJob, gpus: int = 8) -> Workload:
    return Workload("w", gpus, jobs)


def wants(job_id: str, gpus: int, run_s: float, at_s: float = 0, who: str = "alpha") -> WorkloadJob:
    return WorkloadJob(job_id, who, f"{who}-user", gpus, at_s, run_s, 1000)


def test_jobs_start_at_the_moment_that_room_comes_free() -> None:
    workload = a_workload(
        wants("first", 8, 100),
        wants("second", 4, 50.25, 10, "beta"),
        wants("third", 8, 10, 20, "gamma"),
    )
    jobs = {job.job_id: (job.start_s, job.end_s) for job in replay(workload, GREEDY).jobs}

    assert jobs == {"first": (0, 100), "second": (100, 150.25), "third": (150.25, 160.25)}


def test_on_a_grid_jobs_start_at_the_next_cycle_and_end_at_their_own_time() -> None:
    workload = a_workload(wants("first", 8, 7), wants("second", 8, 5, 1))
    replayed = replay(workload, Setup(allocate_greedily, cycle_s=5))

    spans = {job.job_id: (job.start_s, job.end_s) for job in replayed.jobs}
    assert spans == {"first": (0, 7), "second": (10, 15)}


def test_a_cycle_runs_only_when_something_happened() -> None:
    replayed = replay(a_workload(wants("a", 1, 900), wants("b", 1, 500, 300)), GREEDY)

    assert replayed.ticks == 4
    assert sum(replayed.solvers.values()) == 4
    assert replayed.engine_ms_per_tick > 0


def test_the_same_workload_gives_the_same_schedule() -> None:
    workload = SYNTHETIC["twelve-overloaded"](2).first(120)
    heard: list[int] = []
    first = replay(workload, GREEDY, heard.append)

    assert replay(workload, GREEDY).jobs == first.jobs
    assert heard == sorted(heard)
    assert heard[-1] == len(first.jobs) == 120
    assert [job.job_id for job in first.jobs] == [job.job_id for job in workload.jobs]


def test_gangs_of_several_nodes_run_on_real_nodes() -> None:
    workload = a_workload(wants("wide", 12, 10), wants("next", 8, 10), gpus=20)
    replayed = replay(workload, Setup(allocate_greedily, node_gpus=8))

    # 12 GPUs are two nodes of 6; what is left are nodes of 2, 2 and 4.
    assert [job.start_s for job in replayed.jobs] == [0, 10]
    assert [node.capacity.gpus for node in nodes_of(20, 8)] == [8, 8, 4]
    assert [node.capacity.gpus for node in nodes_of(20, 0)] == [20]


def test_a_job_that_fits_no_nodes_is_named_instead_of_waited_for() -> None:
    with pytest.raises(RuntimeError, match=r"nothing runs, and these jobs .*'prime'"):
        replay(
            a_workload(wants("prime", 11, 10), gpus=16),
            Setup(allocate_greedily, node_gpus=8),
        )


def test_cycles_run_regularly_while_jobs_wait_if_told_so() -> None:
    workload = a_workload(wants("a", 8, 900), wants("b", 8, 500))
    every = Setup(allocate_greedily, at_least_every_s=300)

    # At 0, 300, 600, 900 (the end of a), and 1400: nobody waits any more.
    assert replay(workload, every).ticks == 5


def test_a_policy_may_be_told() -> None:
    policy = "title = 'Ceiling'\n[classes.all]\n[organisations.default]\nceiling_gpus = 4\n"
    workload = a_workload(wants("a", 4, 10), wants("b", 4, 10))
    replayed = replay(workload, Setup(allocate_greedily, policy=policy))

    assert [job.start_s for job in replayed.jobs] == [0, 10]


def test_the_recorder_notes_each_spell_of_a_requeued_job() -> None:
    recorder, placement = Recorder(at(0)), a_placement(2)

    def tell(state: JobState, seconds: float, started: float, ended: float | None = None) -> None:
        end = None if ended is None else at(ended)
        job = a_job(state=state, placement=placement, started_at=at(started), ended_at=end)
        recorder.on_moved([job], at(seconds))

    tell(JobState.RUNNING, 10, 10)
    tell(JobState.SUBMITTED, 50, 10)
    tell(JobState.RUNNING, 80, 80)
    tell(JobState.COMPLETED, 200, 80, 150)
    (job,) = recorder.finished([wants("j", 2, 100)])
    assert (job.spells, job.recalls, job.wait_s) == (((10, 50), (80, 150)), 1, 40)
    with pytest.raises(RuntimeError, match="ended as lost"):
        tell(JobState.LOST, 300, 250)


def test_the_cluster_tells_when_something_is_due() -> None:
    clock = ManualClock()
    cluster = embedded_cluster(clock)
    assert cluster.due_at() is None
    cluster.submit([a_launch(script="#!/bin/bash\nsleep 30\n")])

    assert cluster.due_at() == clock.now() + timedelta(seconds=30)
    clock.advance(30)
    cluster.read(())
    assert cluster.due_at() is None
