"""The bound on a wait: by when a job starts at the latest, promised when it is first seen (P10)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from scheduler.domain.placement import SuitedGroup
from scheduler.domain.policies import SparePlaces
from scheduler.domain.reservations.nodes import ReservedNodes
from scheduler.domain.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class _Ahead:
    """What may come before a job that is new now: gangs by node, and organisations' queues."""

    longest_s: int
    places: int
    nodes: Mapping[str, int]
    jobs: Mapping[str, int]

    def rounds(self, organisation: str) -> int:
        """Return how often the line must come round until the organisation's newest job leads."""
        return (1 + self.jobs[organisation]) * ceil(len(self.jobs) / self.places)


def start_bounds(snapshot: Snapshot, groups: Sequence[SuitedGroup]) -> dict[int, datetime]:
    """Return the bounds of the jobs that have none; a job that fits no available nodes gets none.

    Nodes that are reserved for others, now or later, are none that it could count on.

    With W the longest walltime, a job is due after the guard. Then every organisation has its
    oldest due job in a line, the oldest first, and nothing may start that delays a planned start.
    So a job waits, for each older job of its organisation and for itself, until what runs has
    ended (W) and the older gangs in the line have had their turns. These, filled into the pool's
    nodes shelf by shelf, take at most 2 · (their nodes ÷ the pool's nodes) + 1 shelves of W each.
    That is guard + W · (2 · rounds + 2 · nodes ahead ÷ nodes): far from what is usual, and sure.
    Where spare places go to large gangs, they may all be taken when the job becomes due: their
    planned starts are W away at most, and then they run for W.
    """
    ahead, reserved = _ahead(snapshot, groups), ReservedNodes(snapshot)
    return {
        job.job_id: job.submitted_at + timedelta(seconds=bound_s)
        for group in groups
        if (up := _nodes_to_count_on(group, reserved))
        for job in reversed(group.jobs)
        if job.start_by is None
        for bound_s in [_bound_s(snapshot, ahead, group, up)]
    }


def _nodes_to_count_on(group: SuitedGroup, reserved: ReservedNodes) -> Mapping[str, int]:
    """Return by pool the nodes that are up and never reserved for others, where they are enough."""
    closed = {name for hold in reserved.closed_to(group.tenant) for name in hold.nodes}
    nodes = {
        option: len({*option.nodes, *option.reserved} - closed) if closed else option.up
        for option in group.options
    }
    return {option.pool: left for option, left in nodes.items() if left >= option.gang.nodes}


def _bound_s(
    snapshot: Snapshot, ahead: _Ahead, group: SuitedGroup, nodes: Mapping[str, int]
) -> float:
    full = min(ahead.nodes[pool] / left for pool, left in nodes.items())
    walltimes = 2 * ahead.rounds(group.tenant.organisation) + 2 * full
    if snapshot.policy.wait.spare_places is not SparePlaces.NOBODY:
        walltimes += 2
    return snapshot.policy.wait.guard_s + ahead.longest_s * walltimes


def _ahead(snapshot: Snapshot, groups: Sequence[SuitedGroup]) -> _Ahead:
    nodes: Counter[str] = Counter()
    jobs: Counter[str] = Counter()
    longest_s = max(limits.max_walltime_s for limits in snapshot.policy.all_user_limits)
    for group in groups:
        jobs[group.tenant.organisation] += len(group.jobs)
        longest_s = max(longest_s, group.group.request.walltime_s)
        for option in group.options:
            nodes[option.pool] += len(group.jobs) * option.gang.nodes
    longest_s = max((longest_s, *(job.walltime_s for job in snapshot.holding)))
    return _Ahead(longest_s, snapshot.policy.wait.places, nodes, jobs)
