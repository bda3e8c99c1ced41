"""Who waited too long: in which order, when, and what others must leave alone (P10)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from scheduler.domain.audit import CHECKS, violations
from scheduler.domain.decisions import Allocation, PlannedStart
from scheduler.domain.jobs import PendingJob
from scheduler.domain.policies import WaitRules
from scheduler.domain.snapshot import Snapshot
from scheduler.ports import Allocator
from tests.build import a_holding, a_pending, a_policy, a_quota, a_snapshot, at, nodes
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
