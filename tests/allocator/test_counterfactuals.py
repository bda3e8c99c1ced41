"""Counterfactuals: what is said to start a job starts it, at the same snapshot."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings

from scheduler.allocator.changed import EndOf
from scheduler.allocator.counterfactuals import MOST_TOLD
from scheduler.allocator.explanation import explained
from scheduler.allocator.greedy import allocate_greedily, greedy_end
from scheduler.allocator.solve import CpSatAllocator
from scheduler.domain.decisions import Allocation, PlannedStart
from scheduler.domain.jobs import HoldingJob, JobState, PendingJob, Placement
from scheduler.domain.queue import grouped
from scheduler.domain.requests import GpuRequest
from scheduler.domain.resources import Amount
from scheduler.domain.snapshot import Snapshot
from scheduler.errors import NotFound
from scheduler.ports import Allocator
from tests.allocator.worlds import worlds
from tests.build import a_holding, a_node, a_pending, a_placement, a_policy, a_snapshot, at, nodes

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


def later(snapshot: Snapshot, when: datetime, job_id: int, allocation: Allocation) -> Snapshot:
    """Return the world as it is then if the cycle's starts and plans are made, and nothing else."""
    now, waiting = snapshot.taken_at, {job.job_id: job for job in snapshot.pending}
    plans = [plan for plan in allocation.plans if plan.job_id != job_id]
    begun = [(start.job_id, start.placement, now) for start in allocation.starts]
    begun += [(plan.job_id, plan.placement, plan.at) for plan in plans if plan.at <= when]
    runs, used = [*snapshot.holding], {node.name: node.used for node in snapshot.nodes}
    for number, placement, since in begun:
        runs.append(begins(waiting.pop(number), placement, since))
        for name in placement.nodes:
            used[name] += placement.gang.per_node
    ended = [job for job in runs if last_moment(job, now) <= when]
    for job in ended:
        for name in job.placement.nodes:
            used[name] = used[name].less(job.placement.gang.per_node)
    return replace(
        snapshot,
        taken_at=when,
        holding=tuple(job for job in runs if job not in ended),
        nodes=tuple(replace(node, used=used[node.name]) for node in snapshot.nodes),
        queue=grouped(waiting.values()),
        plans=tuple(plan for plan in plans if plan.at > when),
    )


def begins(job: PendingJob, placement: Placement, since: datetime) -> HoldingJob:
    walltime_s = job.request.walltime_s
    held = HoldingJob(job.job_id, job.tenant, JobState.RUNNING, placement, walltime_s)
    return replace(held, started_at=since, array=job.array)


def last_moment(job: HoldingJob, now: datetime) -> datetime:
    ends = (job.started_at or job.changed_at or now) + timedelta(seconds=job.walltime_s)
    return max(ends, now + timedelta(minutes=1))


def starts(snapshot: Snapshot, job_id: int, allocate: Allocator) -> bool:
    return job_id in {start.job_id for start in allocate(snapshot).starts}


@pytest.mark.parametrize(("allocate", "end_of", "examples"), ALLOCATORS.values(), ids=ALLOCATORS)
def test_whatever_is_said_to_start_a_job_does(
    allocate: Allocator, end_of: EndOf, examples: int
) -> None:
    @settings(max_examples=examples, deadline=None)
    @given(snapshot=worlds())
    def holds(snapshot: Snapshot) -> None:
        allocation = allocate(snapshot)
        for wait in allocation.waits[:3]:
            job_id = wait.job_ids[0]
            told = explained(snapshot, job_id, end_of).counterfactuals
            assert len(told) <= MOST_TOLD
            for one in told:
                at = one.starts_at
                then = later(snapshot, at, job_id, allocation) if at else snapshot
                assert not starts(then, job_id, allocate), (
                    f"as asked it starts as well: {one.words}"
                )
                assert starts(changed(then, job_id, one.request), job_id, allocate), one.words

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


