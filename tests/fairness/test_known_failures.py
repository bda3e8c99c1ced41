"""Small worlds in which other fair schedulers were seen to fail, with what ought to come out.

The loops of recalls (Kueue #14543, #3779) have their own tests beside the recall.
"""

from __future__ import annotations

from fractions import Fraction

import pytest

from scheduler.domain.audit import CHECKS, SEARCHES, violations
from scheduler.domain.decisions import Allocation
from scheduler.domain.policies import PerPool, Quota
from scheduler.domain.snapshot import Snapshot
from scheduler.ports import Allocator
from tests.build import (
    a_holding,
    a_node,
    a_pending,
    a_policy,
    a_snapshot,
    a_tenant,
    at,
    nodes,
)
from tests.fairness.judging import ALLOCATORS

every_allocator = pytest.mark.parametrize("allocate", ALLOCATORS.values(), ids=ALLOCATORS)
H100, A10 = "gpu/h100", "gpu/a10"
STARTUP = a_tenant("gamma", tenant_class="startups")


def decided(allocate: Allocator, snapshot: Snapshot) -> Allocation:
    """Return what the allocator decides, which breaks no rule and could not be fairer."""
    allocation = allocate(snapshot)
    assert violations(snapshot, allocation, CHECKS + SEARCHES) == ()
    return allocation


def started(allocation: Allocation) -> set[int]:
    return {start.job_id for start in allocation.starts}


@every_allocator
def test_scarce_gpus_weigh_more_than_cheap_ones(allocate: Allocator) -> None:
    """Kueue #8902: 20 cheap GPUs and 20 dear ones counted the same."""
    machines = [a_node("c1", pool=A10, gpus=40), a_node("h1", pool=H100, gpus=22)]
    snapshot = a_snapshot(
        a_pending(1, "alpha", 2, gpu_type="h100"),
        a_pending(2, "beta", 2, gpu_type="h100", submitted_at=at(0)),
        on=machines,
        holding=[
            a_holding(901, "alpha", 20, "c1", pool=A10),
            a_holding(902, "beta", 20, "h1", pool=H100),
        ],
        policy=a_policy(rates={"h100": Fraction(8), "a10": Fraction(1)}),
    )

    assert started(decided(allocate, snapshot)) == {1}


@every_allocator
def test_cheap_gpus_do_not_erode_the_claim_to_scarce_ones(allocate: Allocator) -> None:
    """Kueue #9406: three teams own 5 H100 each; who borrowed cheap GPUs came last for its own.

    Alpha holds 30 cheap GPUs and 4 of its 5 H100; gamma, with all of its own, must not get the
    fifth. The floor comes before the shares, pool by pool.
    """
    teams = ("alpha", "beta", "gamma")
    snapshot = a_snapshot(
        a_pending(1, "alpha", 1, gpu_type="h100"),
        a_pending(2, "gamma", 1, gpu_type="h100", submitted_at=at(0)),
        on=[a_node("c1", pool=A10, gpus=50), a_node("h1", pool=H100, gpus=15)],
        holding=[
            a_holding(901, "alpha", 30, "c1", pool=A10),
            a_holding(902, "beta", 20, "c1", pool=A10),
            *(a_holding(903 + n, team, 4, "h1", pool=H100) for n, team in enumerate(teams)),
            a_holding(906, "beta", 1, "h1", pool=H100),
            a_holding(907, "gamma", 1, "h1", pool=H100),
        ],
        policy=a_policy(
            {team: Quota(floor=PerPool(0, {H100: 5})) for team in teams},
            rates={"h100": Fraction(1), "a10": Fraction(1, 4)},
        ),
    )

    assert started(decided(allocate, snapshot)) == {1}


@every_allocator
def test_a_blocked_gang_blocks_nobody_who_needs_other_gpus(allocate: Allocator) -> None:
    """Kueue #8309, strict order: the oldest waits for one pool, and all behind it wait for it."""
    snapshot = a_snapshot(
        a_pending(1, "alpha", 8, gpu_type="h100"),
        a_pending(2, "alpha", 8, gpu_type="a10"),
        on=[a_node("c1", pool=A10), a_node("h1", pool=H100)],
        holding=[a_holding(901, "beta", 1, "h1", pool=H100)],
    )

    assert started(decided(allocate, snapshot)) == {2}


