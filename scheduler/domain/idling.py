"""GPUs that stay idle for planned starts and reservations: their price, told each cycle (P4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from scheduler.domain.decisions import Allocation
from scheduler.domain.reasons import Blocker, Reason
from scheduler.domain.reservations.nodes import ReservedNodes
from scheduler.domain.snapshot import Snapshot


def idled_for_plans(snapshot: Snapshot, allocation: Allocation) -> Mapping[str, int]:
    """Return by pool the GPUs that somebody could use now, were it not for a planned start.

    These are the free GPUs of nodes with a planned start, as many as it will take there, and no
    more of them than the jobs ask for that are told that they wait for planned starts in the pool.
    Idle GPUs that nobody else wants are not a price.
    """
    kept = _kept_for_plans(snapshot, allocation)
    return _wanted_of(kept, snapshot, allocation, Reason.RESERVED)


def idled_for_reservations(snapshot: Snapshot, allocation: Allocation) -> Mapping[str, int]:
    """Return by pool the GPUs that somebody could use now, were it not for a reservation.

    These are the free GPUs of the nodes of reservations, live or to come, and no more of them than
    the jobs ask for that are told that they wait for reservations in the pool.
    """
    if not snapshot.policy.reservations:
        return {}
    free, kept = _free(snapshot, allocation), Counter[str]()
    for hold in ReservedNodes(snapshot).holds:
        kept[hold.reservation.pool] += sum(max(0, free.pop(name, 0)) for name in hold.nodes)
    return _wanted_of(kept, snapshot, allocation, Reason.ADVANCE_RESERVATION)


def _wanted_of(
    kept: Counter[str], snapshot: Snapshot, allocation: Allocation, reason: Reason
) -> Mapping[str, int]:
    asked = _asked_for(snapshot, allocation, reason) if any(kept.values()) else kept
    idled = {pool: min(gpus, asked[pool]) for pool, gpus in kept.items()}
    return {pool: gpus for pool, gpus in idled.items() if gpus}


def _free(snapshot: Snapshot, allocation: Allocation) -> dict[str, int]:
    free = {node.name: node.free.gpus for node in snapshot.nodes}
    for start in allocation.starts:
        for name in start.placement.nodes:
            free[name] -= start.placement.gang.per_node.gpus
    return free


def _kept_for_plans(snapshot: Snapshot, allocation: Allocation) -> Counter[str]:
    free = _free(snapshot, allocation)
    kept: Counter[str] = Counter()
    for plan in allocation.plans:
        for name in plan.placement.nodes:
            taken = max(0, min(free.get(name, 0), plan.placement.gang.per_node.gpus))
            kept[plan.placement.pool] += taken
            free[name] = free.get(name, 0) - taken
    return kept


def _asked_for(snapshot: Snapshot, allocation: Allocation, reason: Reason) -> Counter[str]:
    """Return by pool the GPUs of the jobs that are kept from starting there for this reason."""
    kept_waiting = {
        wait.job_ids[0]: (len(wait.job_ids), pools)
        for wait in allocation.waits
        if (pools := _pools_in_the_way(wait.blockers, reason))
    }
    asked: Counter[str] = Counter()
    for group in snapshot.queue if kept_waiting else ():
        gpus = group.request.total_gpus
        for job in group.jobs:
            if job.job_id in kept_waiting:
                jobs, pools = kept_waiting[job.job_id]
                asked.update(dict.fromkeys(pools, jobs * gpus))
    return asked


def _pools_in_the_way(blockers: tuple[Blocker, ...], reason: Reason) -> tuple[str, ...]:
    """Return the pools where this keeps the job waiting, if it is the nearest of what does."""
    if blockers[0].reason is not reason:
        return ()
    reserved = (blocker for blocker in blockers if blocker.reason is reason)
    return tuple(blocker.detail.partition(" ")[0] for blocker in reserved)
