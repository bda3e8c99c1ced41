"""What is in the way of one more start in a pool: limits reached, GPUs kept back, room missing.

Whether thousands of groups may start is asked each second, so each answer is kept: room depends
on the option alone, limits on the organisation, the pool and the GPUs.
"""

from __future__ import annotations

import sys
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduler.allocator.free_nodes import FreeNodes
from scheduler.allocator.shapes import Progress
from scheduler.domain import stored_words as words
from scheduler.domain.placement import Option, SuitedGroup
from scheduler.domain.reasons import Blocker, Reason
from scheduler.domain.reservations.nodes import Hold
from scheduler.domain.shares.quotas import REASONS_BY_LIMIT, Bound, Ledger, Limit, Subject
from scheduler.domain.tenants import Tenant

# The place in the table is how far a reason is from a start: an earlier one is more fundamental.
_DEPTH = {reason: depth for depth, reason in enumerate(Reason)}
_A_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class InTheWay:
    """Blockers in one pool, the most fundamental first, and how deep each lies."""

    blockers: tuple[Blocker, ...] = ()
    depths: tuple[int, ...] = ()


def _in_the_way(blockers: Iterable[Blocker]) -> InTheWay:
    found = tuple(blockers)
    return InTheWay(found, tuple(_DEPTH[blocker.reason] for blocker in found))


NOTHING = InTheWay()


class Limits:
    """The limits that one more start would pass as the cycle ends, whatever else blocks it."""

    def __init__(self, end: Progress) -> None:
        self._ledger = end.ledger
        self._kept = _Kept(end.ledger)
        limits = end.problem.snapshot.policy.all_user_limits
        self._users_are_limited = any(one.max_held_gpus is not None for one in limits)
        self._everywhere: dict[tuple[str, str, int, int], tuple[Blocker, ...]] = {}
        self._in_pool: dict[tuple[tuple[str, str, str], int], InTheWay] = {}
        self._least_left: dict[tuple[str, str, str], int] = {}

    def everywhere(self, group: SuitedGroup) -> tuple[Blocker, ...]:
        """Return the user's and the array's limits: a gang has as many GPUs in each pool."""
        if group.array is None and not self._users_are_limited:
            return ()
        tenant, array, option = group.tenant, group.array, group.options[0]
        array_id = array.array_id if array else 0
        key = (tenant.organisation, tenant.user, array_id, option.gang.gpus)
        found = self._everywhere.get(key)
        if found is None:
            broken = self._ledger.all_broken_by(tenant, array, option.pool, option.gang)
            found = tuple(self._told(bound, option) for bound in broken if not bound.pool)
            self._everywhere[key] = found
        return found

    def in_pool(self, tenant: Tenant, option: Option) -> InTheWay:
        """Return the limits of class and organisation in the pool, and what is kept back there."""
        pool, gpus = option.pool, option.gang.gpus
        place = (tenant.tenant_class, tenant.organisation, pool)
        least_left = self._least_left.get(place)
        if least_left is None:
            least_left = self._least_left[place] = self._find_least_left(tenant, pool)
        if gpus <= least_left:
            return self._kept.from_start(tenant, pool, gpus)
        found = self._in_pool.get((place, gpus))
        if found is None:
            broken = self._ledger.all_broken_by(tenant, None, pool, option.gang)
            limits = (self._told(bound, option) for bound in broken if bound.pool)
            kept = self._kept.from_start(tenant, pool, gpus)
            found = self._in_pool[place, gpus] = _in_the_way((*limits, *kept.blockers))
        return found

    def _find_least_left(self, tenant: Tenant, pool: str) -> int:
        """Return how many GPUs no limit forbids: most groups need no closer look."""
        bounds = self._ledger.bounds(tenant, None, pool)
        left = (self._ledger.left(bound) for bound in bounds if bound.pool)
        return min(left, default=sys.maxsize)

    def _told(self, bound: Bound, option: Option) -> Blocker:
        held = self._ledger.held(bound.subject, bound.pool)
        most, reason = bound.at_most, REASONS_BY_LIMIT[bound.limit]
        if bound.limit is Limit.ARRAY_RUNNING:
            return Blocker(reason, words.ELEMENTS_HOLD.format(held=held, most=most))
        template = words.HOLDS_IN_POOL if bound.pool else words.HOLDS
        numbers = {"held": held, "most": most, "gpus": option.gang.gpus}
        return Blocker(reason, template.format(who=bound.subject[-1], pool=bound.pool, **numbers))


