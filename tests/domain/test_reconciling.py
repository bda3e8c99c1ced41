"""What a backend's word on a job calls for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from scheduler.domain.cluster import Asked, BackendJob, BackendState, ClusterState
from scheduler.domain.jobs import HOLDING, HoldingJob, JobState
from scheduler.domain.reconciling import (
    MOST_ATTEMPTS,
    Sighting,
    is_unwanted,
    moves,
    sightings,
    strays,
    stuck,
    to_release,
    with_strays_use,
    without_evidence,
)
from scheduler.domain.requests import GpuRequest
from scheduler.domain.resources import Amount, Node
from tests.build import NOON, a_holding, a_job, at

CONFIRM = timedelta(seconds=10)


def held(state: JobState = JobState.RUNNING) -> HoldingJob:
    slurm_id = 0 if state is JobState.SUBMITTING else 501
    return replace(a_holding(7, state=state), unix_account="alpha", attempt=1, slurm_id=slurm_id)


def seen(state: BackendState = BackendState.RUNNING, **fields: object) -> BackendJob:
    job = BackendJob(501, 7, 1, "alpha", state, started_at=NOON)
    return replace(job, **fields)  # type: ignore[arg-type]  # a test says only what matters


def cluster_with(*jobs: BackendJob) -> ClusterState:
    return ClusterState((), (), jobs, NOON)


STORIES = {
    "a queued job is submitted": (
        JobState.SUBMITTING, seen(BackendState.QUEUED, started_at=None), [JobState.SUBMITTED],
    ),
    "nothing new moves nothing": (JobState.RUNNING, seen(), []),
    "a started job runs": (JobState.SUBMITTED, seen(), [JobState.RUNNING]),
    "an unanswered submission is found running": (
        JobState.SUBMITTING, seen(), [JobState.RUNNING],
    ),
    "a job that ended between two looks ran and ended": (
        JobState.SUBMITTED,
        seen(BackendState.COMPLETED, ended_at=at(5)),
        [JobState.RUNNING, JobState.COMPLETED],
    ),
    "a job cancelled before its start never ran": (
        JobState.SUBMITTED, seen(BackendState.CANCELLED, started_at=None), [JobState.CANCELLED],
    ),
    "a job that Slurm ended before its code began waits anew": (
        JobState.RELEASING,
        seen(BackendState.NOT_LAUNCHED, ended_at=at(0)),
        [JobState.RUNNING, JobState.PENDING],
    ),
    "a requeued job waits in Slurm again": (
        JobState.RUNNING, seen(BackendState.QUEUED, started_at=None), [JobState.SUBMITTED],
    ),
    "a job requeued and started between two looks ran twice, one after the other": (
        JobState.RUNNING, seen(started_at=at(60)), [JobState.SUBMITTED, JobState.RUNNING],
    ),
    "a node's failure is told apart": (
        JobState.RUNNING, seen(BackendState.NODE_FAILED), [JobState.NODE_FAILED],
    ),
    "an unanswered submission is found held": (
        JobState.SUBMITTING, seen(BackendState.HELD, started_at=None), [JobState.HELD],
    ),
    "what is being released stays so until Slurm lets it go": (
        JobState.RELEASING, seen(BackendState.HELD, started_at=None), [],
    ),
    "a released job is submitted": (
        JobState.RELEASING, seen(BackendState.QUEUED, started_at=None), [JobState.SUBMITTED],
    ),
    "a run whose job Slurm holds again has ended": (
        JobState.RUNNING, seen(BackendState.HELD, started_at=None), [JobState.SUBMITTED],
    ),
    "a held job that somebody let go is submitted": (
        JobState.HELD, seen(BackendState.QUEUED, started_at=None), [JobState.SUBMITTED],
    ),
}  # fmt: skip
HELD = seen(BackendState.HELD, started_at=None)


@pytest.mark.parametrize(("at_s", "want"), [(9, []), (10, [JobState.RELEASING])])
def test_a_held_job_is_confirmed_when_it_is_seen_long_enough_after_its_submission(
    at_s: int, want: list[JobState]
) -> None:
    job = replace(held(JobState.HELD), changed_at=at(0))
    wished = replace(job, cancel_requested=True)

    assert [move.to for move in moves(Sighting(job, HELD), at(at_s), CONFIRM)] == want
    assert list(moves(Sighting(wished, HELD), at(at_s), CONFIRM)) == []


def test_a_held_job_that_slurm_forgot_is_on_its_way_again() -> None:
    (move,) = moves(Sighting(held(JobState.HELD), None), at(1), CONFIRM)

    assert move.to is JobState.SUBMITTING


def test_only_what_is_on_record_as_released_is_released() -> None:
    one = {state: Sighting(held(state), HELD) for state in JobState}
    moved = replace(a_job(7), state=JobState.RELEASING)

    assert [state for state, job in one.items() if to_release([job], ())] == [
        JobState.RELEASING,
        JobState.SUBMITTED,
        JobState.SETTLING,
    ]
    assert to_release([one[JobState.HELD]], [moved]) == (501,)
    unwanted = replace(held(JobState.SUBMITTED), cancel_requested=True)
    assert to_release([Sighting(unwanted, HELD)], ()) == ()


def test_a_held_job_that_slurm_will_not_let_go_waits_again_as_soon_as_that_may_be_said() -> None:
    one = {state: Sighting(held(state), HELD) for state in JobState}

    assert [move.job_id for move in stuck(one.values(), {501}, NOON)] == [7, 7]
    assert [state for state, job in one.items() if [*stuck([job], {501}, NOON)]] == [
        JobState.RELEASING,
        JobState.SUBMITTED,
    ]
    assert list(stuck(one.values(), {502}, NOON)) == []


@pytest.mark.parametrize(
    "sighting",
    [
        Sighting(held(JobState.RELEASING), None),
        Sighting(held(JobState.RELEASING), seen(BackendState.QUEUED, started_at=None)),
        Sighting(replace(held(JobState.RELEASING), cancel_requested=True), HELD),
    ],
    ids=["not seen", "let go after all", "not wanted any more"],
)
def test_a_job_that_is_not_held_or_not_wanted_is_not_stuck(sighting: Sighting) -> None:
    assert list(stuck([sighting], {501}, NOON)) == []


@pytest.mark.parametrize(("at_s", "want"), [(9, []), (10, [JobState.PENDING])])
def test_that_slurm_ended_it_before_it_began_is_believed_once_slurm_has_saved_it(
    at_s: int, want: list[JobState]
) -> None:
    ended = seen(BackendState.NOT_LAUNCHED, started_at=None, ended_at=at(0))
    sighting = Sighting(held(JobState.SUBMITTED), ended)

    assert [move.to for move in moves(sighting, at(at_s), CONFIRM)] == want


def test_what_waits_again_is_not_released() -> None:
    again = replace(a_job(7), state=JobState.PENDING)

    assert to_release([Sighting(held(JobState.RELEASING), HELD)], [again]) == ()


@pytest.mark.parametrize(("state", "evidence", "want"), STORIES.values(), ids=STORIES.keys())
def test_evidence_calls_for_moves(
    state: JobState, evidence: BackendJob, want: list[JobState]
) -> None:
    assert [move.to for move in moves(Sighting(held(state), evidence), at(90), CONFIRM)] == want


def told(**fields: object) -> HoldingJob:
    wished = replace(held(), recallable=True, recall_requested_at=at(30))
    return replace(wished, **fields)  # type: ignore[arg-type]  # a test says only what matters


ENDS_OF_RECALLS = {
    "a run that was ended waits again": (BackendState.CANCELLED, [JobState.PENDING]),
    "a run that its signal ended waits again": (BackendState.FAILED, [JobState.PENDING]),
    "work that is done is done": (BackendState.COMPLETED, [JobState.COMPLETED]),
    "a walltime that is over is over": (BackendState.TIMED_OUT, [JobState.TIMED_OUT]),
    "a node's failure is told apart": (BackendState.NODE_FAILED, [JobState.NODE_FAILED]),
    "a job back in Slurm's queue is not ours to wait with": (BackendState.QUEUED, []),
}


@pytest.mark.parametrize(("state", "want"), ENDS_OF_RECALLS.values(), ids=ENDS_OF_RECALLS.keys())
def test_a_recalled_job_after_its_notice(state: BackendState, want: list[JobState]) -> None:
    found = list(moves(Sighting(told(), seen(state, ended_at=at(80))), at(90), CONFIRM))

    assert [move.to for move in found] == want
    assert {move.ended_at for move in found} <= {at(80)}


def test_a_recalled_job_that_nobody_wants_any_more_is_cancelled() -> None:
    sighting = Sighting(told(cancel_requested=True), seen(BackendState.CANCELLED))

    assert [move.to for move in moves(sighting, at(90), CONFIRM)] == [JobState.CANCELLED]


def test_a_job_that_was_cancelled_as_asked_says_so_and_not_what_slurm_held_it_for() -> None:
    wished = replace(held(JobState.SUBMITTED), cancel_requested=True)
    gone = seen(BackendState.CANCELLED, started_at=None, reason="JobHeldAdmin")
    ran = seen(BackendState.CANCELLED, reason="None")

    assert _words(wished, gone) == "cancelled before it started"
    assert _words(wished, ran) == "cancelled as it ran"
    assert _words(held(JobState.SUBMITTED), gone) == "JobHeldAdmin"


def _words(holding: HoldingJob, job: BackendJob) -> str:
    return list(moves(Sighting(holding, job), at(1e6), CONFIRM))[-1].detail


def test_a_recalled_job_that_requeues_itself_is_unwanted_in_slurm() -> None:
    queued = seen(BackendState.QUEUED, started_at=None)

    assert is_unwanted(Sighting(told(), queued))
    assert not is_unwanted(Sighting(told(), seen()))
    assert not is_unwanted(Sighting(held(), queued))


def wished(**fields: object) -> HoldingJob:
    job = replace(held(), started_at=NOON, requeue_requested=True)
    return replace(job, **fields)  # type: ignore[arg-type]  # a test says only what matters


ENDS_OF_REQUEUES = {
    "a run that was ended waits anew": (BackendState.CANCELLED, [JobState.PENDING]),
    "a run whose code had not begun waits anew": (BackendState.NOT_LAUNCHED, [JobState.PENDING]),
    "a run that failed has failed": (BackendState.FAILED, [JobState.FAILED]),
    "work that is done is done": (BackendState.COMPLETED, [JobState.COMPLETED]),
    "a walltime that is over is over": (BackendState.TIMED_OUT, [JobState.TIMED_OUT]),
    "memory that ran out ran out": (BackendState.OUT_OF_MEMORY, [JobState.OUT_OF_MEMORY]),
    "a node's failure is told apart": (BackendState.NODE_FAILED, [JobState.NODE_FAILED]),
    "a run goes on until it is seen to have ended": (BackendState.RUNNING, []),
    "a run that Slurm itself requeued waits there": (BackendState.QUEUED, [JobState.SUBMITTED]),
}


@pytest.mark.parametrize(("state", "want"), ENDS_OF_REQUEUES.values(), ids=ENDS_OF_REQUEUES.keys())
def test_a_requeued_job_moves_on_evidence_of_its_runs_end(
    state: BackendState, want: list[JobState]
) -> None:
    found = list(moves(Sighting(wished(), seen(state, ended_at=at(80))), at(90), CONFIRM))

    assert [move.to for move in found] == want
    assert {move.ended_at for move in found} <= {at(80), at(90)}


@pytest.mark.parametrize(("at_s", "want"), [(89, []), (90, [JobState.PENDING])])
def test_the_end_of_a_requeued_run_is_believed_once_slurm_has_saved_it(
    at_s: int, want: list[JobState]
) -> None:
    end = seen(BackendState.CANCELLED, ended_at=at(80))

    assert [move.to for move in moves(Sighting(wished(), end), at(at_s), CONFIRM)] == want


def test_a_requeued_job_is_ended_wherever_it_is_seen_in_this_run() -> None:
    assert is_unwanted(Sighting(wished(), seen()))
    assert is_unwanted(Sighting(wished(state=JobState.SETTLING), seen()))


def test_a_later_run_is_not_ended_by_the_wish_for_an_earlier_one() -> None:
    later = Sighting(wished(), seen(started_at=at(60)))

    assert not is_unwanted(later)
    assert [move.to for move in moves(later, at(90), CONFIRM)] == [
        JobState.SUBMITTED,
        JobState.RUNNING,
    ]


def test_a_later_run_that_the_order_met_in_slurm_waits_anew_all_the_same() -> None:
    met = Sighting(wished(), seen(BackendState.CANCELLED, started_at=at(60), ended_at=at(61)))

    assert [move.to for move in moves(met, at(90), CONFIRM)] == [JobState.PENDING]


def test_a_requeued_job_that_nobody_wants_any_more_is_cancelled() -> None:
    sighting = Sighting(wished(cancel_requested=True), seen(BackendState.CANCELLED))

    assert is_unwanted(sighting)
    assert [move.to for move in moves(sighting, at(90), CONFIRM)] == [JobState.CANCELLED]


def test_a_requeued_job_that_nobody_knows_of_is_lost() -> None:
    settling = wished(state=JobState.SETTLING, changed_at=at(70))

    assert [move.to for move in moves(Sighting(wished(), None), at(90), CONFIRM)] == [
        JobState.SETTLING
    ]
    assert [move.to for move in without_evidence(settling, at(90))] == [JobState.LOST]


def test_a_requeued_job_leaves_and_waits_anew_without_its_old_wait() -> None:
    leaving = replace(wished(), waits_since=at(-500), request=GpuRequest(2))
    again = leaving.waiting_again(at(90))

    assert leaving.is_leaving
    assert again is not None
    assert (again.submitted_at, again.recalled_at) == (at(90), None)


def test_out_of_sight_a_held_job_is_submitted_again_and_one_that_was_let_go_settles() -> None:
    unseen = {
        state: [move.to for move in moves(Sighting(held(state), None), NOON, CONFIRM)]
        for state in sorted(HOLDING)
    }

    assert unseen == {
        JobState.SUBMITTING: [],
        JobState.HELD: [JobState.SUBMITTING],
        JobState.RELEASING: [JobState.SETTLING],
        JobState.SUBMITTED: [JobState.SETTLING],
        JobState.RUNNING: [JobState.SETTLING],
        JobState.SETTLING: [],
    }


def test_what_a_marked_job_uses_that_is_none_of_ours_counts_as_other_peoples() -> None:
    node = Node("n1", "alem/h200", Amount(8, 64, 1000))
    imitation = seen(unix_account="mallory", nodes=("n1",), asks=Asked(Amount(4, 4, 64), (), 60))
    cluster = replace(cluster_with(imitation), nodes=(node,))

    used = with_strays_use(cluster, strays(sightings([held()], cluster), cluster))

    assert [each.used.gpus for each in used.nodes] == [4]


def test_what_nobody_knows_of_any_more_is_lost_as_of_when_it_was_seen_last() -> None:
    settling = replace(held(JobState.SETTLING), changed_at=NOON)
    wanted = held(JobState.SUBMITTING)
    cancelled = replace(wanted, cancel_requested=True)

    ends = [move for job in (settling, wanted, cancelled) for move in without_evidence(job, at(9))]

    assert [(end.to, end.ended_at) for end in ends] == [
        (JobState.LOST, NOON), (JobState.CANCELLED, at(9)),
    ]  # fmt: skip


def test_a_run_that_comes_into_sight_again_goes_on() -> None:
    settling = replace(held(JobState.SETTLING), started_at=NOON, changed_at=at(5))

    same = list(moves(Sighting(settling, seen()), at(9), CONFIRM))
    another = list(moves(Sighting(settling, seen(started_at=at(7))), at(9), CONFIRM))

    assert [move.to for move in same] == [JobState.RUNNING]
    assert [(move.to, move.ended_at) for move in another] == [
        (JobState.SUBMITTED, at(5)), (JobState.RUNNING, None),
    ]  # fmt: skip


def test_a_loose_job_is_not_taken_for_held_and_a_sealed_one_is_preferred() -> None:
    loose = seen(BackendState.HELD, started_at=None, is_sealed=False)
    sealed = replace(loose, slurm_id=502, is_sealed=True)

    (alone,) = sightings([held(JobState.SUBMITTING)], cluster_with(loose))
    (both,) = sightings([held(JobState.SUBMITTING)], cluster_with(loose, sealed))

    assert list(moves(alone, NOON, CONFIRM)) == []
    assert [move.slurm_id for move in moves(both, NOON, CONFIRM)] == [502]
    assert strays([both], cluster_with(loose, sealed)) == (loose,)


def test_what_its_user_changed_ends_before_it_is_released_and_tells_why() -> None:
    more = Asked(Amount(16, 8, 64), ("n1",), 3600)
    changed = replace(HELD, asks=more)
    long_held = replace(held(JobState.HELD), changed_at=NOON)
    ended = replace(changed, state=BackendState.CANCELLED)

    assert list(moves(Sighting(long_held, changed), at(60), CONFIRM)) == []
    assert to_release([Sighting(held(JobState.RELEASING), changed)], ()) == ()
    assert is_unwanted(Sighting(long_held, changed))
    (end,) = moves(Sighting(long_held, ended), at(60), CONFIRM)
    assert end.to is JobState.CANCELLED
    assert "16 GPUs instead of" in end.detail


@pytest.mark.parametrize(
    "stranger",
    [seen(unix_account="mallory"), seen(attempt=2), seen(job_id=8)],
    ids=["another owner", "another attempt", "another job"],
)
def test_a_job_is_ours_only_when_marker_and_owner_match(stranger: BackendJob) -> None:
    assert sightings([held()], cluster_with(stranger)) == (Sighting(held(), None),)


def test_of_two_jobs_with_one_marker_the_known_one_counts_and_the_other_is_a_stray() -> None:
    known, forged = seen(), seen(slurm_id=499)
    cluster = cluster_with(known, forged)
    paired = sightings([replace(held(), slurm_id=501)], cluster)
    assert paired[0].seen == known
    assert strays(paired, cluster) == (forged,)


def test_what_was_confirmed_of_one_job_holds_of_no_other_with_its_marker() -> None:
    """Slurm forgot the one that we were told of, and its cancel of an earlier one as well."""
    other = cluster_with(seen(BackendState.HELD, started_at=None, slurm_id=499))
    long_held = replace(held(JobState.HELD), changed_at=NOON)

    (paired,) = sightings([long_held], other)

    assert [move.to for move in moves(paired, at(60), CONFIRM)] == [JobState.SUBMITTING]
    assert strays([paired], other) == other.jobs


def test_live_marked_jobs_of_no_held_attempt_are_strays() -> None:
    ended = seen(BackendState.COMPLETED, job_id=9, slurm_id=503)
    cluster = cluster_with(seen(), seen(attempt=2, slurm_id=502), ended)
    assert strays(sightings([held()], cluster), cluster) == (seen(attempt=2, slurm_id=502),)


def test_a_job_that_no_node_launches_is_not_tried_for_ever() -> None:
    tried = replace(held(JobState.RELEASING), attempt=MOST_ATTEMPTS)
    ended = seen(BackendState.NOT_LAUNCHED, ended_at=at(0))

    *_, last = moves(Sighting(tried, ended), at(1), CONFIRM)

    assert last.to is JobState.FAILED
