"""The problem of one cycle in shapes: alike jobs counted together, and what could start."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from scheduler.allocator.free_nodes import FreeNodes
from scheduler.allocator.standings import Standings
from scheduler.domain.decisions import Start
from scheduler.domain.fairshare import entitlements
from scheduler.domain.jobs import Placement
from scheduler.domain.placement import Option, SuitedGroup, suited
from scheduler.domain.quotas import Ledger
from scheduler.domain.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Problem:
    """What one cycle is to decide: the groups of pending jobs, the oldest first."""

    snapshot: Snapshot
    groups: tuple[SuitedGroup, ...]
    entitled: Mapping[tuple[str, str], float]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Up to `at_most` jobs of a group may start with this option, were they alone."""

    group: int
    option: Option
    at_most: int


def problem_of(snapshot: Snapshot) -> Problem:
    groups = suited(snapshot)
    return Problem(snapshot, groups, entitlements(snapshot, groups))


class Progress:
    """A cycle's starts so far, and what they leave of limits and nodes."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.ledger = Ledger(problem.snapshot, problem.entitled)
        self.nodes = FreeNodes(problem.snapshot.nodes)
        self.standings = Standings(problem.snapshot)
        self.starts: list[Start] = []
        self.options: list[tuple[int, Option]] = []
        self._taken = [0] * len(problem.groups)

    def waiting(self, group: int) -> int:
        """Return how many jobs of the group have not been started."""
        return len(self.problem.groups[group].jobs) - self._taken[group]

    def within_limits(self, group: int, option: Option) -> bool:
        """Say whether one more start breaks no limit; room on nodes is not looked at."""
        tenant, array = self.problem.groups[group].tenant, self.problem.groups[group].array
        gang = option.gang
        return self.ledger.broken_by(
            tenant, array, option.pool, gang
        ) is None and self.ledger.leaves_kept_back(tenant, option.pool, gang.gpus)

    def start(self, group: int, option: Option, nodes: tuple[str, ...]) -> None:
        """Start the group's oldest waiting job there.

        More starts than jobs begin with the first job again: a wrong plan must reach the audit
        as it is.
        """
        jobs = self.problem.groups[group].jobs
        job = jobs[self._taken[group] % len(jobs)]
        placement = Placement(option.pool, nodes, option.gang)
        self._taken[group] += 1
        self.nodes.take(nodes, option.gang.per_node)
        self.ledger.charge(job.tenant, job.array, placement)
        self.standings.charge(job.tenant, option.pool, option.gang.gpus)
        self.starts.append(Start(job.job_id, placement))
        self.options.append((group, option))


def candidates(progress: Progress) -> tuple[Candidate, ...]:
    """Return what could start now, each cut to how often it could; empty: nothing can."""
    room: dict[Option, int] = {}
    return tuple(_candidates(progress, room))


def _candidates(progress: Progress, room: dict[Option, int]) -> Iterable[Candidate]:
    for number, group in enumerate(progress.problem.groups):
        for option in group.options if progress.waiting(number) else ():
            if option not in room:
                room[option] = _room(progress, option)
            if room[option] and progress.within_limits(number, option):
                headroom = _headroom(progress, group, option)
                at_most = min(progress.waiting(number), room[option], headroom)
                yield Candidate(number, option, at_most)


def _room(progress: Progress, option: Option) -> int:
    fits = progress.nodes.place(option) is not None
    return progress.nodes.gangs(option) if fits else 0


def _headroom(progress: Progress, group: SuitedGroup, option: Option) -> int:
    bounds = progress.ledger.bounds(group.tenant, group.array, option.pool)
    counts = (progress.ledger.left(bound) // bound.takes(option.gang) for bound in bounds)
    return min(counts, default=len(group.jobs))
