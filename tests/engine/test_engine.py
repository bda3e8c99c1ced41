"""From a pending job to its end, through every fault the engine must survive."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from scheduler.allocator.greedy import allocate_greedily
from scheduler.domain.cluster import Launch, Submission
from scheduler.domain.decisions import Allocation, Reason, Start
from scheduler.domain.jobs import JobState
from scheduler.domain.snapshot import Snapshot
from scheduler.errors import BackendUnavailable
from tests.engine.rig import Rig, a_rig


@pytest.fixture
def rig() -> Iterator[Rig]:
    with a_rig() as made:
        yield made


def test_a_job_is_submitted_runs_and_completes(rig: Rig) -> None:
    job_id = rig.submit("alpha", gpus=4, sleep_s=30)
    rig.ticks(1)
    assert rig.states(job_id) == ["submitted"]
    rig.ticks(1)
    assert rig.states(job_id) == ["running"]
    rig.ticks(31)
    job = rig.store.job(job_id)
    assert (job.state, job.exit_code) == (JobState.COMPLETED, 0)
    assert [moved.state.value for moved in rig.told.moved] == ["submitted", "running", "completed"]


def test_a_script_that_fails_ends_as_failed_with_its_exit_code(rig: Rig) -> None:
    job_id = rig.submit("alpha", sleep_s=2, last="exit 3")
    rig.ticks(5)
    job = rig.store.job(job_id)
    assert (job.state, job.exit_code) == (JobState.FAILED, 3)


def test_organisations_share_equally_under_pressure(rig: Rig) -> None:
    greedy = [rig.submit("alpha", gpus=8) for _ in range(12)]
    modest = [rig.submit("beta", gpus=8) for _ in range(4)]
    rig.ticks(2)
    assert rig.states(*greedy).count("running") == 4
    assert rig.states(*modest).count("running") == 4


def test_every_waiting_job_says_why(rig: Rig) -> None:
    jobs = [rig.submit("alpha", gpus=8) for _ in range(9)]
    rig.ticks(1)
    (waiting,) = [job for job in map(rig.store.job, jobs) if job.state is JobState.PENDING]
    assert Reason(waiting.reason) in {Reason.NOT_ENOUGH_FREE_GPUS, Reason.OTHERS_FIRST}


def test_usage_of_ended_runs_is_charged_once_by_the_backends_times(rig: Rig) -> None:
    rig.submit("alpha", gpus=4, sleep_s=30)
    rig.ticks(40)
    charged = [bucket.gpu_seconds for bucket in rig.store.usage(rig.clock.now().replace(year=2025))]
    assert sum(charged) == 4 * 30


def test_a_cancelled_job_ends_in_the_cluster_too(rig: Rig) -> None:
    job_id = rig.submit("alpha", gpus=8, sleep_s=600)
    rig.ticks(2)
    rig.store.request_cancel(job_id, rig.clock.now())
    rig.ticks(2)
    assert rig.states(job_id) == ["cancelled"]
    assert all(not node.used.gpus for node in rig.backend.read(()).nodes)


def test_a_node_failure_is_told_apart(rig: Rig) -> None:
    job_id = rig.submit("alpha", gpus=8, sleep_s=600)
    rig.ticks(2)
    placement = rig.store.job(job_id).placement
    assert placement is not None
    rig.backend.node_down(placement.nodes[0])
    rig.ticks(1)
    assert rig.states(job_id) == ["node_failed"]


def test_a_requeued_job_runs_again_and_each_run_is_charged(rig: Rig) -> None:
    job_id = rig.submit("alpha", gpus=2, sleep_s=20)
    rig.ticks(11)
    rig.backend.requeue(rig.store.job(job_id).slurm_id)
    rig.ticks(40)
    assert rig.states(job_id) == ["completed"]
    charged = [bucket.gpu_seconds for bucket in rig.store.usage(rig.clock.now().replace(year=2025))]
    assert 2 * 29 <= sum(charged) <= 2 * 31


def test_a_lost_answer_is_found_by_its_marker_and_runs_once(rig: Rig) -> None:
    rig.backend.lose_answers(1)
    job_id = rig.submit("alpha", gpus=8, sleep_s=300)
    rig.ticks(1)
    assert rig.states(job_id) == ["submitting"]
    rig.ticks(20)
    assert rig.states(job_id) == ["running"]
    assert len(rig.backend.read(()).jobs) == 1


def test_a_job_that_is_being_submitted_is_charged(rig: Rig) -> None:
    rig.backend.lose_answers(8)
    jobs = [rig.submit("alpha", gpus=8) for _ in range(8)]
    rig.ticks(1)
    assert set(rig.states(*jobs)) == {"submitting"}
    late = rig.submit("beta", gpus=8)
    rig.ticks(2)
    assert rig.states(late) == ["pending"]
    assert len(rig.backend.read(()).jobs) == len(jobs)


def test_a_job_that_the_cluster_forgot_is_lost_only_after_patience(rig: Rig) -> None:
    job_id = rig.submit("alpha", gpus=8, sleep_s=600)
    rig.ticks(2)
    rig.backend.lose_job(rig.store.job(job_id).slurm_id)
    rig.ticks(59)
    assert rig.states(job_id) == ["running"]
    rig.ticks(3)
    assert rig.states(job_id) == ["lost"]


def test_silence_of_the_cluster_concludes_nothing(rig: Rig) -> None:
    job_id = rig.submit("alpha", gpus=8, sleep_s=600)
    rig.ticks(2)
    rig.backend.stop_answering()
    with pytest.raises(BackendUnavailable):
        rig.engine.tick()
    for _ in range(200):
        assert not rig.engine.careful_tick()
        rig.clock.advance(1)
    rig.backend.answer()
    rig.ticks(1)
    assert rig.states(job_id) == ["running"]
    assert False in rig.told.backend_up
    assert rig.view.latest().backend_up


def gone(launches: Sequence[Launch]) -> tuple[Submission, ...]:
    raise BackendUnavailable(f"nothing was tried of {len(launches)} launches")


def test_a_crash_after_recording_submits_once_after_the_restart(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'tendik.db'}"
    with a_rig(url) as rig:
        job_id = rig.submit("alpha", gpus=8, sleep_s=600)
        rig.backend.submit = gone  # type: ignore[method-assign]  # it vanishes after the read
        rig.ticks(1)
        assert rig.states(job_id) == ["submitting"]
    with a_rig(url) as rig:
        rig.clock.advance(30)
        rig.ticks(2)
        assert rig.states(job_id) == ["running"]
        assert rig.store.job(job_id).attempt == 1
        assert len(rig.backend.read(()).jobs) == 1


def test_decisions_that_break_a_rule_start_nothing_and_are_kept_as_evidence() -> None:
    def twice(snapshot: Snapshot) -> Allocation:
        """Start every job on the first node, whether it has room or not."""
        right = allocate_greedily(snapshot)
        starts = [decision for decision in right.decisions if isinstance(decision, Start)]
        crowded = [
            replace(start, placement=replace(start.placement, nodes=("n1",))) for start in starts
        ]
        return replace(right, decisions=tuple(crowded))

    with a_rig(allocate=twice) as rig:
        jobs = [rig.submit("alpha", gpus=8) for _ in range(2)]
        rig.ticks(1)
        assert rig.states(*jobs) == ["pending", "pending"]
        assert rig.store.job(jobs[0]).reason == Reason.SCHEDULER_PAUSED
        assert rig.told.reports[0].violations
