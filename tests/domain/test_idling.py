"""The price of a planned start: idle GPUs that somebody else could use, and no others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scheduler.allocator.greedy import allocate_greedily
from scheduler.allocator.solve import CpSatAllocator
from scheduler.domain.idling import idled_for_plans
from scheduler.domain.jobs import PendingJob
from scheduler.domain.policies import WaitRules
from scheduler.domain.requests import GpusPer
from scheduler.domain.snapshot import Snapshot
from scheduler.ports import Allocator
from tests.build import POOL, a_holding, a_pending, a_policy, a_snapshot, a_tenant, at, nodes

ALLOCATORS = {"cp-sat": CpSatAllocator(), "greedy": allocate_greedily}
every_allocator = pytest.mark.parametrize("allocate", ALLOCATORS.values(), ids=ALLOCATORS)
# Two nodes of 8 GPUs, 6 of which are in use for ten minutes more; the gang of all 16 is due.
BUSY = a_holding(900, a_tenant("beta"), 6, "n1", started_at=at(3600), walltime_s=600)
GANG = a_pending(
    1, a_tenant("alpha"), gpus=8, nodes=2, gpus_per=GpusPer.NODE, submitted_at=at(-7200)
)


def a_world(*others: PendingJob, guard_s: int = 3600) -> Snapshot:
    policy = replace(a_policy(), wait=WaitRules(guard_s))
    return a_snapshot(GANG, *others, on=nodes(2), holding=[BUSY], policy=policy)


def small(job_id: int, walltime_s: int) -> PendingJob:
    return a_pending(job_id, a_tenant("gamma"), gpus=1, walltime_s=walltime_s)


@every_allocator
def test_gpus_that_long_jobs_must_not_take_are_the_price(allocate: Allocator) -> None:
    snapshot = a_world(*(small(n, walltime_s=86_400) for n in range(2, 7)))

    assert idled_for_plans(snapshot, allocate(snapshot)) == {POOL: 5}


@every_allocator
def test_the_price_is_no_more_than_what_is_kept_free(allocate: Allocator) -> None:
    snapshot = a_world(*(small(n, walltime_s=86_400) for n in range(2, 30)))

    assert idled_for_plans(snapshot, allocate(snapshot)) == {POOL: 10}


@every_allocator
def test_jobs_that_end_in_time_go_ahead_and_what_nobody_wants_costs_nothing(
    allocate: Allocator,
) -> None:
    alone, short = a_world(), a_world(*(small(n, walltime_s=300) for n in range(2, 30)))

    assert idled_for_plans(alone, allocate(alone)) == {}
    assert idled_for_plans(short, allocate(short)) == {}


@every_allocator
def test_without_a_planned_start_nothing_is_kept(allocate: Allocator) -> None:
    snapshot = a_world(small(2, walltime_s=86_400), guard_s=86_400)

    assert idled_for_plans(snapshot, allocate(snapshot)) == {}
