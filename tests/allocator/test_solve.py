"""How a search ends is told apart, and no end of it leaves a job undecided."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from ortools.sat.python import cp_model

from loadtests.national_worlds import Size, a_nation
from scheduler.allocator.linear import Linear
from scheduler.allocator.model import build
from scheduler.allocator.search import STATUSES, Limits, NoSolution, Search
from scheduler.allocator.shapes import Progress, candidates, problem_of
from scheduler.allocator.solve import CpSatAllocator, values_of
from scheduler.allocator.stages import STAGES
from scheduler.domain.audit import violations
from scheduler.domain.decisions import SolverStatus
from scheduler.domain.snapshot import Snapshot
from tests.allocator.worlds import worlds
from tests.build import a_node, a_pending, a_snapshot, a_tenant, nodes

# Two organisations and gangs that do not fit evenly: no bound by counting settles this one.
HARD = a_snapshot(
    *(a_pending(n, f"o{n % 5}", (3, 5, 6)[n % 3], cpus_per_task=n % 7 + 20) for n in range(1, 40)),
    on=nodes(3),
)


def a_search(snapshot: Snapshot) -> Search:
    began = Progress(problem_of(snapshot))
    model = build(began, candidates(began))
    return Search(model, Limits(), values_of(model, began))


def test_every_status_of_the_solver_has_a_name() -> None:
    assert set(STATUSES) == set(cp_model.CpSolverStatus.__members__.values())


def test_every_stage_is_reported_in_the_order_of_the_law() -> None:
    allocation = CpSatAllocator()(HARD)

    levels = ["classes", "organisations", "projects", "users"]
    names = ["floors", *levels, "gpus", "packing", "wait"]
    assert [stage.stage for stage in allocation.stages] == names
    assert len(STAGES) == len(names)
    assert allocation.status is SolverStatus.OPTIMAL


def test_with_nothing_pending_nothing_is_searched() -> None:
    assert CpSatAllocator()(a_snapshot()).status is SolverStatus.NOT_RUN


def test_with_nothing_free_nothing_is_searched_and_all_wait() -> None:
    allocation = CpSatAllocator()(a_snapshot(a_pending(), on=[a_node(available=False)]))

    assert allocation.status is SolverStatus.NOT_RUN
    assert allocation.waiting_jobs == 1


def test_without_time_the_greedy_allocator_decides_and_it_says_so() -> None:
    allocation = CpSatAllocator(time_limit_s=0)(HARD)

    assert (allocation.solver, allocation.status) == ("greedy", SolverStatus.UNKNOWN)
    assert "no solution: unknown" in allocation.fell_back_because
    assert violations(HARD, allocation.decisions) == ()


def test_numbers_beyond_the_solver_make_it_fall_back() -> None:
    huge = a_node(memory_mib=2**70)
    snapshot = a_snapshot(a_pending(1), on=[huge])

    allocation = CpSatAllocator()(snapshot)

    assert (allocation.solver, allocation.status) == ("greedy", SolverStatus.INVALID)
    assert allocation.fell_back_because
    assert violations(snapshot, allocation.decisions) == ()


def test_a_contradiction_is_told_apart_from_running_out_of_time() -> None:
    search = a_search(HARD)
    variable = next(iter(search.model.starts.values()))
    search.model.cp.add(variable >= 1)
    search.model.cp.add(variable <= 0)

    with pytest.raises(NoSolution) as caught:
        search.maximise("gpus", Linear(((1, variable),)), most=9)

    assert caught.value.status is SolverStatus.INFEASIBLE


def test_a_search_cut_short_still_leaves_no_job_waiting_that_fits() -> None:
    allocate = CpSatAllocator(time_limit_s=0.02)

    assert violations(HARD, allocate(HARD).decisions) == ()


def renamed(snapshot: Snapshot) -> Snapshot:
    """Return the same world with every organisation's name turned round."""
    pending = (
        replace(job, tenant=a_tenant(f"z{9 - int(job.tenant.organisation[1:])}"))
        for job in snapshot.pending
    )
    return a_snapshot(*pending, on=snapshot.nodes)


def test_names_do_not_matter() -> None:
    allocate = CpSatAllocator()

    assert allocate(renamed(HARD)).starts == allocate(HARD).starts


@settings(max_examples=40, deadline=None)
@given(snapshot=worlds())
def test_how_a_cycle_ends_is_how_it_decides(snapshot: Snapshot) -> None:
    allocate = CpSatAllocator()

    assert tuple(allocate.end_of(snapshot).starts) == allocate(snapshot).starts


def test_so_it_is_where_there_are_too_many_to_search() -> None:
    snapshot = a_nation(Size(pending=4000, pools=4), seed=1)
    allocate = CpSatAllocator()

    end, allocation = allocate.end_of(snapshot), allocate(snapshot)

    assert allocation.solver == "lp-bound"
    assert tuple(end.starts) == allocation.starts