@every_allocator
def test_small_jobs_do_not_starve_a_large_gang(allocate: Allocator) -> None:
    """Kueue #8309, best effort: small jobs take each GPU that comes free, the gang never starts.

    The gang has waited past the guard: it has a planned start, and of the small jobs only those
    start that are over by then.
    """
    gang = a_pending(1, "alpha", 16, nodes=2, submitted_at=at(-30 * 3600))
    long = [a_pending(n, "beta", 1, walltime_s=7200) for n in range(2, 6)]
    short = [a_pending(n, "beta", 1, walltime_s=600) for n in range(6, 10)]
    snapshot = a_snapshot(
        gang,
        *long,
        *short,
        on=nodes(2),
        holding=[a_holding(901, "beta", 4, "n1", walltime_s=3600 + 900)],
    )

    allocation = decided(allocate, snapshot)

    assert [(plan.job_id, plan.at) for plan in allocation.plans] == [(1, at(4500))]
    assert started(allocation) == {job.job_id for job in short}


@every_allocator
def test_who_comes_last_gets_what_becomes_free_until_it_has_its_part(allocate: Allocator) -> None:
    """Volcano #4165: of 75, two tenants took 29 each and kept on; the third stayed at 17."""
    pending = [
        a_pending(number, team, 1, submitted_at=at(age))
        for age, team in enumerate(("alpha", "beta", "gamma"))
        for number in range(100 * age + 1, 100 * age + 31)
    ]
    machines = [a_node(f"n{n}", gpus=25) for n in (1, 2, 3)]
    holding = [
        a_holding(901, "alpha", 25, "n1"),
        a_holding(902, "beta", 25, "n2"),
        a_holding(903, "gamma", 17, "n3"),
    ]

    allocation = decided(allocate, a_snapshot(*pending, on=machines, holding=holding))

    assert {job_id // 100 for job_id in started(allocation)} == {2}
    assert len(allocation.starts) == 8


@every_allocator
def test_a_blocked_leaf_does_not_hold_its_siblings_back(allocate: Allocator) -> None:
    """Naive hierarchical DRF: the lowest class leads, in it the lowest leaf, and that one is stuck.

    Alpha, which has nothing, waits for GPUs that are all taken; beta of the same class must get
    its turn all the same.
    """
    snapshot = a_snapshot(
        a_pending(1, "alpha", 8, gpu_type="h100"),
        a_pending(2, "beta", 4, gpu_type="a10"),
        a_pending(3, "beta", 4, gpu_type="a10"),
        a_pending(4, STARTUP, 4, gpu_type="a10", submitted_at=at(0)),
        on=[a_node("c1", pool=A10), a_node("h1", pool=H100)],
        holding=[a_holding(901, STARTUP, 8, "h1", pool=H100)],
    )

    assert started(decided(allocate, snapshot)) == {2, 3}


@every_allocator
def test_a_sibling_with_much_of_another_pool_does_not_starve_a_leaf(allocate: Allocator) -> None:
    """Naive hierarchical DRF: n2.1 holds all of one kind, so n2 counts as full and n2.2 starves.

    Alpha holds every A10, which nobody else wants; beta of the same class and gamma compete for
    H100. By the shares alone all would go to gamma's class; a floor keeps beta's part.
    """
    snapshot = a_snapshot(
        *(a_pending(n, "beta", 2, gpu_type="h100") for n in (1, 2, 3, 4)),
        *(a_pending(n, STARTUP, 2, gpu_type="h100", submitted_at=at(0)) for n in (5, 6, 7, 8)),
        on=[a_node("c1", pool=A10), a_node("h1", pool=H100)],
        holding=[a_holding(901, "alpha", 8, "c1", pool=A10)],
        policy=a_policy({"beta": Quota(floor=PerPool(0, {H100: 4}))}),
    )

    assert started(decided(allocate, snapshot)) == {1, 2, 5, 6}
