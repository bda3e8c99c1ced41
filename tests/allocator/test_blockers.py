"""P15: whatever the world, a waiting job is told what is in its way: all of it, and only that."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from scheduler.allocator.greedy import allocate_greedily
from scheduler.allocator.solve import CpSatAllocator
from scheduler.domain.audit import violations
from scheduler.domain.audit.blockers import blockers_are_true_and_all_told
from scheduler.domain.snapshot import Snapshot
from scheduler.ports import Allocator
from tests.allocator.worlds import worlds

ALLOCATORS = {"cp-sat": CpSatAllocator(), "greedy": allocate_greedily}
every_allocator = pytest.mark.parametrize("allocate", ALLOCATORS.values(), ids=ALLOCATORS)


@every_allocator
@settings(max_examples=150, deadline=None)
@given(snapshot=worlds())
def test_every_blocker_is_true_and_every_true_one_is_told(
    allocate: Allocator, snapshot: Snapshot
) -> None:
    assert violations(snapshot, allocate(snapshot), [blockers_are_true_and_all_told]) == ()
