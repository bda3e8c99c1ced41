"""Which promises a decided world puts to the test, so that «0 violations» says something."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from scheduler.domain.audit.shares import Standing
from scheduler.domain.audit.world import End
from scheduler.domain.decisions import SolverStatus
from scheduler.domain.policies import PerPool, Quota
from scheduler.domain.queue import JobGroup


def _waiting(end: End) -> Iterator[JobGroup]:
    return (group for group in end.snapshot.queue if end.waiting(group))


def gangs_start(end: End) -> bool:
    return bool(end.started)


def gangs_span_nodes(end: End) -> bool:
    return any(len(placement.nodes) > 1 for _, placement in end.started)


def a_node_fills_up(end: End) -> bool:
    return any(min(end.room(end.world.nodes[name])[:2]) == 0 for name in end.taken)


def _has_limit(end: End, of: Callable[[Quota], PerPool]) -> bool:
    """Say whether somebody that starts something in a pool has such a limit there."""
    return any(
        of(end.world.quota(job.tenant.path(depth))).gpus(placement.pool) is not None
        for job, placement in end.started
        for depth in (1, 2)
    )


def starts_under_a_ceiling(end: End) -> bool:
    return _has_limit(end, lambda quota: quota.ceiling)


def starts_under_a_borrowing_limit(end: End) -> bool:
    return _has_limit(end, lambda quota: quota.borrowing_limit)


def starts_under_a_users_limit(end: End) -> bool:
    return bool(end.started) and end.snapshot.policy.user_limits.max_held_gpus is not None


def starts_in_a_limited_array(end: End) -> bool:
    return any(job.array and job.array.limit for job, _ in end.started)


def starts_beside_gpus_kept_back(end: End) -> bool:
    return any(pool in kept for kept in end.world.not_lent.values() for pool in end.gpus_started)


def waits_below_its_floor_while_others_start(end: End) -> bool:
    return any(
        end.after.in_pool[path, pool] + place.gang.gpus <= end.world.floors[path].get(pool, 0)
        for group in _waiting(end)
        for path in (group.tenant.path(1), group.tenant.path(2))
        if path in end.world.floors and end.started
        for pool, place in end.world.places.of(group.request).items()
    )


def waits_beside_idle_gpus(end: End) -> bool:
    return any(
        end.roomy(place)
        for group in _waiting(end)
        for place in end.world.places.of(group.request).values()
    )


def a_sibling_is_ahead_by_its_starts(end: End) -> bool:
    standing = Standing(end)
    return any(standing.came_by_shares(other) for _, other in standing.siblings())


def the_best_is_claimed(end: End) -> bool:
    return end.allocation.status is SolverStatus.OPTIMAL and a_sibling_is_ahead_by_its_starts(end)


def starts_are_planned(end: End) -> bool:
    return bool(end.allocation.plans)


def a_plan_was_promised_before(end: End) -> bool:
    return bool(end.snapshot.plans)


def a_job_is_told_why_it_waits(end: End) -> bool:
    return any(wait.blockers for wait in end.allocation.waits)


def gpus_are_recalled(end: End) -> bool:
    return bool(end.allocation.recalls)


def gpus_are_scarce(end: End) -> bool:
    wanted = sum(end.world.entitled.values())
    return wanted > 0 and any(_waiting(end))


EXERCISES: Mapping[str, Callable[[End], bool]] = {
    "P1 gangs start": gangs_start,
    "P1 gangs span nodes": gangs_span_nodes,
    "P1 a node fills up": a_node_fills_up,
    "P2 waits below its floor while others start": waits_below_its_floor_while_others_start,
    "P2 starts beside GPUs kept back": starts_beside_gpus_kept_back,
    "P3 a sibling is ahead by its starts": a_sibling_is_ahead_by_its_starts,
    "P4 waits beside idle GPUs": waits_beside_idle_gpus,
    "P6 the best is claimed where siblings differ": the_best_is_claimed,
    "P10 starts are planned": starts_are_planned,
    "P10 a plan was promised before": a_plan_was_promised_before,
    "P11 GPUs are recalled": gpus_are_recalled,
    "P13 entitlements by two methods": gpus_are_scarce,
    "P14 starts under a ceiling": starts_under_a_ceiling,
    "P14 starts under a borrowing limit": starts_under_a_borrowing_limit,
    "P14 starts under a user's limit": starts_under_a_users_limit,
    "P14 starts in a limited array": starts_in_a_limited_array,
    "P15 something is in the way of a job": a_job_is_told_why_it_waits,
}
