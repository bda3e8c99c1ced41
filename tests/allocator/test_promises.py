"""Promises that hold in every world, checked on worlds nobody thought of."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings

from scheduler.allocator.greedy import allocate_greedily
from scheduler.allocator.solve import CpSatAllocator
from scheduler.domain.audit import violations
from scheduler.domain.decisions import SolverStatus
from scheduler.domain.snapshot import Snapshot
from scheduler.ports import Allocator
from tests.allocator.worlds import worlds

ALLOCATORS = {"cp-sat": CpSatAllocator(), "greedy": allocate_greedily}
every_allocator = pytest.mark.parametrize("allocate", ALLOCATORS.values(), ids=ALLOCATORS)
CHECKED = settings(max_examples=150, deadline=None)


@every_allocator
@CHECKED
@given(snapshot=worlds())
def test_no_rule_is_ever_broken(allocate: Allocator, snapshot: Snapshot) -> None:
    allocation = allocate(snapshot)

    assert violations(snapshot, allocation) == ()
    assert allocation.fell_back_because == ""


@every_allocator
@CHECKED
@given(snapshot=worlds())
def test_every_pending_job_gets_exactly_one_decision(
    allocate: Allocator, snapshot: Snapshot
) -> None:
    allocation = allocate(snapshot)
    decided = Counter(start.job_id for start in allocation.starts)
    decided.update(job_id for wait in allocation.waits for job_id in wait.job_ids)

    assert decided == Counter(job.job_id for job in snapshot.pending)


@CHECKED
@given(snapshot=worlds())
def test_small_worlds_are_solved_to_proven_ends(snapshot: Snapshot) -> None:
    # A busy machine must not end the search before its proof.
    allocation = CpSatAllocator(time_limit_s=60)(snapshot)

    assert allocation.status in (SolverStatus.OPTIMAL, SolverStatus.NOT_RUN)
    assert all(stage.value <= stage.bound for stage in allocation.stages)


@every_allocator
@settings(max_examples=25, deadline=None)
@given(snapshot=worlds())
def test_the_same_world_gets_the_same_answer(allocate: Allocator, snapshot: Snapshot) -> None:
    assert allocate(snapshot) == allocate(snapshot)
