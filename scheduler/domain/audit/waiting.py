"""Work conservation (P4), restated: nobody waits for room that is there."""

from __future__ import annotations

from collections.abc import Iterator

from scheduler.domain.audit.gangs import Place
from scheduler.domain.audit.limits import is_within_limits, leaves_kept_back
from scheduler.domain.audit.world import End
from scheduler.domain.queue import JobGroup


def no_job_that_fits_waits(end: End) -> Iterator[str]:
    """Judge alike jobs once, and apart those with a plan, which are not in their own way.

    A job may wait when on too few nodes it could run for its walltime without being in the way
    of a planned start.
    """
    planned = {plan.job_id for plan in end.allocation.plans}
    for group in end.snapshot.queue:
        places = end.world.places_of(group).values()
        # Nearly all groups end here when the cluster is full: this line is what a cycle costs.
        if any(len(end.roomy(place)) >= place.gang.nodes for place in places):
            waiting = [job.job_id for job in end.waiting(group)]
            alike = [job_id for job_id in waiting if job_id not in planned]
            pools = dict.fromkeys(alike, pool_that_fits(end, group) if alike else "")
            pools |= {
                job_id: pool_that_fits(end, group, job_id)
                for job_id in planned.intersection(waiting)
            }
            for job_id, pool in pools.items():
                if pool:
                    yield f"job {job_id} waits although it fits in {pool}"


def pool_that_fits(end: End, group: JobGroup, job_id: int = 0) -> str:
    """Return a pool where one more of these jobs could start after all; empty when none."""
    for pool, place in end.world.places_of(group).items():
        if fits(end, group, place, job_id):
            return pool
    return ""


def fits(end: End, group: JobGroup, place: Place, job_id: int = 0) -> bool:
    """Say whether one more of these jobs could start there: room, plans, limits, floors."""
    if end.nodes_with_room(place, group.request.walltime_s, job_id) < place.gang.nodes:
        return False
    array = group.array.array_id if group.array else None
    key = (group.tenant, array, place.pool, place.gang.gpus)
    if key not in end.allowed:
        end.allowed[key] = _is_allowed(end, group, place.pool, place.gang.gpus)
    return end.allowed[key]


def _is_allowed(end: End, group: JobGroup, pool: str, gpus: int) -> bool:
    return is_within_limits(end, group.tenant, group.array, pool, gpus) and leaves_kept_back(
        end, group.tenant, pool, gpus
    )
