"""Why each job that waits does so: every blocker that holds as the cycle ends, and no other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import chain
from operator import itemgetter

from scheduler.allocator.in_the_way import Limits, Rooms
from scheduler.allocator.shapes import Progress
from scheduler.domain import stored_words as words
from scheduler.domain.decisions import Allocation, Decision, Wait
from scheduler.domain.placement import Option, SuitedGroup
from scheduler.domain.reasons import Blocker, Reason
from scheduler.domain.tenants import Tenant

_NO_NODES = (Blocker(Reason.NO_SUITABLE_NODES, words.NO_NODES_HOLD_IT),)
# A gang for which nothing is in the way starts; should one wait yet, the next cycle is its answer.
_NOTHING = (Blocker(Reason.NOT_YET_CONSIDERED),)
# Greater than any reason's depth: of two pools with the same blockers, fewer are nearer.
_NOTHING_MORE = len(Reason)


def concluded(progress: Progress, allocation: Allocation) -> Allocation:
    """Return the allocation with the starts made and all blockers of every job that waits."""
    waits = tuple(_waits(progress))
    decisions: tuple[Decision, ...] = (*progress.starts, *waits)
    return replace(allocation, decisions=decisions)


def blockers_of(end: Progress, number: int) -> tuple[Blocker, ...]:
    """Return all that is in the way of one more job of the group as the cycle ends."""
    group = end.problem.groups[number]
    return _Explained(end).blockers(group, end.ends_at(number)) or _NOTHING


def _waits(progress: Progress) -> Iterator[Wait]:
    explained = _Explained(progress)
    for number, group in enumerate(progress.problem.groups):
        waiting = group.group.job_ids[progress.started(number) :]
        if waiting:
            blockers = explained.blockers(group, progress.ends_at(number))
            yield Wait(waiting, blockers or _NOTHING)


class _Explained:
    """Blockers by group, the part that an organisation's groups share worked out once."""

    def __init__(self, end: Progress) -> None:
        self._limits = Limits(end)
        self._rooms = Rooms(end)
        self._in_pools: dict[tuple[object, ...], tuple[Blocker, ...]] = {}

    def blockers(self, group: SuitedGroup, until: datetime) -> tuple[Blocker, ...]:
        """Return what blocks in every pool, then pool by pool, the nearest to a start first."""
        options, tenant = group.options, group.tenant
        if not options:
            return _NO_NODES
        plans = self._rooms.plans_before(until)
        key = (tenant.tenant_class, tenant.organisation, options, plans)
        in_pools = self._in_pools.get(key)
        if in_pools is None:
            found = self._find_in_pools(tenant, options, plans)
            in_pools = self._in_pools[key] = tuple(found)
        everywhere = self._limits.everywhere(group)
        return everywhere + in_pools if everywhere else in_pools

    def _find_in_pools(
        self, tenant: Tenant, options: tuple[Option, ...], plans: int
    ) -> Iterable[Blocker]:
        """Return all pools' blockers, first those of the pool where the least is in the way.

        The least is told by the most fundamental blocker, then by the next one.
        """
        found = []
        for option in options:
            limits = self._limits.in_pool(tenant, option)
            room = self._rooms.missing(option, plans)
            nearness = (*limits.depths, *room.depths, _NOTHING_MORE)
            found.append((nearness, limits.blockers + room.blockers))
        found.sort(key=itemgetter(0), reverse=True)
        return chain.from_iterable(blockers for _, blockers in found)
