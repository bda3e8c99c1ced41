"""What every store promises about the moves of jobs, their charges and their counts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scheduler.domain.decisions import Start, Wait
from scheduler.domain.jobs import TERMINAL, JobState
from scheduler.domain.reasons import Blocker, Reason
from scheduler.domain.records import CycleRecord, JobQuery, QueueCount, Transition
from scheduler.domain.shares.usage import hour_of
from scheduler.errors import StoreUnavailable
from scheduler.ports import Store
from scheduler.store.sql_cycles import MAX_REASON_EVENTS, RECENT_CYCLES
from scheduler.store.told_waits import NEIGHBOURS
from tests.build import NOON, a_placement, a_spec, a_tenant, a_wait, at
from tests.store.build import a_new, add, decide, move, run, start, without_script

ENDS = sorted(TERMINAL)


def test_a_start_puts_the_job_on_its_way_with_its_place(store: Store) -> None:
    job = start(store, add(store), gpus=4, seconds=10)

    assert job.state is JobState.SUBMITTING
    assert job.placement == a_placement(4)
    assert (job.attempt, job.reason, job.changed_at) == (1, "", at(10))
    assert store.pending() == ()


def test_a_holding_job_tells_all_that_reconciling_needs(store: Store) -> None:
    job = start(store, add(store, a_new(spec=a_spec(4, walltime_s=600), indices=(7,))), gpus=4)
    store.apply([Transition(job.job_id, JobState.SUBMITTED, at(20), slurm_id=99)])

    (holding,) = store.holding()
    assert (holding.job_id, holding.tenant) == (job.job_id, job.tenant)
    assert (holding.state, holding.slurm_id, holding.attempt) == (JobState.SUBMITTED, 99, 1)
    assert (holding.unix_account, holding.walltime_s) == ("ada", 600)
    assert (holding.placement, holding.array) == (a_placement(4), job.array)
    assert (holding.changed_at, holding.cancel_requested) == (at(20), False)


def test_a_cancel_on_record_keeps_a_held_job_from_its_release_for_ever(store: Store) -> None:
    job = start(store, add(store))
    move(store, job, JobState.HELD, 20)
    store.request_cancel(job.job_id, at(30))

    assert move(store, job, JobState.RELEASING, 40) == ()
    assert store.job(job.job_id).state is JobState.HELD
    (ended,) = move(store, job, JobState.CANCELLED, 50)
    assert ended.started_at is None


def test_a_waiting_job_keeps_its_newest_reason(store: Store) -> None:
    job = add(store)
    decide(store, a_wait(job.job_id, Reason.FRAGMENTED, "3 + 5 free"))
    decide(store, a_wait(job.job_id, Reason.USER_LIMIT, "8 of 8 GPUs"))

    waiting = store.job(job.job_id)
    assert (waiting.state, waiting.reason) == (JobState.PENDING, Reason.USER_LIMIT)
    assert (waiting.detail, waiting.changed_at) == ("8 of 8 GPUs", job.changed_at)


def test_a_waiting_job_keeps_all_its_blockers_until_it_starts_or_ends(store: Store) -> None:
    jobs = [add(store), add(store)]
    first, *more = (Blocker(reason, f"about {reason}") for reason in list(Reason)[1:4])
    decide(store, Wait(tuple(job.job_id for job in jobs), (first, *more)))
    waiting = [store.job(job.job_id) for job in jobs]
    start(store, jobs[0])
    store.request_cancel(jobs[1].job_id, at(30))

    assert [(job.reason, job.detail) for job in waiting] == [(first.reason, first.detail)] * 2
    assert [job.more_blockers for job in waiting] == [tuple(more)] * 2
    assert [store.job(job.job_id).more_blockers for job in jobs] == [(), ()]


def test_other_blockers_behind_the_same_first_one_are_kept_by_turns(store: Store) -> None:
    job, first = add(store), Blocker(Reason.USER_LIMIT)
    for reason in (Reason.FRAGMENTED, *[Reason.KEPT_BACK] * 10):
        decide(store, Wait((job.job_id,), (first, Blocker(reason))))

    assert store.job(job.job_id).more_blockers == (Blocker(Reason.KEPT_BACK),)
    assert len(store.events(0, 9)) == 2


def test_a_new_reason_is_an_event_and_a_new_detail_is_none(store: Store) -> None:
    job = add(store)
    for detail in range(30):
        decide(store, a_wait(job.job_id, Reason.FRAGMENTED, f"{detail} free"), taken_at=at(5))
    decide(store, a_wait(job.job_id, Reason.USER_LIMIT), taken_at=at(35))

    news = [(event.state, event.reason, event.at) for event in store.events(0, 10)]
    assert news == [
        (JobState.PENDING, Reason.NOT_YET_CONSIDERED, job.submitted_at),
        (JobState.PENDING, Reason.FRAGMENTED, at(5)),
        (JobState.PENDING, Reason.USER_LIMIT, at(35)),
    ]


def test_details_are_rewritten_by_turns_and_all_within_ten_cycles(store: Store) -> None:
    (jobs,) = store.add_jobs([a_new(indices=range(10 * NEIGHBOURS))])
    assert isinstance(jobs, tuple)
    for detail in ("old", *["new"] * 10):
        decide(store, *(a_wait(job.job_id, Reason.FRAGMENTED, detail) for job in jobs))
        rewritten = [job.detail for job in store.jobs(JobQuery(limit=len(jobs)))].count("new")
        assert rewritten == NEIGHBOURS * (store.last_cycle() - 1)


def test_of_very_many_new_reasons_all_are_kept_and_some_are_events(store: Store) -> None:
    many = MAX_REASON_EVENTS + 50
    (jobs,) = store.add_jobs([a_new(indices=range(many))])
    assert isinstance(jobs, tuple)
    seen = store.last_event_id()
    decide(store, *(a_wait(job.job_id, Reason.FRAGMENTED) for job in jobs))

    assert len(store.events(seen, 2 * many)) == MAX_REASON_EVENTS
    assert {job.reason for job in store.jobs(JobQuery(limit=many))} == {Reason.FRAGMENTED}


def test_a_decision_on_a_job_that_was_cancelled_meanwhile_changes_nothing(store: Store) -> None:
    first, second = add(store), add(store)
    cancelled = [store.request_cancel(job.job_id, at(1)) for job in (first, second)]
    decide(store, Start(first.job_id, a_placement()), a_wait(second.job_id, Reason.USER_LIMIT))

    assert [store.job(job.job_id) for job in (first, second)] == cancelled


def test_cycles_are_counted_and_none_is_recorded_twice(store: Store) -> None:
    assert store.last_cycle() == 0
    job = add(store)
    record = decide(store)
    again = replace(record, allocation=replace(record.allocation, decisions=(_start(job.job_id),)))

    with pytest.raises(StoreUnavailable, match="another scheduler"):
        store.record_cycle(again)
    assert store.last_cycle() == 1
    assert store.job(job.job_id).state is JobState.PENDING


def _start(job_id: int) -> Start:
    return Start(job_id, a_placement())


def test_old_cycles_are_kept_only_when_they_did_something(store: Store) -> None:
    idle = decide(store)
    starting = decide(store, _start(add(store).job_id))
    violating = replace(idle, cycle=3, violations=("a harm",))
    store.record_cycle(violating)
    recent = decide(store)
    for record in (idle, starting, violating):
        store.record_cycle(replace(idle, cycle=record.cycle + RECENT_CYCLES))

    assert not is_kept(store, idle)
    assert all(is_kept(store, record) for record in (starting, violating, recent))
    assert store.last_cycle() == violating.cycle + RECENT_CYCLES


def is_kept(store: Store, record: CycleRecord) -> bool:
    """Return whether the cycle's number is taken; a number that is free is taken by asking."""
    try:
        store.record_cycle(record)
    except StoreUnavailable:
        return True
    return False


