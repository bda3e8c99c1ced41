"""GPUs that stay idle for planned starts: the price of wait bounds, published each cycle (P4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from scheduler.domain.decisions import Allocation
from scheduler.domain.reasons import Blocker, Reason
from scheduler.domain.snapshot import Snapshot


def idled_for_plans(snapshot: Snapshot, allocation: Allocation) -> Mapping[str, int]:
    """Return by pool the GPUs that somebody could use now, were it not for a planned start.

    These are the free GPUs of nodes with a planned start, as many as it will take there, and no
    more of them than the jobs ask for that are told that they wait for planned starts in the pool.
    Idle GPUs that nobody else wants are not a price.
    """
    kept = _kept_free(snapshot, allocation)
    asked = _asked_for(snapshot, allocation) if any(kept.values()) else kept
    idled = {pool: min(gpus, asked[pool]) for pool, gpus in kept.items()}
    return {pool: gpus for pool, gpus in idled.items() if gpus}


def _kept_free(snapshot: Snapshot, allocation: Allocation) -> Counter[str]:
    free = {node.name: node.free.gpus for node in snapshot.nodes}
    for start in allocation.starts:
        for name in start.placement.nodes:
            free[name] -= start.placement.gang.per_node.gpus
    kept: Counter[str] = Counter()
    for plan in allocation.plans:
        for name in plan.placement.nodes:
            taken = max(0, min(free.get(name, 0), plan.placement.gang.per_node.gpus))
            kept[plan.placement.pool] += taken
            free[name] = free.get(name, 0) - taken
    return kept


def _asked_for(snapshot: Snapshot, allocation: Allocation) -> Counter[str]:
    """Return by pool the GPUs of the jobs that planned starts keep from starting there."""
    kept_waiting = {
        wait.job_ids[0]: (len(wait.job_ids), pools)
        for wait in allocation.waits
        if (pools := _pools_in_the_way(wait.blockers))
    }
    asked: Counter[str] = Counter()
    for group in snapshot.queue if kept_waiting else ():
        gpus = group.request.total_gpus
        for job in group.jobs:
            if job.job_id in kept_waiting:
                jobs, pools = kept_waiting[job.job_id]
                asked.update(dict.fromkeys(pools, jobs * gpus))
    return asked


def _pools_in_the_way(blockers: tuple[Blocker, ...]) -> tuple[str, ...]:
    """Return the pools in which the nearest of what keeps the job waiting is a planned start."""
    if blockers[0].reason is not Reason.RESERVED:
        return ()
    reserved = (blocker for blocker in blockers if blocker.reason is Reason.RESERVED)
    return tuple(blocker.detail.partition(" ")[0] for blocker in reserved)
