"""From a pending job to its end, through every fault the engine must survive."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from scheduler.allocator.greedy import allocate_greedily
from scheduler.clock import EPOCH
from scheduler.domain.cluster import Launch, Submission, SubmissionOutcome
from scheduler.domain.decisions import Allocation, PlannedStart, Recall
from scheduler.domain.jobs import JobState
from scheduler.domain.reasons import Reason
from scheduler.domain.snapshot import Snapshot
from scheduler.engine.cycle import checked
from scheduler.errors import BackendUnavailable
from scheduler.ports import Allocator
from scheduler.texts import Said
from tests.build import a_pending, a_placement, a_snapshot, at
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
    assert rig.states(job_id) == ["settling"]
    rig.ticks(3)
    assert rig.states(job_id) == ["lost"]


def test_a_job_is_not_given_up_while_records_of_ends_are_to_come(rig: Rig) -> None:
    job_id = rig.submit("alpha", gpus=8, sleep_s=600)
    rig.ticks(2)
    rig.backend.withhold_records(True)
    rig.backend.lose_job(rig.store.job(job_id).slurm_id)
    rig.ticks(200)
    assert rig.states(job_id) == ["settling"]
    rig.backend.withhold_records(False)
    rig.ticks(62)
    assert rig.states(job_id) == ["lost"]


def test_a_lost_job_is_charged_until_it_was_seen_last(rig: Rig) -> None:
    job_id = rig.submit("alpha", gpus=8, sleep_s=600)
    rig.ticks(11)
    rig.backend.lose_job(rig.store.job(job_id).slurm_id)
    rig.ticks(70)

    charged = sum(bucket.gpu_seconds for bucket in rig.store.usage(EPOCH))
    assert (rig.states(job_id), charged) == (["lost"], 8 * 11)


def test_an_outage_is_no_evidence_that_a_job_is_lost(rig: Rig) -> None:
    job_id = rig.submit("alpha", gpus=8, sleep_s=600)
    rig.ticks(2)
    rig.backend.lose_job(rig.store.job(job_id).slurm_id)
    rig.ticks(2)
    rig.backend.stop_answering()
    assert not rig.engine.careful_tick()
    rig.clock.advance(100)
    rig.backend.answer()
    rig.ticks(1)
    assert rig.states(job_id) == ["settling"]


def test_a_job_that_cannot_be_cancelled_keeps_nobody_from_starting(rig: Rig) -> None:
    stubborn = rig.submit("alpha", gpus=8, sleep_s=600)
    rig.ticks(2)
    rig.store.request_cancel(stubborn, rig.clock.now())
    rig.backend.cancel = uncancellable  # type: ignore[method-assign]  # scancel fails
    late = rig.submit("beta", gpus=8, sleep_s=600)
    rig.ticks(2)
    assert rig.states(stubborn, late) == ["running", "running"]


def uncancellable(slurm_ids: Sequence[int]) -> None:
    raise BackendUnavailable(Said(f"scancel of {len(slurm_ids)} jobs failed"))


def test_a_submission_without_a_clear_answer_does_not_block_the_others_for_ever(rig: Rig) -> None:
    jobs = [rig.submit("alpha", gpus=8, sleep_s=600) for _ in range(3)]
    submit, poisoned = rig.backend.submit, jobs[0]

    def unclear(launches: Sequence[Launch]) -> tuple[Submission, ...]:
        """Answer as sbatch would that fails on one job in a way nobody knows."""
        names = [launch.job_id for launch in launches]
        clear = launches[: names.index(poisoned)] if poisoned in names else launches
        unknown = [Submission(name, SubmissionOutcome.UNKNOWN) for name in names[len(clear) :]]
        return (*submit(clear), *unknown)

    rig.backend.submit = unclear  # type: ignore[method-assign]  # the fault of the story
    rig.ticks(25)
    assert rig.states(*jobs) == ["submitting", "running", "running"]


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
    raise BackendUnavailable(Said(f"nothing was tried of {len(launches)} launches"))


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


def allocate_crowded(snapshot: Snapshot) -> Allocation:
    """Start every job on the first node, whether it has room or not."""
    right = allocate_greedily(snapshot)
    crowded = [
        replace(start, placement=replace(start.placement, nodes=("n1",))) for start in right.starts
    ]
    return replace(right, decisions=tuple(crowded))


def forget_everything(snapshot: Snapshot) -> Allocation:
    """Decide nothing about any job of the snapshot."""
    return replace(allocate_greedily(snapshot), decisions=())


@pytest.mark.parametrize("fallback", [None, allocate_crowded, forget_everything])
def test_decisions_that_break_a_rule_start_nothing_when_no_fallback_is_clean(
    fallback: Allocator | None,
) -> None:
    with a_rig(allocate=allocate_crowded, fallback=fallback) as rig:
        jobs = [rig.submit("alpha", gpus=8) for _ in range(2)]
        rig.ticks(1)
        assert rig.states(*jobs) == ["pending", "pending"]
        assert rig.store.job(jobs[0]).reason == Reason.SCHEDULER_PAUSED
        assert any("node n1" in text for text in rig.told.reports[0].violations)


def test_a_refused_decision_leaves_nothing_but_the_plans_that_were_promised_before() -> None:
    promised = PlannedStart(1, at(600), a_placement(8, "n1"))
    snapshot = replace(a_snapshot(a_pending(1, gpus=8)), plans=(promised,))
    another = replace(promised, at=at(60))
    recall = Recall(7, ("universities", "alpha"), "entitlement", for_job=1)
    refused = replace(forget_everything(snapshot), plans=(another,), recalls=(recall,))

    allocation, broken = checked(snapshot, refused, fallback=None)

    assert "job 1 is pending but not decided" in broken
    assert (allocation.starts, allocation.recalls) == ((), ())
    assert allocation.plans == (promised,)
    assert [wait.reason for wait in allocation.waits] == [Reason.SCHEDULER_PAUSED]


def test_what_broke_in_a_refused_fallback_is_evidence_too() -> None:
    with a_rig(allocate=allocate_crowded, fallback=forget_everything) as rig:
        job_id = rig.submit("alpha", gpus=8)
        rig.submit("alpha", gpus=8)
        rig.ticks(1)
        assert f"job {job_id} is pending but not decided" in rig.told.reports[0].violations


def test_a_clean_fallback_starts_jobs_and_the_broken_rule_is_still_told() -> None:
    with a_rig(allocate=allocate_crowded, fallback=allocate_greedily) as rig:
        jobs = [rig.submit("alpha", gpus=8) for _ in range(2)]
        rig.ticks(1)
        assert rig.states(*jobs) == ["submitted", "submitted"]
        report = rig.told.reports[0]
        assert any("node n1" in text for text in report.violations)
        assert "node n1" in report.allocation.fell_back_because
        assert rig.view.latest().report is report


def test_many_broken_rules_are_counted_in_the_reason_and_listed_in_the_report() -> None:
    with a_rig(allocate=forget_everything, fallback=allocate_greedily) as rig:
        for _ in range(5):
            rig.submit("alpha")
        rig.ticks(1)
        report = rig.told.reports[0]
        assert report.allocation.fell_back_because.endswith("; 7 more")
        assert len(report.violations) == 10
