"""When nodes become free: by the walltimes of what runs, and by the plans made so far."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduler.allocator.free_nodes import FreeNodes, Space, Step, plus, space_of, within
from scheduler.domain.decisions import PlannedStart
from scheduler.domain.jobs import HoldingJob, Placement
from scheduler.domain.placement import Option
from scheduler.domain.reservations.reservation import NEVER, Window


@dataclass(frozen=True, slots=True)
class Stay:
    """How long a gang stays where it starts, and by node the windows in which it may not be there.

    These are reservations for others, in the order of time.
    """

    lasts: timedelta
    closed: Mapping[str, tuple[Window, ...]]

    def may_begin(self, name: str, at: datetime) -> bool:
        """Say whether the gang may be on the node from that moment to its end."""
        windows = self.closed.get(name, ())
        return not any(window.meets(at, at + self.lasts) for window in windows)

    def openings(self, names: Iterable[str]) -> set[datetime]:
        """Return the moments at which one of the nodes opens again."""
        ends = {window.ends for name in names for window in self.closed.get(name, ())}
        return ends - {NEVER}


class Timeline:
    """The ends of jobs on each node; a plan takes its part from its start on.

    For another plan a planned part counts as taken from now on: room then only grows with time,
    and a plan made earlier never moves for one made later.
    """

    def __init__(self, now: datetime, nodes: FreeNodes, holding: Iterable[HoldingJob]) -> None:
        self._now = now
        self._nodes = nodes
        self._ends: dict[str, list[tuple[datetime, Space]]] = {}
        self.plans: list[PlannedStart] = []
        for job in holding:
            self.runs(job.placement, job.ends_by(now))

    def copy(self, nodes: FreeNodes) -> Timeline:
        """Return the same timeline of the same nodes' copy, to be changed apart."""
        copied = copy(self)
        copied._nodes, copied.plans = nodes, self.plans.copy()
        copied._ends = {name: [*ends] for name, ends in self._ends.items()}
        return copied

    def runs(self, placement: Placement, until: datetime) -> None:
        """Note that a gang holds its nodes until then."""
        end = until, space_of(placement.gang.per_node)
        for name in placement.nodes:
            if name in self._ends:
                self._ends[name].append(end)
            else:
                self._ends[name] = [end]

    def ends(self, name: str) -> tuple[tuple[datetime, Space], ...]:
        """Return when what runs on the node ends by its walltime, and what is free again then."""
        return tuple(self._ends.get(name, ()))

    def earliest(self, option: Option, stay: Stay) -> tuple[datetime, tuple[str, ...]] | None:
        """Return when and where the gang can first start beside all plans; None: never.

        Of nodes that are free and open to it at that time, those that are free last are taken, so
        that others stay open for what may start before.
        """
        part = space_of(option.gang.per_node)
        times = [
            (at, name)
            for name in (*option.nodes, *option.reserved)
            if (at := self._free_from(name, part)) is not None
        ]
        if len(times) < option.gang.nodes:
            return None
        times.sort(key=lambda one: one[0])
        moments = [when for when, _ in times[option.gang.nodes - 1 :]]
        openings = {at for at in stay.openings(name for _, name in times) if at > moments[0]}
        for at in sorted({*moments, *openings}):
            in_time = times[: bisect_right(times, at, key=lambda one: one[0])]
            open_then = [name for _, name in in_time if stay.may_begin(name, at)]
            if len(open_then) >= option.gang.nodes:
                return at, tuple(open_then[-option.gang.nodes :])
        return None

    def holds(self, plan: PlannedStart, stay: Stay) -> bool:
        """Say whether the plan can be kept: its nodes are up, free by its moment, and open."""
        part = space_of(plan.placement.gang.per_node)
        times = [
            self._free_from(name, part) if self._nodes.is_up(name) else None
            for name in plan.placement.nodes
        ]
        # A plan whose moment has passed holds as long as it could be carried out now.
        latest = max(plan.at, self._now)
        is_open = all(stay.may_begin(name, latest) for name in plan.placement.nodes)
        return is_open and all(when is not None and when <= latest for when in times)

    def keep(self, plan: PlannedStart) -> None:
        """Keep the plan's nodes from its moment on: what starts before must leave them to it."""
        part = space_of(plan.placement.gang.per_node)
        for name in plan.placement.nodes:
            step = Step(plan.job_id, plan.at, part, self._free_at(name, plan.at))
            self._nodes.keep_for(name, step)
        self.plans.append(plan)

    def give_up(self, job_id: int) -> PlannedStart | None:
        """Forget the plan of a job and return it; None when it has none."""
        plan = next((plan for plan in self.plans if plan.job_id == job_id), None)
        if plan is not None:
            self.plans.remove(plan)
            self._nodes.give_up(job_id)
        return plan

    def _free_from(self, name: str, part: Space) -> datetime | None:
        """Return from when on the part fits on the node beside all plans; None: never."""
        wanted = plus(part, self._nodes.planned(name))
        free = self._nodes.free_space(name)
        if within(wanted, free):
            return self._now
        for end, given in sorted(self._ends.get(name, ()), key=lambda one: one[0]):
            free = plus(free, given)
            if within(wanted, free):
                return end
        return None

    def _free_at(self, name: str, at: datetime) -> Space:
        free = self._nodes.free_space(name)
        for end, part in self._ends.get(name, ()):
            if end <= at:
                free = plus(free, part)
        return free
