"""Reservations, restated: what is decided leaves them as many nodes as it found.

Which nodes were chosen does not matter here: those are counted on which nobody else will be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf

from scheduler.domain.audit.reserved import is_for
from scheduler.domain.audit.world import GRACE, End
from scheduler.domain.decisions import PlannedStart
from scheduler.domain.jobs import Placement
from scheduler.domain.reservations.reservation import Reservation, Window
from scheduler.domain.resources import Node
from scheduler.domain.tenants import Tenant

# Jobs begin and end seconds late; by so little nothing is taken from a reservation.
SLACK = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Stay:
    """Somebody on a node, from when until when."""

    tenant: Tenant
    begins: datetime
    ends: datetime


Stays = Mapping[str, list[Stay]]


def reservations_keep_their_nodes(end: End) -> Iterator[str]:
    """No start and no new plan leaves a reservation fewer nodes in time than it needs.

    Where it found fewer as the cycle began, none is lost. Reservations of one pool at the same
    time are not judged, since one may need what the other has.
    """
    reservations = end.snapshot.policy.reservations
    if not reservations:
        return
    before, after = _stays(end.before()), _stays(end)
    ours = _our_gpus(end)
    for name, one in reservations.items():
        nodes = [node for node in _nodes(end, one) if not _is_others(node, ours)]
        for window in _next_windows(end, one):
            found = [node for node in nodes if _is_clear(end, node, one, window, before)]
            left = [node for node in found if _is_clear(end, node, one, window, after)]
            lacks = min(_needed(one), _counted(one, found)) - _counted(one, left)
            if lacks > 0 and not _is_contested(end, name, window):
                yield f"reservation {name} lacks {lacks} of {one.pool} at {window.starts:%F %T}"


def _next_windows(end: End, one: Reservation) -> Iterator[Window]:
    """Yield the live window and the one that comes next: nodes are chosen for these."""
    for window in one.windows(end.snapshot.taken_at):
        yield window
        if window.starts > end.snapshot.taken_at:
            return


def _nodes(end: End, one: Reservation) -> Iterator[Node]:
    for node in end.snapshot.nodes:
        is_named = not one.node_names or node.name in one.node_names
        if node.pool == one.pool and is_named and (node.available or one.is_maintenance):
            yield node


def _needed(one: Reservation) -> float:
    return one.gpus or one.nodes or inf


def _counted(one: Reservation, nodes: Iterable[Node]) -> int:
    """Return the nodes, or their GPUs where the reservation counts these."""
    return sum(node.capacity.gpus if one.gpus else 1 for node in nodes)


def _our_gpus(end: End) -> Counter[str]:
    gpus: Counter[str] = Counter()
    for job in end.snapshot.holding:
        gpus.update(dict.fromkeys(job.placement.nodes, job.placement.gang.per_node.gpus))
    return gpus


def _is_others(node: Node, ours: Counter[str]) -> bool:
    """Say whether jobs that did not come through us are on the node: nobody knows how long."""
    return node.available and node.used.gpus > ours[node.name]


def _is_clear(end: End, node: Node, one: Reservation, window: Window, stays: Stays) -> bool:
    """Say whether by the window nobody of ours is on the node whom it is not for."""
    opens = max(window.starts, end.snapshot.taken_at) + SLACK
    return not any(
        stay.begins < window.ends and stay.ends > opens and not is_for(one.audience, stay.tenant)
        for stay in stays.get(node.name, ())
    )


def _is_contested(end: End, name: str, window: Window) -> bool:
    reservations = end.snapshot.policy.reservations
    return any(
        other.pool == reservations[name].pool and theirs.meets(window.starts, window.ends)
        for also, other in reservations.items()
        if also != name
        for theirs in other.windows(end.snapshot.taken_at)
    )


def _stays(end: End) -> Stays:
    found: dict[str, list[Stay]] = {}
    for tenant, placement, begins, lasts in _gangs(end):
        for name in placement.nodes:
            found.setdefault(name, []).append(Stay(tenant, begins, begins + lasts))
    return found


def _gangs(end: End) -> Iterator[tuple[Tenant, Placement, datetime, timedelta]]:
    now = end.snapshot.taken_at
    for held in end.snapshot.holding:
        began = held.started_at or held.changed_at or now
        lasts = max(began + timedelta(seconds=held.walltime_s), now + GRACE) - now
        yield held.tenant, held.placement, now, lasts
    for job, placement in end.started:
        yield job.tenant, placement, now, timedelta(seconds=job.request.walltime_s)
    for plan in end.allocation.plans:
        yield from _planned(end, plan)


def _planned(
    end: End, plan: PlannedStart
) -> Iterator[tuple[Tenant, Placement, datetime, timedelta]]:
    job = end.world.jobs.get(plan.job_id)
    if job is not None and plan.job_id not in end.started_ids:
        begins = max(plan.at, end.snapshot.taken_at)
        lasts = timedelta(seconds=job.request.walltime_s)
        yield job.tenant, plan.placement, begins, lasts