def test_a_returned_submission_waits_again_and_counts_on(store: Store) -> None:
    job = start(store, add(store))
    move(store, job, JobState.PENDING, 20)

    (pending,) = store.pending()
    returned = store.job(pending.job_id)
    assert (returned.placement, returned.slurm_id, returned.attempt) == (None, 0, 1)
    assert returned.reason == Reason.NOT_YET_CONSIDERED
    assert start(store, returned).attempt == 2


def test_a_run_is_told_from_its_evidence(store: Store) -> None:
    job = start(store, add(store))
    running = Transition(
        job.job_id, JobState.RUNNING, at(70), slurm_id=5, nodes=("n8",), started_at=at(60)
    )
    failed = Transition(
        *(job.job_id, JobState.FAILED, at(130)), ended_at=at(120), exit_code=2, detail="exit code 2"
    )
    (moved,) = store.apply([running, failed])

    assert moved == without_script(store.job(job.job_id))
    assert (moved.slurm_id, moved.exit_code, moved.detail) == (5, 2, "exit code 2")
    assert (moved.started_at, moved.ended_at, moved.changed_at) == (at(60), at(120), at(130))
    assert moved.placement == a_placement(2, "n8")
    assert [event.state for event in store.events(0, 9)][-2:] == ["running", "failed"]


