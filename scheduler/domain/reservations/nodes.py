"""Which nodes the reservations of a policy have, chosen anew from each snapshot.

Nothing is stored: the choice is a function of the policy, the nodes, what holds them and what is
planned there. A node that was chosen stays as good a choice, because nobody else may start on it
what would run into the window; so as many nodes are free in time in the next cycle as in this one,
whichever they are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from scheduler.domain.reservations.reservation import HORIZON, NEVER, Reservation, Window
from scheduler.domain.resources import Node
from scheduler.domain.snapshot import Snapshot
from scheduler.domain.tenants import Tenant

# A job starts seconds after it was admitted, and ends within seconds of its walltime: for so little
# no other node is chosen.
TOLERANCE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, eq=False)
class Hold:
    """The nodes that a reservation has in a window, or in a row of them; in the order of time.

    Each is made once in a choice, and so compares by identity.
    """

    name: str
    reservation: Reservation
    windows: tuple[Window, ...]
    nodes: tuple[str, ...]
    gpus: int

    @property
    def starts(self) -> datetime:
        return self.windows[0].starts

    def meets(self, begins: datetime, ends: datetime) -> bool:
        """Say whether what lasts from one moment to the other is there in one of the windows."""
        return any(window.meets(begins, ends) for window in self.windows)


@dataclass(frozen=True, slots=True)
class _Stay:
    """Somebody's gang on a node: its GPUs there, and from when until when."""

    tenant: Tenant
    gpus: int
    begins: datetime
    ends: datetime


