"""Advance reservations are kept by every allocator, in worlds told here and nobody thought of."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings

from scheduler.allocator.greedy import allocate_greedily
from scheduler.allocator.solve import CpSatAllocator
from scheduler.domain.audit import SEARCHES, violations
from scheduler.domain.audit.blockers import blockers_are_true_and_all_told
from scheduler.domain.reserved_nodes import ReservedNodes
from scheduler.domain.snapshot import Snapshot
from scheduler.ports import Allocator
from tests.allocator.reserved_worlds import reserved_worlds
from tests.build import (
    a_tenant,
    at,
)

ALLOCATORS = {"cp-sat": CpSatAllocator(), "greedy": allocate_greedily}
every_allocator = pytest.mark.parametrize("allocate", ALLOCATORS.values(), ids=ALLOCATORS)
CHECKED = settings(max_examples=150, deadline=None)
STUDENTS = a_tenant("college", tenant_class="students")
NOW = at(3600)
HOUR_S = 3600


@every_allocator
@CHECKED
@given(snapshot=reserved_worlds())
def test_no_rule_is_ever_broken(allocate: Allocator, snapshot: Snapshot) -> None:
    """Among the rules: who fits outside of reservations starts, and no node is overfilled."""
    allocation = allocate(snapshot)

    assert violations(snapshot, allocation) == ()
    assert allocation.fell_back_because == ""


@every_allocator
@CHECKED
@given(snapshot=reserved_worlds())
def test_nobody_starts_or_is_planned_where_others_have_reserved(
    allocate: Allocator, snapshot: Snapshot
) -> None:
    allocation, jobs = allocate(snapshot), {job.job_id: job for job in snapshot.pending}
    gangs = [(start.job_id, snapshot.taken_at, start.placement) for start in allocation.starts]
    gangs += [(plan.job_id, plan.at, plan.placement) for plan in allocation.plans]

    for hold in ReservedNodes(snapshot).holds:
        for job_id, begins, placement in gangs:
            ends = begins + timedelta(seconds=jobs[job_id].request.walltime_s)
            is_there = hold.meets(begins, ends) and {*hold.nodes} & {*placement.nodes}
            assert not is_there or hold.reservation.audience.includes(jobs[job_id].tenant)


@every_allocator
@CHECKED
@given(snapshot=reserved_worlds())
def test_every_blocker_is_true_and_every_true_one_is_told(
    allocate: Allocator, snapshot: Snapshot
) -> None:
    assert violations(snapshot, allocate(snapshot), [blockers_are_true_and_all_told]) == ()


@settings(max_examples=60, deadline=None)
@given(snapshot=reserved_worlds())
def test_the_exact_search_is_fair_around_reservations(snapshot: Snapshot) -> None:
    assert violations(snapshot, CpSatAllocator(time_limit_s=60)(snapshot), SEARCHES) == ()
