"""Counterfactuals: what is said to start a job starts it, at the same snapshot."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings

from scheduler.allocator.counterfactuals import MOST_TOLD, EndOf
from scheduler.allocator.explanation import explained
from scheduler.allocator.greedy import allocate_greedily, greedy_end
from scheduler.allocator.solve import CpSatAllocator
from scheduler.domain.decisions import PlannedStart
from scheduler.domain.queue import grouped
from scheduler.domain.requests import GpuRequest
from scheduler.domain.resources import Amount
from scheduler.domain.snapshot import Snapshot
from scheduler.errors import NotFound
from scheduler.ports import Allocator
from tests.allocator.worlds import worlds
from tests.build import a_holding, a_node, a_pending, a_placement, a_snapshot, at, nodes

SEARCHING = CpSatAllocator()
ALLOCATORS = {
    "cp-sat": (SEARCHING, SEARCHING.end_of, 25),
    "greedy": (allocate_greedily, greedy_end, 100),
}


def changed(snapshot: Snapshot, job_id: int, request: GpuRequest) -> Snapshot:
    jobs = [
        replace(job, request=request) if job.job_id == job_id else job for job in snapshot.pending
    ]
    return replace(snapshot, queue=grouped(jobs))


def starts(snapshot: Snapshot, job_id: int, allocate: Allocator) -> bool:
    return job_id in {start.job_id for start in allocate(snapshot).starts}


@pytest.mark.parametrize(("allocate", "end_of", "examples"), ALLOCATORS.values(), ids=ALLOCATORS)
def test_whatever_is_said_to_start_a_job_does(
    allocate: Allocator, end_of: EndOf, examples: int
) -> None:
    @settings(max_examples=examples, deadline=None)
    @given(snapshot=worlds())
    def holds(snapshot: Snapshot) -> None:
        for wait in allocate(snapshot).waits[:3]:
            job_id = wait.job_ids[0]
            told = explained(snapshot, job_id, end_of).counterfactuals
            assert len(told) <= MOST_TOLD
            for one in told:
                assert starts(changed(snapshot, job_id, one.request), job_id, allocate), one.words

    holds()


def words(snapshot: Snapshot, job_id: int = 1) -> list[str]:
    return [one.words for one in explained(snapshot, job_id, greedy_end).counterfactuals]


TOLD: dict[str, tuple[Snapshot, list[str]]] = {
    "fewer GPUs": (
        a_snapshot(a_pending(1, gpus=8), holding=[a_holding(gpus=2)]),
        ["with 6 GPUs instead of 8 it starts now"],
    ),
    "another type": (
        a_snapshot(
            a_pending(1, gpus=8, gpu_type="h200"),
            on=[a_node("n1"), a_node("n2", pool="gpu/a100")],
            holding=[a_holding(gpus=8)],
        ),
        ["with any GPU type it starts now"],
    ),
    "another layout": (
        a_snapshot(
            a_pending(1, gpus=8),
            on=[a_node(name, used=Amount(4, 4, 4)) for name in ("n1", "n2")],
        ),
        [
            "with 4 GPUs instead of 8 it starts now",
            "with its GPUs spread over 2 nodes it starts now",
        ],
    ),
    "fewer CPUs": (
        a_snapshot(a_pending(1, cpus_per_task=64), on=[a_node(used=Amount(0, 60, 0))]),
        ["with 4 CPUs for each task instead of 64 it starts now"],
    ),
    "nothing, where nothing helps": (
        a_snapshot(a_pending(1), holding=[a_holding(gpus=8)]),
        [],
    ),
    "nothing, where it starts as it is": (a_snapshot(a_pending(1)), []),
}


@pytest.mark.parametrize(("snapshot", "want"), TOLD.values(), ids=TOLD.keys())
def test_the_least_change_of_each_kind_is_told(snapshot: Snapshot, want: list[str]) -> None:
    assert words(snapshot) == want


def test_a_walltime_that_ends_before_a_planned_start_is_told_with_its_time() -> None:
    gang = a_pending(1, "beta", 16, submitted_at=at(-48 * 3600))
    ends = a_holding(gpus=8, walltime_s=2 * 3600)
    snapshot = a_snapshot(gang, a_pending(2, walltime_s=5 * 3600), on=nodes(2), holding=[ends])
    plan = PlannedStart(1, at(2 * 3600), a_placement(8, "n1", "n2"))

    assert words(replace(snapshot, plans=(plan,)), 2) == [
        "with a walltime of 1:00:00 it starts now, before the planned start at 2026-03-02 14:00 UTC"
    ]


def test_a_job_that_does_not_wait_is_not_found() -> None:
    with pytest.raises(NotFound, match="no waiting job '7'"):
        explained(a_snapshot(a_pending(1)), 7, greedy_end)
