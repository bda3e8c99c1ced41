"""Small worlds for what large ones hide: defects that were planted once and lived."""

from __future__ import annotations

import pytest

from scheduler.domain.audit import violations
from scheduler.domain.demand import demands
from scheduler.domain.policies import WaitRules
from scheduler.domain.snapshot import Snapshot
from scheduler.ports import Allocator
from tests.build import (
    POOL,
    a_holding,
    a_node,
    a_pending,
    a_policy,
    a_quota,
    a_snapshot,
    at,
    nodes,
)
from tests.fairness.judging import ALLOCATORS, entitlements_agree

every_allocator = pytest.mark.parametrize("allocate", ALLOCATORS.values(), ids=ALLOCATORS)
OVERDUE_S = WaitRules().guard_s + 1


def test_a_gang_wants_nothing_while_one_of_its_nodes_is_down() -> None:
    pair = a_pending(1, "alpha", 16, nodes=2)
    half = a_snapshot(pair, on=[a_node("n1"), a_node("n2", available=False)])
    whole = a_snapshot(pair, on=nodes(2))

    assert demands(half).get(("universities", "alpha", POOL), 0) == 0
    assert demands(whole)["universities", "alpha", POOL] == 16
    entitlements_agree(half)


@every_allocator
def test_gpus_of_a_node_that_is_down_cannot_be_kept_for_a_floor(allocate: Allocator) -> None:
    snapshot = a_snapshot(
        a_pending(1, "alpha", 4),
        on=[a_node("n1", gpus=4), a_node("n2", gpus=4, available=False)],
        policy=a_policy({"beta": a_quota(floor=4, lending=0)}),
        organisations={"beta": "universities"},
    )

    allocation = allocate(snapshot)

    assert allocation.starts == ()
    assert violations(snapshot, allocation) == ()


def overdue(*ages_s: int) -> Snapshot:
    """Return a full node and gangs of 8 of one organisation each, overdue by so much."""
    names = ("alpha", "beta", "gamma")
    gangs = [
        a_pending(n, name, 8, submitted_at=at(3600 - OVERDUE_S - age))
        for n, (name, age) in enumerate(zip(names, ages_s, strict=False), 1)
    ]
    return a_snapshot(*gangs, holding=[a_holding(gpus=8, walltime_s=7200)])


@every_allocator
def test_the_oldest_due_job_is_planned_first(allocate: Allocator) -> None:
    plans = allocate(overdue(60, 600)).plans

    assert plans[0].job_id == 2
    assert plans[0].at == at(7200)


@every_allocator
def test_of_each_organisation_one_due_job_stands_in_the_line(allocate: Allocator) -> None:
    gangs = [
        a_pending(n, "alpha", 8, walltime_s=60 * n, submitted_at=at(3600 - OVERDUE_S))
        for n in (1, 2)
    ]
    snapshot = a_snapshot(
        *gangs, on=nodes(2), holding=[a_holding(gpus=1), a_holding(902, "beta", 1, "n2")]
    )

    assert [plan.job_id for plan in allocate(snapshot).plans] == [1]
