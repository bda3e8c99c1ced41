"""The simulated cluster: what its time does to jobs, and the faults that tests can call."""

from __future__ import annotations

import pytest

from scheduler.backend.simulated import SimulatedBackend, embedded_cluster
from scheduler.clock import ManualClock
from scheduler.domain.cluster import BackendJob, BackendState, Launch, SubmissionOutcome
from scheduler.domain.resources import Amount
from scheduler.errors import BackendUnavailable
from tests.backend.launches import a_launch


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def cluster(clock: ManualClock) -> SimulatedBackend:
    return embedded_cluster(clock)


def started(cluster: SimulatedBackend, launch: Launch) -> int:
    (submission,) = cluster.submit([launch])
    assert submission.outcome is SubmissionOutcome.ACCEPTED
    return submission.slurm_id


def seen(cluster: SimulatedBackend, slurm_id: int) -> BackendJob:
    jobs = {job.slurm_id: job for job in cluster.read({slurm_id}).jobs}
    return jobs[slurm_id]


def test_a_job_runs_as_long_as_its_sleeps(cluster: SimulatedBackend, clock: ManualClock) -> None:
    slurm_id = started(cluster, a_launch(script="sleep 20\nsrun sleep 1m  # warm up"))

    clock.advance(79)
    assert seen(cluster, slurm_id).state is BackendState.RUNNING
    clock.advance(100)
    job = seen(cluster, slurm_id)

    assert (job.state, job.exit_code) == (BackendState.COMPLETED, 0)
    assert job.started_at is not None
    assert job.ended_at is not None
    assert (job.ended_at - job.started_at).total_seconds() == 80


def test_speed_shortens_runs_and_walltimes(clock: ManualClock) -> None:
    cluster = embedded_cluster(clock, speed=60)
    ends = started(cluster, a_launch(1, script="sleep 60"))
    times_out = started(cluster, a_launch(2, script="sleep 999", walltime_s=120))

    clock.advance(1)
    assert seen(cluster, ends).state is BackendState.COMPLETED
    assert seen(cluster, times_out).state is BackendState.RUNNING
    clock.advance(1)
    assert seen(cluster, times_out).state is BackendState.TIMED_OUT


def test_a_last_exit_line_gives_the_exit_code(cluster: SimulatedBackend) -> None:
    clock = ManualClock()
    cluster = embedded_cluster(clock)
    slurm_id = started(cluster, a_launch(script="sleep 5\nexit 7"))
    clock.advance(5)

    job = seen(cluster, slurm_id)

    assert (job.state, job.exit_code) == (BackendState.FAILED, 7)


def test_a_small_job_does_not_pass_a_gang_that_waits_for_its_node(
    cluster: SimulatedBackend, clock: ManualClock
) -> None:
    started(cluster, a_launch(1, "n1", gpus=6, script="sleep 10"))
    gang = started(cluster, a_launch(2, "n1", "n2", gpus=8, script="sleep 10"))
    small = started(cluster, a_launch(3, "n2", gpus=1))
    elsewhere = started(cluster, a_launch(4, "n3", gpus=1))

    states = [seen(cluster, slurm_id).state for slurm_id in (gang, small, elsewhere)]
    clock.advance(10)

    assert states == [BackendState.QUEUED, BackendState.QUEUED, BackendState.RUNNING]
    assert seen(cluster, gang).nodes == ("n1", "n2")


def test_starts_happen_at_their_own_time_however_late_one_looks(
    cluster: SimulatedBackend, clock: ManualClock
) -> None:
    ids = [started(cluster, a_launch(n, gpus=8, script="sleep 10")) for n in (1, 2, 3)]
    clock.advance(1000)

    starts = [seen(cluster, slurm_id).started_at for slurm_id in ids]

    assert [at.second for at in starts if at] == [0, 10, 20]


def test_a_node_that_breaks_ends_its_jobs_and_takes_none(cluster: SimulatedBackend) -> None:
    hit = started(cluster, a_launch(1, "n1", "n2"))
    spared = started(cluster, a_launch(2, "n3"))
    cluster.node_down("n2")
    queued = started(cluster, a_launch(3, "n2"))

    states = [seen(cluster, slurm_id).state for slurm_id in (hit, spared, queued)]
    available = {node.name: node.available for node in cluster.read(()).nodes}
    cluster.node_up("n2")

    assert states == [BackendState.NODE_FAILED, BackendState.RUNNING, BackendState.QUEUED]
    assert not available["n2"]
    assert seen(cluster, queued).state is BackendState.RUNNING


def test_a_requeued_job_starts_anew_and_counts_the_restart(
    cluster: SimulatedBackend, clock: ManualClock
) -> None:
    slurm_id = started(cluster, a_launch(script="sleep 60"))
    clock.advance(50)
    cluster.requeue(slurm_id)

    assert seen(cluster, slurm_id).state is BackendState.QUEUED
    clock.advance(11)
    again = seen(cluster, slurm_id)
    assert (again.state, again.restarts) == (BackendState.RUNNING, 1)
    assert [run.seconds for run in cluster.ended_runs([slurm_id])] == [50]
    clock.advance(51)
    assert seen(cluster, slurm_id).state is BackendState.COMPLETED
    assert [run.seconds for run in cluster.ended_runs([slurm_id])] == [50, 60]


def test_a_silent_cluster_fails_every_call_while_jobs_go_on(
    cluster: SimulatedBackend, clock: ManualClock
) -> None:
    slurm_id = started(cluster, a_launch(script="sleep 60"))
    cluster.stop_answering()
    cluster.foreign_job("n1", Amount(1, 1, 1))
    clock.advance(60)

    for call in (lambda: cluster.read(()), lambda: cluster.submit([a_launch(2)])):
        with pytest.raises(BackendUnavailable):
            call()
    cluster.answer()

    assert seen(cluster, slurm_id).state is BackendState.COMPLETED


def test_a_lost_answer_is_unknown_and_a_repeat_finds_the_job(cluster: SimulatedBackend) -> None:
    cluster.lose_answers(1)

    (lost,) = cluster.submit([a_launch()])
    (again,) = cluster.submit([a_launch()])

    assert lost.outcome is SubmissionOutcome.UNKNOWN
    assert again.outcome is SubmissionOutcome.ACCEPTED
    assert [job.slurm_id for job in cluster.read(()).jobs] == [again.slurm_id]


def test_a_lost_job_is_absent_and_its_marker_is_free_again(cluster: SimulatedBackend) -> None:
    slurm_id = started(cluster, a_launch())
    cluster.lose_job(slurm_id)

    assert cluster.read({slurm_id}).jobs == ()
    assert started(cluster, a_launch()) != slurm_id


def test_a_gang_larger_than_its_node_is_refused(cluster: SimulatedBackend) -> None:
    (submission,) = cluster.submit([a_launch(gpus=9)])

    assert submission.outcome is SubmissionOutcome.REFUSED
    assert "not available" in submission.message