class ReservedNodes:
    """The holds of all reservations at the moment of a snapshot, the first to start first."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._now = snapshot.taken_at
        self._places = {node.name: place for place, node in enumerate(snapshot.nodes)}
        self.holds: tuple[Hold, ...] = ()
        for name, reservation, windows in sorted(self._rows(), key=_by_start):
            nodes = self._chosen(reservation, windows)
            gpus = sum(node.capacity.gpus for node in nodes)
            names = tuple(node.name for node in nodes)
            self.holds += (Hold(name, reservation, windows, names, gpus),)
        self._closed: dict[Tenant, tuple[Hold, ...]] = {}
        self._own: dict[Tenant, frozenset[str]] = {}

    def closed_to(self, tenant: Tenant) -> tuple[Hold, ...]:
        """Return the holds that are not for the tenant."""
        found = self._closed.get(tenant)
        if found is None:
            found = tuple(
                hold for hold in self.holds if not hold.reservation.audience.includes(tenant)
            )
            self._closed[tenant] = found
        return found

    def in_the_way(self, tenant: Tenant, walltime_s: int) -> tuple[Hold, ...]:
        """Return the holds that a job of the tenant would run into if it started now."""
        if not self.holds:
            return ()
        until = self._now + timedelta(seconds=walltime_s)
        return tuple(hold for hold in self.closed_to(tenant) if hold.starts < until)

    def own(self, tenant: Tenant) -> frozenset[str]:
        """Return the nodes that are reserved for the tenant at this moment."""
        found = self._own.get(tenant)
        if found is None:
            found = self._own[tenant] = frozenset(
                name
                for hold in self.holds
                if hold.starts <= self._now and hold.reservation.audience.includes(tenant)
                for name in hold.nodes
            )
        return found

    def windows(self, tenant: Tenant) -> Mapping[str, tuple[Window, ...]]:
        """Return by node the windows in which it is closed to the tenant, in the order of time.

        Weekly windows beyond the horizon are one that never ends: nobody plans so far ahead.
        """
        found: dict[str, list[Window]] = {}
        for hold in self.closed_to(tenant):
            after = hold.reservation.next_window(hold.windows[-1].ends)
            is_beyond = after is not None and after.starts >= self._now + HORIZON
            beyond = (Window(after.starts, NEVER),) if after and is_beyond else ()
            for name in hold.nodes:
                found.setdefault(name, []).extend((*hold.windows, *beyond))
        return {name: tuple(sorted(windows, key=_starts)) for name, windows in found.items()}

    def _rows(self) -> Iterator[tuple[str, Reservation, tuple[Window, ...]]]:
        """Yield each reservation's live window by itself, and those that are to come together."""
        for name, reservation in self._snapshot.policy.reservations.items():
            windows = tuple(reservation.windows(self._now))
            live = windows[:1] if windows and windows[0].starts <= self._now else ()
            for row in (live, windows[len(live) :]):
                if row:
                    yield name, reservation, row

    def _chosen(self, reservation: Reservation, windows: tuple[Window, ...]) -> tuple[Node, ...]:
        """Return the nodes with nobody else on them by the window, else those that are so first.

        Nodes of other reservations that have windows at the same time are not taken.
        """
        taken = {
            name
            for hold in self.holds
            if any(hold.meets(window.starts, window.ends) for window in windows)
            for name in hold.nodes
        }
        nodes = [node for node in self._snapshot.nodes if node.pool == reservation.pool]
        if reservation.gpus or reservation.nodes:
            nodes = [node for node in nodes if node.name not in taken]
            nodes.sort(key=lambda node: self._order(node, reservation, windows))
        return reservation.takes(tuple(nodes))

    def _order(
        self, node: Node, reservation: Reservation, windows: tuple[Window, ...]
    ) -> tuple[bool, datetime, bool, int, datetime, bool, int]:
        """Return what nodes are chosen by, the least first.

        Those that are up, and free in time; with nothing planned in later windows; where the
        audience is already; the last ones, since gangs are placed on the first. Maintenance takes
        first what is down.
        """
        first, *others = windows
        starts = max(first.starts, self._now)
        free_at = max(starts, self._free_from(node, reservation, (first,)))
        in_time = free_at - starts <= TOLERANCE
        is_down, for_nobody = not node.available, reservation.is_maintenance
        return (
            is_down and not for_nobody,
            starts if in_time else free_at,
            self._free_from(node, reservation, others) > self._now,
            -self._audience_gpus(node.name, reservation, first),
            free_at,
            not is_down and for_nobody,
            -self._places[node.name],
        )

    def _free_from(
        self, node: Node, reservation: Reservation, windows: Sequence[Window]
    ) -> datetime:
        """Return when the last of those who are on the node in a window, and not for it, ends."""
        if node.available and node.used.gpus > self._our_gpus[node.name]:
            return NEVER
        ends = (
            stay.ends
            for stay in self._stays.get(node.name, ())
            if not reservation.audience.includes(stay.tenant)
            and any(window.meets(stay.begins, stay.ends) for window in windows)
        )
        return max(ends, default=self._now)

    def _audience_gpus(self, name: str, reservation: Reservation, window: Window) -> int:
        return sum(
            stay.gpus
            for stay in self._stays.get(name, ())
            if reservation.audience.includes(stay.tenant) and window.meets(stay.begins, stay.ends)
        )

    @cached_property
    def _our_gpus(self) -> Counter[str]:
        gpus: Counter[str] = Counter()
        for job in self._snapshot.holding:
            for name in job.placement.nodes:
                gpus[name] += job.placement.gang.per_node.gpus
        return gpus

    @cached_property
    def _stays(self) -> Mapping[str, list[_Stay]]:
        """Return by node what runs there, and what is planned to."""
        found: dict[str, list[_Stay]] = {}
        for job in self._snapshot.holding:
            part = job.placement.gang.per_node.gpus
            stay = _Stay(job.tenant, part, self._now, job.ends_by(self._now))
            for name in job.placement.nodes:
                found.setdefault(name, []).append(stay)
        plans = {plan.job_id: plan for plan in self._snapshot.plans}
        for pending in self._snapshot.pending if plans else ():
            plan = plans.get(pending.job_id)
            if plan is not None:
                begins = max(plan.at, self._now)
                ends = begins + timedelta(seconds=pending.request.walltime_s)
                stay = _Stay(pending.tenant, plan.placement.gang.per_node.gpus, begins, ends)
                for name in plan.placement.nodes:
                    found.setdefault(name, []).append(stay)
        return found


def _starts(window: Window) -> datetime:
    return window.starts


def _by_start(row: tuple[str, Reservation, tuple[Window, ...]]) -> tuple[datetime, str]:
    name, _, windows = row
    return windows[0].starts, name
