"""A world judged: every allocator decides it, and no check of the audit may complain."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

from scheduler.allocator.greedy import allocate_greedily
from scheduler.allocator.solve import CpSatAllocator
from scheduler.domain.audit import SEARCHES, broken_at, checks_of
from scheduler.domain.audit.blockers import blockers_are_true_and_all_told
from scheduler.domain.audit.world import End, World
from scheduler.domain.decisions import Allocation
from scheduler.domain.jobs import HoldingJob, JobState
from scheduler.domain.policies import RecallRules
from scheduler.domain.recalls.recall import recalling
from scheduler.domain.requests import GpuRequest
from scheduler.domain.resources import Amount
from scheduler.domain.shares.demand import after_starts
from scheduler.domain.shares.fairshare import entitlements
from scheduler.domain.snapshot import Snapshot
from scheduler.ports import Allocator
from tests.fairness.exercised import EXERCISES

ALLOCATORS: dict[str, Allocator] = {
    "main": recalling(CpSatAllocator()),
    "greedy": recalling(allocate_greedily),
}
# Two ways to the same number may differ by the last bits of floats.
HAIR_GPUS = 1e-6


class Broken(AssertionError):
    """A promise is broken in this world."""

    def __init__(self, allocator: str, snapshot: Snapshot, texts: tuple[str, ...]) -> None:
        super().__init__(f"{allocator}: {'; '.join(texts)}")
        self.allocator = allocator
        self.snapshot = snapshot
        self.texts = texts


def judge(snapshot: Snapshot, later_s: int = 0) -> Counter[str]:
    """Return which promises were put to the test. Raises Broken.

    With `later_s` each allocator decides once more so much later, with its own plans kept.
    """
    exercised: Counter[str] = Counter()
    entitlements_agree(snapshot)
    world = World(snapshot)
    for name, allocate in ALLOCATORS.items():
        allocation = _judged(name, allocate, world, exercised)
        if later_s:
            after = so_much_later(snapshot, allocation, later_s)
            _judged(name, allocate, World(after), exercised)
    return exercised


def _judged(name: str, allocate: Allocator, world: World, exercised: Counter[str]) -> Allocation:
    allocation = allocate(world.snapshot)
    end = End(world, allocation)
    broken = broken_at(end, (*checks_of(allocation), *SEARCHES, blockers_are_true_and_all_told))
    if allocation.fell_back_because:
        broken += (f"it fell back: {allocation.fell_back_because}",)
    if broken:
        raise Broken(name, world.snapshot, broken)
    exercised.update(what for what, is_so in EXERCISES.items() if is_so(end))
    exercised["decisions judged"] += 1
    return allocation


def entitlements_agree(snapshot: Snapshot) -> None:
    """Two ways to work out who may have what come to the same. Raises Broken."""
    one, other = entitlements(snapshot), World(snapshot).entitled
    apart = [
        f"{key} may have {one.get(key)} by fairshare, {other.get(key)} by the audit"
        for key in {**one, **other}
        if abs(one.get(key, 0.0) - other.get(key, 0.0)) > HAIR_GPUS
    ]
    if apart:
        raise Broken("entitlements", snapshot, tuple(apart))


def with_recall(snapshot: Snapshot, rules: RecallRules) -> Snapshot:
    """Return the world under these rules; all that runs may be recalled, and waits again as it is.

    Where recall is off, it is the world as it was.
    """
    if not rules.enabled:
        return snapshot
    holding = tuple(
        replace(job, recallable=True, request=GpuRequest(job.placement.gang.gpus))
        for job in snapshot.holding
    )
    return replace(snapshot, holding=holding, policy=replace(snapshot.policy, recall=rules))


def so_much_later(snapshot: Snapshot, allocation: Allocation, seconds: int) -> Snapshot:
    """Return the next cycle's world: what started runs, and what is past its walltime has ended."""
    now = snapshot.taken_at + timedelta(seconds=seconds)
    after = after_starts(snapshot, allocation.starts)
    running = [_running(job, snapshot) for job in after.holding]
    ended = [job for job in running if _ends(job, snapshot) <= now]
    freed: dict[str, Amount] = {}
    for job in ended:
        for name in job.placement.nodes:
            freed[name] = freed.get(name, Amount()) + job.placement.gang.per_node
    return replace(
        after,
        cycle=snapshot.cycle + 1,
        taken_at=now,
        holding=tuple(job for job in running if job not in ended),
        nodes=tuple(
            replace(node, used=node.used.less(freed.get(node.name, Amount())))
            for node in after.nodes
        ),
        plans=allocation.plans,
    )


def _running(job: HoldingJob, snapshot: Snapshot) -> HoldingJob:
    """Whatever was on its way to Slurm began as the last cycle ended."""
    if job.started_at is not None:
        return job
    return replace(job, state=JobState.RUNNING, started_at=snapshot.taken_at)


def _ends(job: HoldingJob, snapshot: Snapshot) -> datetime:
    return (job.started_at or snapshot.taken_at) + timedelta(seconds=job.walltime_s)