@pytest.mark.parametrize("end", ENDS)
def test_terminal_is_final(store: Store, end: JobState) -> None:
    job = start(store, add(store))
    (ended,) = move(store, job, end, 60)

    for state in JobState:
        assert move(store, job, state, 90) == ()
    assert store.request_cancel(job.job_id, at(99)) == store.job(job.job_id)
    assert without_script(store.job(job.job_id)) == ended


def test_a_move_of_an_unknown_job_is_left_out(store: Store) -> None:
    assert store.apply([Transition(77, JobState.FAILED, at())]) == ()
    assert store.apply([]) == ()


def test_only_a_cycle_starts_a_job(store: Store) -> None:
    job = add(store)
    assert move(store, job, JobState.SUBMITTING) == ()
    assert move(store, job, JobState.RUNNING) == ()


def test_cancelling_a_pending_job_ends_it_at_once(store: Store) -> None:
    job = add(store)
    cancelled = store.request_cancel(job.job_id, at(5))

    assert cancelled == store.job(job.job_id)
    assert cancelled.state is JobState.CANCELLED
    assert (cancelled.ended_at, cancelled.cancel_requested_at) == (at(5), at(5))
    assert store.events(0, 9)[-1].state is JobState.CANCELLED
    assert store.pending() == ()


def test_cancelling_a_job_on_its_way_is_a_wish_that_lasts(store: Store) -> None:
    job = start(store, add(store))
    wished = store.request_cancel(job.job_id, at(20))
    again = store.request_cancel(job.job_id, at(30))

    assert wished == again
    assert (wished.state, wished.cancel_requested_at) == (JobState.SUBMITTING, at(20))
    assert [holding.cancel_requested for holding in store.holding()] == [True]
    (*_, started, wish) = store.events(0, 9)
    assert (started.at, wish.at) == (at(10), at(20))
    assert started.state is wish.state is JobState.SUBMITTING


def test_a_wish_to_cancel_ends_a_submission_that_comes_back(store: Store) -> None:
    job = start(store, add(store))
    store.request_cancel(job.job_id, at(20))
    (moved,) = move(store, job, JobState.PENDING, 30)

    assert moved.state is JobState.CANCELLED
    assert store.usage(NOON) == ()


