"""Floors (P2), restated for one cycle: they come before what others start beyond theirs."""

from __future__ import annotations

from collections.abc import Iterator

from scheduler.domain.audit.waiting import fits
from scheduler.domain.audit.world import End, Path
from scheduler.domain.queue import JobGroup


def floors_come_first(end: End) -> Iterator[str]:
    """Nobody waits for its floor because of starts that served nobody's floor.

    A waiting gang that its organisation or class could hold within the floor is judged against
    the end without the starts of all organisations whose own floors, and whose class's floors,
    were met in every pool as the cycle began: it must not fit there either. A start that had been
    planned is not taken back: what was promised before stands.
    """
    if not end.world.floors:
        return
    short = [group for group in end.snapshot.queue if _has_floor(end, group)]
    promised = {plan.job_id for plan in end.snapshot.plans}
    beyond = [
        job.job_id
        for job, _ in end.started
        if job.job_id not in promised and not served_a_floor(end, job.tenant.path(2))
    ]
    undone = end.without(beyond) if beyond else end
    for group in short:
        if beyond and end.waiting(group):
            yield from _kept_from_its_floor(end, undone, group)


def _has_floor(end: End, group: JobGroup) -> bool:
    return any(group.tenant.path(depth) in end.world.floors for depth in (1, 2))


def _kept_from_its_floor(end: End, undone: End, group: JobGroup) -> Iterator[str]:
    job_id = end.waiting(group)[0].job_id
    for pool, place in end.world.places_of(group).items():
        for path in (group.tenant.path(1), group.tenant.path(2)):
            floor = end.world.floors.get(path, {}).get(pool, 0)
            held = end.after.in_pool[path, pool]
            if held + place.gang.gpus <= floor and fits(undone, group, place):
                who = "/".join(path)
                yield (
                    f"job {job_id} waits, {who} holds {held} of its floor of {floor} GPUs in"
                    f" {pool}, and others started what served no floor"
                )


def served_a_floor(end: End, path: Path) -> bool:
    """Say whether an organisation or its class lacked GPUs of a floor as the cycle began."""
    return lacked_a_floor(end, path[:1]) or lacked_a_floor(end, path[:2])


def lacked_a_floor(end: End, path: Path) -> bool:
    """Say whether the tenant held less than its floor in some pool as the cycle began."""
    held = end.world.before.in_pool
    return any(held[path, pool] < gpus for pool, gpus in end.world.floors.get(path, {}).items())