class _Kept:
    """What the owners of floors keep back from a start, each pool's claims counted once."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._claims = {pool: _Claims(ledger, pool) for pool in ledger.keeps}
        self._found: dict[tuple[str, int, int], InTheWay] = {}

    def from_start(self, tenant: Tenant, pool: str, gpus: int) -> InTheWay:
        """Say whether a start would leave fewer GPUs free than others keep back."""
        claims = self._claims.get(pool)
        if claims is None:
            return NOTHING
        key = (pool, gpus, claims.after_start(tenant, gpus))
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = _in_the_way(self._find(*key))
        return found

    def _find(self, pool: str, gpus: int, kept: int) -> Iterable[Blocker]:
        free = self._ledger.free_gpus(pool)
        if kept and free - gpus - kept < self._ledger.least_spare_gpus(pool):
            numbers = words.KEPT_FOR_FLOORS.format(pool=pool, free=free, kept=kept, gpus=gpus)
            yield Blocker(Reason.KEPT_BACK, numbers)


class _Claims:
    """What is still owed to floors in a pool; of a class and its members the larger counts."""

    def __init__(self, ledger: Ledger, pool: str) -> None:
        self._of: dict[Subject, int] = {}
        self._of_members: Counter[str] = Counter()
        for keep in ledger.keeps[pool]:
            claim = max(0, keep.gpus - ledger.held(keep.path, pool))
            self._of[keep.path] = claim
            self._of_members[keep.path[0]] += claim if len(keep.path) > 1 else 0
        self._gpus = sum(self._of_class(name) for name in self._of_members)

    def after_start(self, tenant: Tenant, gpus: int) -> int:
        """Return what would be owed once the tenant holds so many GPUs more."""
        name = tenant.tenant_class
        own, of_organisation = self._of.get((name,), 0), self._of.get(tenant.path(2), 0)
        if not own and not of_organisation:
            return self._gpus
        after = self._of_class(name, min(gpus, own), min(gpus, of_organisation))
        return self._gpus - self._of_class(name) + after

    def _of_class(self, name: str, own: int = 0, of_organisation: int = 0) -> int:
        return max(self._of.get((name,), 0) - own, self._of_members[name] - of_organisation)


class Rooms:
    """The room that gangs lack as the cycle ends, and whether they lacked it as it began."""

    def __init__(self, end: Progress) -> None:
        self._ledger = end.ledger
        self._nodes = end.nodes
        self._began = FreeNodes(end.problem.snapshot.nodes) if end.starts else end.nodes
        # The moments from which plans hold nodes: a gang that ends by the first meets none.
        self._moments = end.nodes.moments()
        self._went: Counter[str] = Counter()
        for start in end.starts:
            self._went[start.placement.pool] += start.placement.gang.gpus
        self._found: dict[tuple[Option, int], InTheWay] = {}

    def plans_before(self, until: datetime) -> int:
        """Return how many moments of planned starts a gang that ends by then would meet."""
        return bisect_left(self._moments, until)

    def missing(self, option: Option, plans: int) -> InTheWay:
        """Return what is wrong with the room for a gang that would meet so many moments."""
        found = self._found.get((option, plans))
        if found is None:
            found = self._found[option, plans] = _in_the_way(self._find(option, plans))
        return found

    def _find(self, option: Option, plans: int) -> Iterable[Blocker]:
        """Yield that nodes are down or reserved, and that the others lack room, each by itself.

        The room that nodes which are down or reserved would give is not missed twice.
        """
        up, needed = option.up, option.gang.nodes
        if up < needed:
            numbers = {"up": up, "needed": needed, "down": option.unavailable}
            told = words.NODES_ARE_DOWN.format(pool=option.pool, **numbers)
            yield Blocker(Reason.NODES_UNAVAILABLE, told)
        fitting = len(self._nodes.fitting(option))
        lacks_nodes = len(option.nodes) < min(up, needed)
        if lacks_nodes:
            yield from map(_reserved_by, option.holds)
        elif holds := self._holds_of_room(option, fitting):
            yield from map(_reserved_by, holds)
            return
        if fitting < min(len(option.nodes), needed):
            yield self._why_no_room(option, fitting)
        elif not lacks_nodes and not self._fits_beside(option, plans):
            yield self._whose_room(option, plans)

    def _holds_of_room(self, option: Option, fitting: int) -> tuple[Hold, ...]:
        """Return the reservations that have the room which is missing; none if it is not there."""
        if not option.reserved:
            return ()
        roomy = set(self._nodes.fitting_of(option.reserved, option))
        if not fitting < min(option.up, option.gang.nodes) <= fitting + len(roomy):
            return ()
        return tuple(hold for hold in option.holds if not roomy.isdisjoint(hold.nodes))

    def _why_no_room(self, option: Option, fitting: int) -> Blocker:
        """Room only shrinks in a cycle: what had some as it began has lost it to other jobs."""
        gang, pool = option.gang, option.pool
        if len(self._began.fitting(option)) >= min(len(option.nodes), gang.nodes):
            before = self._ledger.free_gpus(pool) + self._went[pool]
            went = words.WENT_TO_OTHERS.format(went=self._went[pool], before=before, pool=pool)
            return Blocker(Reason.OTHERS_FIRST, went)
        numbers = {"pool": pool, "free": self._nodes.free_gpus(option), "gpus": gang.gpus}
        if self._nodes.free_gpus(option) < gang.gpus:
            return Blocker(Reason.NOT_ENOUGH_FREE_GPUS, words.TOO_FEW_FREE.format(**numbers))
        part = {"node_gpus": gang.per_node.gpus, "cpus": gang.per_node.cpus, "nodes": gang.nodes}
        told = words.NOT_TOGETHER.format(fitting=fitting, **part, **numbers)
        return Blocker(Reason.FRAGMENTED, told)

    def _fits_beside(self, option: Option, plans: int) -> bool:
        """Say whether a gang that meets the first so many moments leaves enough to the plans."""
        if not plans:
            return True
        until = self._moments[plans - 1] + _A_MOMENT
        return len(self._nodes.fitting(option, until)) >= min(len(option.nodes), option.gang.nodes)

    def _whose_room(self, option: Option, plans: int) -> Blocker:
        """Name the moment by which a gang would have to end: meeting more only leaves less."""
        met = bisect_left(range(plans), True, key=lambda n: not self._fits_beside(option, n + 1))
        told = words.HELD_FOR_PLANS.format(pool=option.pool, at=f"{self._moments[met]:%F %H:%M}")
        return Blocker(Reason.RESERVED, told)


def _reserved_by(hold: Hold) -> Blocker:
    whom, window = str(hold.reservation.audience), hold.windows[0]
    numbers = {
        "pool": hold.reservation.pool,
        "gpus": hold.gpus,
        "starts": f"{window.starts:%F %H:%M}",
        "ends": f"{window.ends:%F %H:%M}",
        "name": hold.name,
    }
    template = words.RESERVED_FOR if whom else words.RESERVED_FOR_NOBODY
    return Blocker(Reason.ADVANCE_RESERVATION, template.format(whom=whom, **numbers))
