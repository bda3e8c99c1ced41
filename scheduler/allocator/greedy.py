"""The allocator without a solver: lowest corrected share first, tightest nodes first."""

from __future__ import annotations

from fractions import Fraction

from scheduler.allocator.explain import concluded
from scheduler.allocator.shapes import Candidate, Progress, candidates, problem_of
from scheduler.domain.decisions import Allocation, SolverStatus
from scheduler.domain.quotas import Subject, quota_of
from scheduler.domain.snapshot import Snapshot


def allocate_greedily(snapshot: Snapshot) -> Allocation:
    """Return a decision for each pending job, by the rules but without a proof of fairness."""
    progress = Progress(problem_of(snapshot))
    fill(progress)
    return concluded(progress, Allocation((), "greedy", SolverStatus.NOT_RUN))


def fill(progress: Progress, smallest_first: bool = False) -> None:
    """Start waiting jobs until none is left that fits within the limits.

    What does not fit once is not tried again: starts only ever take room and headroom away.
    A user's oldest jobs go first, or its smallest, which come out more even.
    """
    queue = _Queue(progress, smallest_first)
    while (candidate := queue.first()) is not None:
        nodes = progress.nodes.place(candidate.option)
        if nodes is None or not progress.within_limits(candidate.group, candidate.option):
            queue.drop(candidate)
            continue
        progress.start(candidate.group, candidate.option, nodes)
        if not progress.waiting(candidate.group):
            queue.drop_group(candidate)


class _Queue:
    """The candidates as a tree of tenants; from its root the lowest corrected share leads."""

    def __init__(self, progress: Progress, smallest_first: bool) -> None:
        self._progress = progress
        # The rank of a child is the age of its oldest group: it breaks ties without names.
        self._children: dict[Subject, dict[Subject, int]] = {}
        self._leaves: dict[Subject, list[Candidate]] = {}
        self._floors: dict[Subject, dict[str, int]] = {}
        for rank, candidate in enumerate(sorted(candidates(progress), key=self._preference)):
            self._add(rank, candidate)
        for waiting in self._leaves.values() if smallest_first else ():
            waiting.sort(key=lambda candidate: candidate.option.gang.gpus)

    def first(self) -> Candidate | None:
        """Return whose turn it is: an unmet floor, then the lowest share, then the oldest."""
        path: Subject = ()
        while path in self._children:
            ranks = self._children[path]
            path = min(ranks, key=lambda child: (*self._urgency(child), ranks[child]))
        return self._leaves[path][0] if path else None

    def drop(self, candidate: Candidate) -> None:
        path = self._path(candidate)
        self._replace(path, [other for other in self._leaves[path] if other is not candidate])

    def drop_group(self, candidate: Candidate) -> None:
        path = self._path(candidate)
        left = [other for other in self._leaves[path] if other.group != candidate.group]
        self._replace(path, left)

    def _preference(self, candidate: Candidate) -> tuple[int, int, int]:
        """Order one user's candidates: oldest first, in the cheapest pool, then the emptiest."""
        pool = candidate.option.pool
        rate = self._progress.standings.rate(pool)
        return candidate.group, rate, -self._progress.ledger.free_gpus(pool)

    def _path(self, candidate: Candidate) -> Subject:
        return self._progress.problem.groups[candidate.group].tenant.path(4)

    def _add(self, rank: int, candidate: Candidate) -> None:
        path = self._path(candidate)
        self._leaves.setdefault(path, []).append(candidate)
        for depth in range(1, 5):
            self._children.setdefault(path[: depth - 1], {}).setdefault(path[:depth], rank)
        for tenant in (path[:1], path[:2]):
            self._note_floor(tenant, candidate.option.pool)

    def _note_floor(self, path: Subject, pool: str) -> None:
        floor = quota_of(self._progress.problem.snapshot.policy, path).floor.gpus(pool)
        if floor:
            self._floors.setdefault(path[:1], {})
            self._floors.setdefault(path, {})[pool] = floor

    def _replace(self, path: Subject, left: list[Candidate]) -> None:
        """Set a user's candidates; who has none left goes, and so up the tree."""
        self._leaves[path] = left
        if left:
            return
        while path and not self._children.get(path):
            self._children.pop(path, None)
            parent = path[:-1]
            del self._children[parent][path]
            path = parent
        if not self._children.get((), True):
            del self._children[()]

    def _urgency(self, path: Subject) -> tuple[bool, Fraction]:
        return not self._below_floor(path), self._progress.standings.corrected_share(path)

    def _below_floor(self, path: Subject) -> bool:
        """Say whether the tenant, or one of a class's organisations, is short of its floor."""
        if path not in self._floors:
            return False
        ledger = self._progress.ledger
        floors = self._floors[path].items()
        short = any(ledger.held(path, pool) < floor for pool, floor in floors)
        return short or (len(path) == 1 and any(map(self._below_floor, self._children[path])))
