"""Gaps: when and for how long nodes have room, by the walltimes of what runs and is planned."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

from scheduler.allocator.free_nodes import NOTHING, Space, less, plus, space_of, within
from scheduler.allocator.shapes import Progress
from scheduler.domain.placement import Option
from scheduler.domain.reservations.reservation import NEVER
from scheduler.domain.reservations.reservation import Window as Reserved
from scheduler.domain.tenants import Tenant

EVERYTHING: Space = (1 << 40, 1 << 40, 1 << 40)  # more than any node has
FOREVER = datetime.max.replace(tzinfo=UTC)
Window = tuple[datetime, datetime]  # from when until when


class Gaps:
    """The room on each node over time as a cycle ends, one waiting job's own plan left out.

    What runs ends by its walltime; what is planned starts as planned and has its walltime too.
    Where a reservation is for others than the job's tenant, there is no room.
    """

    def __init__(self, end: Progress, job_id: int, tenant: Tenant) -> None:
        self._end = end
        self._now = end.problem.snapshot.taken_at
        self._planned: dict[str, list[tuple[datetime, Space]]] = {}
        self._windows: dict[tuple[str, Space], tuple[Window, ...]] = {}
        self._note_plans(job_id)
        self._note_reservations(end.problem.reserved.windows(tenant))

    def earliest(self, option: Option, lasts: timedelta, since: datetime) -> datetime | None:
        """Return the first whole minute from then on at which the gang fits for so long.

        Now counts as one. None: there is no such moment.
        """
        changes: list[tuple[datetime, bool]] = []
        for name in (*option.nodes, *option.reserved):
            for begins, ends in self._windows_of(name, space_of(option.gang.per_node)):
                first, last = self._whole_minute(max(begins, since)), ends - lasts
                if first <= last:
                    changes += [(first, False), (last, True)]
        nodes = 0
        for at, is_last in sorted(changes):
            nodes += -1 if is_last else 1
            if nodes == option.gang.nodes:
                return at
        return None

    def _note_plans(self, job_id: int) -> None:
        plans = {plan.job_id: plan for plan in self._end.timeline.plans if plan.job_id != job_id}
        for group in self._end.problem.groups if plans else ():
            for plan in (plans[one] for one in group.group.job_ids if one in plans):
                begins = max(plan.at, self._now)
                ends = begins + timedelta(seconds=group.group.request.walltime_s)
                part = space_of(plan.placement.gang.per_node)
                for name in plan.placement.nodes:
                    changes = (begins, less(NOTHING, part)), (ends, part)
                    self._planned.setdefault(name, []).extend(changes)

    def _note_reservations(self, closed: Mapping[str, tuple[Reserved, ...]]) -> None:
        for name, windows in closed.items():
            for window in windows:
                begins = max(window.starts, self._now)
                changes = self._planned.setdefault(name, [])
                changes.append((begins, less(NOTHING, EVERYTHING)))
                if window.ends != NEVER:
                    changes.append((window.ends, EVERYTHING))

    def _windows_of(self, name: str, part: Space) -> tuple[Window, ...]:
        found = self._windows.get((name, part))
        if found is None:
            found = self._windows[name, part] = tuple(_windows(self._room(name), part))
        return found

    def _room(self, name: str) -> Iterator[tuple[datetime, Space]]:
        """Yield what is free on the node from each moment on, the first being now."""
        free, at = space_of(self._end.nodes.free(name)), self._now
        changes = (*self._end.timeline.ends(name), *self._planned.get(name, ()))
        for when, change in sorted(changes, key=lambda one: one[0]):
            if when > at:
                yield at, free
                at = when
            free = plus(free, change)
        yield at, free

    def _whole_minute(self, at: datetime) -> datetime:
        """Return the moment itself when it is now, else the next whole minute."""
        if at <= self._now:
            return self._now
        whole = at.replace(second=0, microsecond=0)
        return whole if whole == at else whole + timedelta(minutes=1)


def _windows(room: Iterable[tuple[datetime, Space]], part: Space) -> Iterator[Window]:
    """Yield from when until when the part fits, each time as long as it does."""
    begins: datetime | None = None
    for at, free in room:
        if begins is None and within(part, free):
            begins = at
        elif begins is not None and not within(part, free):
            yield begins, at
            begins = None
    if begins is not None:
        yield begins, FOREVER