def test_a_run_is_charged_to_the_hours_it_touched(store: Store) -> None:
    job = add(store, a_new(tenant=a_tenant("alpha")))
    run(store, job, gpus=4, begins=3000, ends=3600 + 3600 + 30)

    assert [(bucket.hour, bucket.gpu_seconds) for bucket in store.usage(NOON)] == [
        (at(0), 600 * 4),
        (at(3600), 3600 * 4),
        (at(7200), 30 * 4),
    ]
    assert {bucket.tenant for bucket in store.usage(NOON)} == {job.tenant}
    assert {bucket.pool for bucket in store.usage(NOON)} == {"gpu/h200"}


def test_usage_of_one_tenant_adds_up_and_begins_where_asked(store: Store) -> None:
    jobs = [add(store) for _ in range(3)]
    for job in jobs:
        run(store, job, gpus=1, begins=100, ends=200)

    (bucket,) = store.usage(at(3599))
    assert (bucket.hour, bucket.gpu_seconds) == (hour_of(NOON), 300)
    assert store.usage(at(3600)) == ()


def test_a_requeued_run_is_charged_once_and_the_next_one_anew(store: Store) -> None:
    job = start(store, add(store), gpus=2)
    move(store, job, JobState.RUNNING, 100)
    store.apply([Transition(job.job_id, JobState.SUBMITTED, at(210), ended_at=at(200))])
    requeued = store.job(job.job_id)
    charged = store.usage(NOON)[0].gpu_seconds
    move(store, job, JobState.RUNNING, 300)
    move(store, job, JobState.COMPLETED, 350)

    assert (requeued.started_at, requeued.ended_at) == (None, None)
    assert charged == 100 * 2
    assert store.usage(NOON)[0].gpu_seconds == 100 * 2 + 50 * 2


def test_a_job_that_never_ran_is_charged_nothing(store: Store) -> None:
    job = start(store, add(store))
    move(store, job, JobState.SUBMITTED)
    move(store, job, JobState.CANCELLED, 4000)

    assert store.usage(NOON) == ()


def test_a_run_that_was_only_seen_when_it_had_ended_is_charged(store: Store) -> None:
    job = start(store, add(store), gpus=2)
    seen_late = Transition(
        *(job.job_id, JobState.COMPLETED, at(90)), started_at=at(20), ended_at=at(80)
    )
    store.apply([seen_late])

    assert [bucket.gpu_seconds for bucket in store.usage(NOON)] == [60 * 2]


def test_a_job_queued_with_an_expected_start_has_not_run(store: Store) -> None:
    job = start(store, add(store))
    store.apply([Transition(job.job_id, JobState.SUBMITTED, at(90), started_at=at(20))])

    assert store.job(job.job_id).started_at is None
    assert store.usage(NOON) == ()


def test_live_jobs_are_counted_by_tenant_state_and_reason(store: Store) -> None:
    tenant = a_tenant()
    waiting = [add(store, a_new(spec=a_spec(3))) for _ in range(2)]
    started = start(store, add(store), gpus=8)
    run(store, add(store), begins=60, ends=90)
    decide(store, *(a_wait(job.job_id, Reason.OTHERS_FIRST) for job in waiting))

    assert store.counts() == (
        QueueCount(tenant, JobState.PENDING, Reason.OTHERS_FIRST, "", jobs=2, gpus=6),
        QueueCount(tenant, JobState.SUBMITTING, "", "gpu/h200", jobs=1, gpus=8),
    )
    move(store, started, JobState.PENDING)
    assert sum(count.gpus for count in store.counts()) == 6 + 1


def test_what_is_returned_from_a_list_of_many_moves_is_each_job_once(store: Store) -> None:
    jobs = [start(store, add(store)) for _ in range(3)]
    moves = [
        Transition(job.job_id, state, at(50))
        for job in jobs
        for state in (JobState.SUBMITTED, JobState.RUNNING, JobState.COMPLETED)
    ]
    moved = store.apply(moves)

    assert [job.state for job in moved] == [JobState.COMPLETED] * 3
    assert sorted(moved, key=lambda job: -job.job_id) == list(store.jobs(JobQuery()))