LATER: dict[str, tuple[Snapshot, list[tuple[str, datetime]]]] = {
    "fewer GPUs": (
        a_snapshot(
            a_pending(1, gpus=8),
            holding=[
                a_holding(1001, gpus=4, walltime_s=7200),
                a_holding(1002, gpus=4, walltime_s=18000),
            ],
        ),
        [("with 4 GPUs instead of 8 it starts 3:00:00 earlier than as asked", at(7200))],
    ),
    "within the user's limit": (
        a_snapshot(
            a_pending(1, gpus=8),
            on=nodes(2),
            holding=[
                a_holding(1001, gpus=4, walltime_s=7200),
                a_holding(1002, gpus=4, walltime_s=18000),
            ],
            policy=a_policy(max_held_gpus=8),
        ),
        [("with 4 GPUs instead of 8 it starts 3:00:00 earlier than as asked", at(7200))],
    ),
    "another type": (
        a_snapshot(
            a_pending(1, gpus=8, gpu_type="h200"),
            on=[a_node("n1"), a_node("n2", pool="gpu/a100")],
            holding=[
                a_holding(1001, gpus=8, walltime_s=18000),
                a_holding(1002, "alpha", 8, "n2", pool="gpu/a100", walltime_s=7200),
            ],
        ),
        [("with any GPU type it starts 3:00:00 earlier than as asked", at(7200))],
    ),
    "what never fits as asked": (
        a_snapshot(
            a_pending(1, gpus=8),
            on=[a_node(used=Amount(2, 2, 2))],
            holding=[a_holding(gpus=6, walltime_s=7200)],
        ),
        [("with 6 GPUs instead of 8 it starts later, and as asked it never fits", at(7200))],
    ),
    "nothing, where it is not much earlier": (
        a_snapshot(
            a_pending(1, gpus=8),
            holding=[
                a_holding(1001, gpus=4, walltime_s=17400),
                a_holding(1002, gpus=4, walltime_s=18000),
            ],
        ),
        [],
    ),
    "nothing, where another one's turn comes first": (
        a_snapshot(
            a_pending(1, "beta", 4),
            a_pending(2, gpus=8),
            holding=[
                a_holding(1001, gpus=4, walltime_s=7200),
                a_holding(1002, gpus=4, walltime_s=18000),
            ],
        ),
        [],
    ),
}


@pytest.mark.parametrize(("snapshot", "want"), LATER.values(), ids=LATER.keys())
def test_what_starts_it_earlier_if_not_now_is_told_with_its_time(
    snapshot: Snapshot, want: list[tuple[str, datetime]]
) -> None:
    job_id = snapshot.pending[-1].job_id
    told = explained(snapshot, job_id, greedy_end).counterfactuals
    assert [(one.words, one.starts_at) for one in told] == want


def test_a_walltime_that_fits_in_a_gap_before_a_planned_start_is_told() -> None:
    """One node of two comes free at 14:00, the other at 20:00, when both are planned for a gang."""
    gang = a_pending(1, "beta", 16, submitted_at=at(-48 * 3600), walltime_s=3600)
    runs = [
        a_holding(1001, "gamma", 8, "n1", walltime_s=2 * 3600),
        a_holding(1002, "gamma", 8, "n2", walltime_s=8 * 3600),
    ]
    snapshot = a_snapshot(gang, a_pending(2, walltime_s=8 * 3600), on=nodes(2), holding=runs)
    plan = PlannedStart(1, at(8 * 3600), a_placement(8, "n1", "n2"))

    [told] = explained(replace(snapshot, plans=(plan,)), 2, greedy_end).counterfactuals

    assert told.words == (
        "with a walltime of 5:00:00 instead of 8:00:00 it starts 7:00:00 earlier than as asked"
    )
    assert (told.request.walltime_s, told.starts_at) == (5 * 3600, at(2 * 3600))


def test_a_job_that_does_not_wait_is_not_found() -> None:
    with pytest.raises(NotFound, match="no waiting job '7'"):
        explained(a_snapshot(a_pending(1)), 7, greedy_end)
