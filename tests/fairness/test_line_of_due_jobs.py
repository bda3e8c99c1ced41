"""Who waited too long: in which order, when, and what others must leave alone (P10)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from scheduler.domain.audit import CHECKS, violations
from scheduler.domain.decisions import Allocation, PlannedStart
from scheduler.domain.jobs import JobState, PendingJob
from scheduler.domain.placement import suited
from scheduler.domain.policies import SparePlaces, WaitRules
from scheduler.domain.snapshot import Snapshot
from scheduler.domain.waiting import start_bounds
from scheduler.ports import Allocator
from tests.build import (
    a_holding,
    a_node,
    a_pending,
    a_placement,
    a_policy,
    a_quota,
    a_snapshot,
    at,
    nodes,
)
from tests.fairness.judging import ALLOCATORS, so_much_later

every_allocator = pytest.mark.parametrize("allocate", ALLOCATORS.values(), ids=ALLOCATORS)
OVERDUE_S = WaitRules().guard_s + 1
FULL = a_holding(gpus=8, walltime_s=7200)  # until at(7200); the world is seen at at(3600)
HALF = a_holding(gpus=4, walltime_s=4500)


def due(
    job_id: int, name: str, gpus: int, *, more_s: int = 0, walltime_s: int = 3600
) -> PendingJob:
    """Return a job that is past the guard, by so many seconds more."""
    submitted_at = at(3600 - OVERDUE_S - more_s)
    return a_pending(job_id, name, gpus, submitted_at=submitted_at, walltime_s=walltime_s)


def decided(allocate: Allocator, snapshot: Snapshot) -> Allocation:
    allocation = allocate(snapshot)
    assert violations(snapshot, allocation, CHECKS) == ()
    return allocation


def planned(allocation: Allocation) -> list[tuple[int, datetime]]:
    return [(plan.job_id, plan.at) for plan in allocation.plans]


@every_allocator
def test_the_oldest_due_job_is_planned_first(allocate: Allocator) -> None:
    snapshot = a_snapshot(due(1, "alpha", 8), due(2, "beta", 8, more_s=600), holding=[FULL])

    assert planned(decided(allocate, snapshot))[0] == (2, at(7200))


@every_allocator
def test_of_each_organisation_one_due_job_stands_in_the_line(allocate: Allocator) -> None:
    holding = [a_holding(gpus=1), a_holding(902, "beta", 1, "n2")]
    gangs = (due(1, "alpha", 8, more_s=9), due(2, "alpha", 8, walltime_s=60))

    allocation = decided(allocate, a_snapshot(*gangs, on=nodes(2), holding=holding))

    assert [job_id for job_id, _ in planned(allocation)] == [1]


@every_allocator
def test_who_is_not_due_is_not_planned(allocate: Allocator) -> None:
    snapshot = a_snapshot(a_pending(1, "alpha", 8), holding=[FULL])

    assert planned(decided(allocate, snapshot)) == []


@every_allocator
def test_a_plan_is_kept_in_the_next_cycle(allocate: Allocator) -> None:
    snapshot = a_snapshot(due(1, "alpha", 8), holding=[FULL])
    first = decided(allocate, snapshot)

    second = decided(allocate, so_much_later(snapshot, first, 60))

    assert planned(first) == [(1, at(7200))]
    assert second.plans == first.plans


@every_allocator
def test_a_plan_leaves_a_node_that_is_drained_while_others_still_run_there(
    allocate: Allocator,
) -> None:
    longer = a_holding(1002, "beta", 8, "n2", walltime_s=9000)
    snapshot = a_snapshot(due(1, "alpha", 8), on=nodes(2), holding=[FULL, longer])
    first = decided(allocate, snapshot)
    later = so_much_later(snapshot, first, 60)
    drained = replace(later.nodes[0], available=False), later.nodes[1]

    second = decided(allocate, replace(later, nodes=drained))

    assert (planned(first), planned(second)) == ([(1, at(7200))], [(1, at(9000))])


@every_allocator
def test_a_planned_job_starts_when_its_moment_has_come(allocate: Allocator) -> None:
    snapshot = a_snapshot(due(1, "alpha", 8), a_pending(2, "beta", 8), holding=[FULL])
    first = decided(allocate, snapshot)

    second = decided(allocate, so_much_later(snapshot, first, 3601))

    assert [start.job_id for start in second.starts] == [1]


@every_allocator
def test_a_plan_moves_earlier_when_it_can(allocate: Allocator) -> None:
    snapshot = a_snapshot(due(1, "alpha", 8), holding=[FULL])
    (plan,) = allocate(snapshot).plans
    late = PlannedStart(1, at(9000), plan.placement)

    allocation = decided(allocate, replace(snapshot, plans=(late,)))

    assert planned(allocation) == [(1, at(7200))]


@every_allocator
def test_plans_on_one_node_count_together(allocate: Allocator) -> None:
    gangs = [due(n, name, 4) for n, name in enumerate(("alpha", "beta", "gamma"), 1)]

    allocation = decided(allocate, a_snapshot(*gangs, holding=[FULL]))

    assert planned(allocation) == [(1, at(7200)), (2, at(7200))]


@every_allocator
def test_plans_on_one_node_are_judged_together_when_a_run_begins_late(allocate: Allocator) -> None:
    """The plan of both nodes counts on n1 beside the other one, though it is for a later time.

    Alone each of them could be kept: at 7200 there is room on n1 for the one of 4 GPUs.
    """
    both = a_pending(1, "alpha", 8, nodes=2, submitted_at=at(-OVERDUE_S), walltime_s=3600)
    on_its_way = a_holding(
        1003, "beta", 4, state=JobState.SUBMITTED, started_at=None, walltime_s=3600
    )
    holding = [
        a_holding(1001, "gamma", 4, walltime_s=7200),
        a_holding(1002, "gamma", 8, "n2", walltime_s=9000),
        replace(on_its_way, changed_at=at(3600)),
    ]
    snapshot = a_snapshot(both, due(2, "beta", 4), on=nodes(2), holding=holding)
    first = decided(allocate, snapshot)
    later = so_much_later(snapshot, first, 60)
    late = replace(later.holding[2], started_at=at(3610))

    second = decided(allocate, replace(later, holding=(*later.holding[:2], late)))

    assert planned(first) == [(1, at(9000)), (2, at(7200))]
    assert planned(second) == [(1, at(9000)), (2, at(7210))]


@every_allocator
def test_a_plan_moves_by_what_a_run_began_late_where_others_are_planned_on_the_node(
    allocate: Allocator,
) -> None:
    """The first in the line comes forward, and job 2 waits the ten seconds that a run is late."""
    holding = [
        a_holding(1001, "gamma", 4, walltime_s=4000),
        a_holding(1002, "gamma", 2, walltime_s=7210),
        a_holding(1003, "gamma", 2, walltime_s=90_000),
    ]
    gangs = due(1, "alpha", 4, more_s=9, walltime_s=86_400), due(2, "beta", 2)
    plans = PlannedStart(1, at(90_000), a_placement(4)), PlannedStart(2, at(7200), a_placement(2))

    allocation = decided(allocate, replace(a_snapshot(*gangs, holding=holding), plans=plans))

    assert planned(allocation) == [(1, at(4000)), (2, at(7210))]


@every_allocator
def test_a_plan_moves_by_what_a_run_began_late_where_an_overdue_one_is_carried_out(
    allocate: Allocator,
) -> None:
    """What was planned for long ago runs from now on, not from then."""
    late = a_holding(1001, "gamma", 4, walltime_s=7210)
    gangs = due(1, "alpha", 4, more_s=9, walltime_s=3700), due(2, "beta", 4)
    plans = PlannedStart(1, at(0), a_placement(4)), PlannedStart(2, at(7200), a_placement(4))

    allocation = decided(allocate, replace(a_snapshot(*gangs, holding=[late]), plans=plans))

    assert [start.job_id for start in allocation.starts] == [1]
    assert planned(allocation) == [(2, at(7210))]


@every_allocator
def test_an_older_job_of_the_same_user_that_comes_back_takes_the_plans_place(
    allocate: Allocator,
) -> None:
    """It was held, or ran and was recalled: nothing else may be refused for it."""
    first = decided(allocate, a_snapshot(due(2, "alpha", 8), holding=[FULL]))
    both = due(1, "alpha", 8, more_s=600), due(2, "alpha", 8)

    back = decided(allocate, replace(a_snapshot(*both, holding=[FULL]), plans=first.plans))

    assert planned(first) == [(2, at(7200))]
    assert planned(back) == [(1, at(7200))]


@every_allocator
def test_what_starts_now_is_waited_for_by_a_plan(allocate: Allocator) -> None:
    long = due(1, "alpha", 4, more_s=60, walltime_s=7200)

    allocation = decided(allocate, a_snapshot(long, due(2, "beta", 8), holding=[HALF]))

    assert [start.job_id for start in allocation.starts] == [1]
    assert planned(allocation) == [(2, at(3600 + 7200))]


@every_allocator
def test_several_starts_together_leave_a_plan_its_room(allocate: Allocator) -> None:
    """Each alone would leave it; the gang of 6 needs all but 2 of the 8 GPUs at 4500."""
    long = [a_pending(n, "beta", 2, walltime_s=7200) for n in (2, 3)]

    allocation = decided(allocate, a_snapshot(due(1, "alpha", 6), *long, holding=[HALF]))

    assert [start.job_id for start in allocation.starts] == [2]
    assert planned(allocation) == [(1, at(4500))]


@every_allocator
def test_a_floor_is_met_before_a_due_job_starts(allocate: Allocator) -> None:
    policy = a_policy({"beta": a_quota(floor=8)})
    snapshot = a_snapshot(due(1, "alpha", 8), a_pending(2, "beta", 8), policy=policy)

    assert [start.job_id for start in decided(allocate, snapshot).starts] == [2]


@every_allocator
def test_who_comes_after_a_due_job_that_a_floor_started_is_not_planned(
    allocate: Allocator,
) -> None:
    alike = (due(1, "alpha", 4), a_pending(2, "alpha", 4))
    others = a_holding(902, "beta", 4, walltime_s=7200)
    policy = a_policy({"alpha": a_quota(floor=4)})

    allocation = decided(allocate, a_snapshot(*alike, policy=policy, holding=[others]))

    assert [start.job_id for start in allocation.starts] == [1]
    assert planned(allocation) == []


@every_allocator
def test_who_comes_after_a_promised_job_that_a_floor_started_takes_its_turn(
    allocate: Allocator,
) -> None:
    alike = (due(1, "alpha", 4), a_pending(2, "alpha", 4))
    policy = a_policy({"alpha": a_quota(floor=4)})
    snapshot = a_snapshot(*alike, a_pending(3, "beta", 4), policy=policy)
    promised = replace(snapshot, plans=(PlannedStart(1, at(3600), a_placement(4)),))

    assert {start.job_id for start in decided(allocate, promised).starts} == {1, 3}


# Of the pool's 8 GPUs, 2 are a quarter.
GANGS_TOO = WaitRules(places=1, spare_places=SparePlaces.GANGS)


def with_rules(snapshot: Snapshot, rules: WaitRules) -> Snapshot:
    return replace(snapshot, policy=replace(snapshot.policy, wait=rules))


@every_allocator
def test_a_spare_place_goes_to_the_large_gang_with_the_most_gpus_times_wait(
    allocate: Allocator,
) -> None:
    gangs = (
        a_pending(1, "alpha", 8, submitted_at=at(3000)),  # 4800 GPU-seconds
        a_pending(2, "beta", 6, submitted_at=at(2700)),  # 5400
        a_pending(3, "gamma", 2, submitted_at=at(1000)),  # 5200
        a_pending(4, "delta", 1, submitted_at=at(-9000)),  # more, but small
    )

    for rules, job_ids in ((GANGS_TOO, [2]), (WaitRules(), [])):
        snapshot = with_rules(a_snapshot(*gangs, holding=[FULL]), rules)
        assert [job_id for job_id, _ in planned(decided(allocate, snapshot))] == job_ids


@every_allocator
def test_a_due_job_comes_before_a_large_gang(allocate: Allocator) -> None:
    snapshot = a_snapshot(a_pending(1, "alpha", 8), due(2, "beta", 1), holding=[FULL])

    allocation = decided(allocate, with_rules(snapshot, GANGS_TOO))

    assert [job_id for job_id, _ in planned(allocation)] == [2]


@every_allocator
def test_a_large_gang_in_a_spare_place_starts_before_lower_shares(allocate: Allocator) -> None:
    policy = replace(a_policy(), wait=GANGS_TOO)
    used = {("universities",): 9.0, ("universities", "alpha"): 9.0}
    gangs = (a_pending(1, "alpha", 6, submitted_at=at(0)), a_pending(2, "beta", 4))
    snapshot = replace(a_snapshot(*gangs, policy=policy), mean_gpus=used)

    assert [one.job_id for one in decided(allocate, snapshot).starts] == [1]


@every_allocator
def test_a_gang_that_is_large_in_one_of_its_pools_only_gets_no_spare_place(
    allocate: Allocator,
) -> None:
    small = a_node("s1", pool="gpu/a100", gpus=2)
    held = (FULL, a_holding(902, "alpha", 2, "s1", pool="gpu/a100", walltime_s=7200))
    snapshot = a_snapshot(a_pending(1, "beta", 1), on=(*nodes(1), small), holding=held)

    assert planned(decided(allocate, with_rules(snapshot, GANGS_TOO))) == []


def test_spare_places_for_gangs_make_the_promised_bound_longer() -> None:
    snapshot = a_snapshot(a_pending(1, gpus=8), holding=[FULL])
    longest_s = snapshot.policy.user_limits.max_walltime_s

    plain, gangs_too = (
        start_bounds(one, suited(one))[1]
        for one in (with_rules(snapshot, WaitRules(places=1)), with_rules(snapshot, GANGS_TOO))
    )

    assert gangs_too - plain == timedelta(seconds=2 * longest_s)
