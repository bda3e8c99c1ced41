"""The bound of divisible gangs is the exact leximin: no other way of filling is fairer."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from ortools.linear_solver import pywraplp

from loadtests.national_worlds import Size, a_nation
from scheduler.allocator.divisible import Divisible, wanted_gpus
from scheduler.allocator.shapes import Progress, problem_of
from scheduler.domain.shares.quotas import Subject
from scheduler.domain.snapshot import Snapshot
from tests.build import a_node, a_pending, a_policy, a_quota, a_snapshot, nodes

POOLS = [*nodes(1), a_node("n2", pool="gpu/a100")]


def gpus(snapshot: Snapshot) -> dict[str, float]:
    """Return each organisation's GPUs in the leximin of divisible gangs."""
    progress = Progress(problem_of(snapshot))
    levels = Divisible(progress).levels(2)
    return {path[-1]: round(amount / 1000, 2) for path, amount in levels.items()}


def test_equal_tenants_share_what_is_free() -> None:
    jobs = [a_pending(n, name, 8) for n, name in enumerate(("alpha", "beta", "gamma"), 1)]

    assert gpus(a_snapshot(*jobs, on=nodes(1))) == {"alpha": 2.67, "beta": 2.67, "gamma": 2.67}


def test_who_wants_less_than_an_even_part_gets_it_all() -> None:
    jobs = [a_pending(1, "alpha", 1), a_pending(2, "beta", 8), a_pending(3, "gamma", 8)]

    assert gpus(a_snapshot(*jobs, on=nodes(1))) == {"alpha": 1, "beta": 3.5, "gamma": 3.5}


def test_who_fits_several_pools_leaves_the_scarce_one_to_the_others() -> None:
    scarce = a_pending(1, "alpha", 8, gpu_type="a100")
    snapshot = a_snapshot(scarce, a_pending(2, "beta", 8), on=POOLS)

    assert gpus(snapshot) == {"alpha": 8, "beta": 8}


def test_shares_and_past_use_weigh() -> None:
    jobs = [a_pending(1, "alpha", 8), a_pending(2, "beta", 8)]
    policy = a_policy({"alpha": a_quota(3)})
    used: dict[tuple[str, ...], float] = {("universities", "beta"): 1.0}

    snapshot = a_snapshot(*jobs, on=nodes(1), policy=policy, mean_gpus=used)

    assert gpus(snapshot) == {"alpha": 6.75, "beta": 2.25}


def test_a_ceiling_bounds_what_divisible_gangs_could_have() -> None:
    jobs = [a_pending(1, "alpha", 8), a_pending(2, "beta", 8)]
    policy = a_policy({"alpha": a_quota(ceiling=2)})

    assert gpus(a_snapshot(*jobs, on=nodes(1), policy=policy)) == {"alpha": 2, "beta": 6}


def most_for(progress: Progress, path: Subject, kept: Mapping[Subject, float]) -> float:
    """Return the most a tenant can have while these keep theirs: a linear program of its own."""
    lp = pywraplp.Solver.CreateSolver("GLOP")
    parts: dict[Subject, list[pywraplp.Variable]] = {}
    in_pool: dict[str, list[pywraplp.Variable]] = {}
    for cell, wanted in wanted_gpus(progress).items():
        flows = {pool: lp.NumVar(0, wanted, "") for pool in cell.pools}
        lp.Add(sum(flows.values()) <= wanted)
        for depth in (1, 2):
            parts.setdefault(cell.organisation[:depth], []).extend(flows.values())
        for pool, flow in flows.items():
            in_pool.setdefault(pool, []).append(flow)
    for pool, started in in_pool.items():
        lp.Add(sum(started) <= progress.ledger.free_gpus(pool))
    for tenant, amount in kept.items():
        lp.Add(1000 * sum(parts[tenant]) >= amount - progress.standings.amount(tenant) - 1)
    lp.Maximize(1000 * sum(parts[path]))
    assert lp.Solve() == pywraplp.Solver.OPTIMAL
    return float(lp.Objective().Value()) + progress.standings.amount(path)


@pytest.mark.parametrize("seed", [1, 5, 11])
def test_nobody_can_have_more_unless_somebody_no_better_off_has_less(seed: int) -> None:
    """Max-min by its definition; the classes' amounts, one level up, are kept in any case."""
    size = Size(600, pools=4, organisations=20, nodes_per_pool=8, busy=0.8)
    progress = Progress(problem_of(a_nation(size, seed)))
    divisible = Divisible(progress)
    classes, amounts = divisible.levels(1), divisible.levels(2)

    for path, amount in amounts.items():
        others = {p: a for p, a in amounts.items() if p != path and a <= amount + 1}
        assert most_for(progress, path, {**classes, **others}) <= amount + 100, path
