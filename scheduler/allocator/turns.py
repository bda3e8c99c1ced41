"""Whose turn it is: the tree of tenants, from whose root the lowest corrected share leads."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from heapq import heapify, heappop, heapreplace

from scheduler.allocator.shapes import Progress
from scheduler.domain.shares.quotas import Subject, quota_of

Key = tuple[bool, int, int, Subject]  # floor met, corrected share, rank, path
Order = Callable[[int], tuple[float, ...]]  # of the groups of one user, by number


class Turns:
    """Groups by user, users by project, and so on up: at each level the lowest share comes first.

    A start changes the standing of its own path only, so every other key in the heaps stays true.
    """

    def __init__(self, progress: Progress, groups: Iterable[int], order: Order) -> None:
        self._progress = progress
        self._order = order
        self.only_floors = False  # then the turns end with the last unmet floor
        self._leaves: dict[Subject, list[tuple[tuple[float, ...], int]]] = {}
        self._ranks: dict[Subject, int] = {}
        self._floors: dict[Subject, dict[str, int]] = {}
        self._members: dict[Subject, list[Subject]] = {}
        for rank, group in enumerate(groups):
            self._add(rank, group)
        self._heaps: dict[Subject, list[Key]] = {}
        for path in sorted(self._members, key=len, reverse=True):
            self._heaps[path] = [self._key(member) for member in self._members[path]]
        for heap in (*self._leaves.values(), *self._heaps.values()):
            heapify(heap)  # type: ignore[arg-type]  # one call for lists of two element types

    def next(self) -> int | None:
        """Return the group whose turn it is: an unmet floor, then the lowest share, then rank."""
        path: Subject = ()
        floors_met = True
        while path in self._heaps:
            floor_met, _, _, path = self._heaps[path][0]
            floors_met &= floor_met
        if not path or (self.only_floors and floors_met):
            return None
        return self._leaves[path][0][1]

    def drop(self) -> None:
        """Let the group whose turn it is go; it does not come again."""
        path = self._path()
        leaf = self._leaves[path]
        heappop(leaf)
        if not leaf:
            self._tidy(path)

    def started(self, group: int) -> None:
        """Say that a job of the group whose turn it was has been started and charged."""
        path = self._path()
        leaf = self._leaves[path]
        if self._progress.waiting(group):
            heapreplace(leaf, (self._order(group), group))
        else:
            heappop(leaf)
        self._tidy(path)

    def _path(self) -> Subject:
        path: Subject = ()
        while path in self._heaps:
            path = self._heaps[path][0][3]
        return path

    def _tidy(self, path: Subject) -> None:
        """Put a path's new standing into the heaps above it; who has nothing left goes."""
        has_more = bool(self._leaves[path])
        while path:
            heap = self._heaps[path[:-1]]
            if has_more:
                heapreplace(heap, self._key(path))
            else:
                heappop(heap)
                has_more = bool(heap)
                if not has_more:
                    del self._heaps[path[:-1]]
            path = path[:-1]

    def _add(self, rank: int, group: int) -> None:
        tenant = self._progress.problem.groups[group].tenant
        path = tenant.path(4)
        leaf = self._leaves.get(path)
        if leaf is None:
            leaf = self._leaves[path] = []
            self._add_path(path, rank)
        leaf.append((self._order(group), group))

    def _add_path(self, path: Subject, rank: int) -> None:
        """Give the path and its parents the rank of their first group: it breaks ties."""
        while path and path not in self._ranks:
            self._ranks[path] = rank
            self._members.setdefault(path[:-1], []).append(path)
            if len(path) <= 2:
                self._note_floors(path)
            path = path[:-1]

    def _note_floors(self, path: Subject) -> None:
        floor = quota_of(self._progress.problem.snapshot.policy, path).floor
        for pool in self._progress.problem.snapshot.pools:
            gpus = floor.gpus(pool.name)
            if gpus:
                self._floors.setdefault(path, {})[pool.name] = gpus

    def _key(self, path: Subject) -> Key:
        order = self._progress.standings.order(path)
        return not self.is_below_floor(path), order, self._ranks[path], path

    def is_below_floor(self, path: Subject) -> bool:
        """Say whether the tenant is short of its floor, or one of a class's that has jobs left."""
        if not self._floors or len(path) > 2:
            return False
        ledger = self._progress.ledger
        floors = self._floors.get(path, {}).items()
        short = any(ledger.held(path, pool) < floor for pool, floor in floors)
        members = self._heaps.get(path, ()) if len(path) == 1 else ()
        return short or any(self.is_below_floor(member) for _, _, _, member in members)
