"""Small worlds for what large ones hide: defects that were planted once and lived."""

from __future__ import annotations

from fractions import Fraction

import pytest

from scheduler.allocator.greedy import allocate_greedily
from scheduler.domain.audit import violations
from scheduler.domain.jobs import ArrayPlace
from scheduler.domain.placement import options
from scheduler.domain.requests import Memory, MemoryPer, gang_for
from scheduler.domain.resources import Amount, Gang
from scheduler.domain.shares.demand import demands
from scheduler.domain.shares.fairshare import entitlements
from scheduler.ports import Allocator
from tests.build import (
    POOL,
    a_holding,
    a_node,
    a_pending,
    a_policy,
    a_quota,
    a_request,
    a_snapshot,
    a_tenant,
    nodes,
)
from tests.fairness.judging import ALLOCATORS, entitlements_agree

every_allocator = pytest.mark.parametrize("allocate", ALLOCATORS.values(), ids=ALLOCATORS)


def test_a_gang_wants_nothing_while_one_of_its_nodes_is_down() -> None:
    pair = a_pending(1, "alpha", 16, nodes=2)
    half = a_snapshot(pair, on=[a_node("n1"), a_node("n2", available=False)])
    whole = a_snapshot(pair, on=nodes(2))

    assert demands(half).get(("universities", "alpha", POOL), 0) == 0
    assert demands(whole)["universities", "alpha", POOL] == 16
    entitlements_agree(half)


def test_an_array_wants_no_more_elements_than_may_run_at_once() -> None:
    pending = [a_pending(n, "alpha", array=ArrayPlace(5, n, limit=3)) for n in (1, 2, 3)]
    running = [a_holding(n, "alpha", array=ArrayPlace(5, n, limit=3)) for n in (901, 902)]
    snapshot = a_snapshot(*pending, holding=running)

    assert demands(snapshot)["universities", "alpha", POOL] == 3
    entitlements_agree(snapshot)


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


def test_an_organisations_floor_counts_in_its_class() -> None:
    snapshot = a_snapshot(
        *(a_pending(n, "alpha") for n in range(1, 9)),
        *(a_pending(n, a_tenant("gamma", tenant_class="startups")) for n in range(11, 19)),
        policy=a_policy({"alpha": a_quota(floor=6)}),
    )

    assert entitlements(snapshot) == {("alpha", POOL): 6, ("gamma", POOL): 2}
    entitlements_agree(snapshot)


def test_one_alternative_of_a_constraint_is_enough() -> None:
    either = (frozenset({"nvlink"}), frozenset({"ib"}))
    snapshot = a_snapshot(a_pending(1, constraint=either), on=[a_node(features=["ib"])])

    assert options(snapshot.pending[0], snapshot) != ()


def test_tasks_are_rounded_up_on_each_node() -> None:
    gang = gang_for(a_request(4, nodes=2, tasks=3, cpus_per_task=5), 8, 4096)

    assert gang == Gang(2, Amount(2, 10, 40_960))


@every_allocator
def test_two_gangs_whose_memory_does_not_fit_together_do_not_start_together(
    allocate: Allocator,
) -> None:
    half = Memory(6000, MemoryPer.NODE)
    snapshot = a_snapshot(
        *(a_pending(n, "alpha", memory=half) for n in (1, 2)), on=[a_node(memory_mib=10_000)]
    )

    assert len(allocate(snapshot).starts) == 1


def test_who_fits_anywhere_is_given_the_cheapest_gpus_by_the_greedy_allocator() -> None:
    machines = [a_node("h1", pool="gpu/h100", gpus=16), a_node("c1", pool="gpu/a10", gpus=4)]
    dear = a_policy(rates={"h100": Fraction(8), "a10": Fraction(1)})

    (start,) = allocate_greedily(a_snapshot(a_pending(1), on=machines, policy=dear)).starts

    assert start.placement.pool == "gpu/a10"
