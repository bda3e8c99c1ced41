"""Blockers (P15), restated: each that a waiting job is told of is true, and it is told of all.

What true means, reason by reason, is written in docs/reasons.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from scheduler.domain.audit.gangs import Place
from scheduler.domain.audit.limits import leaves_kept_back
from scheduler.domain.audit.reserved import holds_in_the_way
from scheduler.domain.audit.world import End, Path
from scheduler.domain.jobs import PendingJob
from scheduler.domain.queue import JobGroup
from scheduler.domain.reasons import Blocker, Reason


@dataclass(frozen=True, slots=True)
class Fact:
    """A blocker that holds, and the names and numbers that its detail must give."""

    reason: Reason
    names: tuple[str | int, ...] = ()

    def is_told_by(self, blocker: Blocker) -> bool:
        words = blocker.detail.replace(",", " ").replace(":", " ").split()
        return blocker.reason is self.reason and all(str(name) in words for name in self.names)


def blockers_are_true_and_all_told(end: End) -> Iterator[str]:
    """Compare what each waiting job is told with what holds; a paused scheduler explains itself."""
    told = {
        job_id: wait.blockers
        for wait in end.allocation.waits
        for job_id in wait.job_ids
        if wait.reason is not Reason.SCHEDULER_PAUSED
    }
    planned = {plan.job_id for plan in end.allocation.plans}
    for group in end.snapshot.queue:
        alike: tuple[Fact, ...] | None = None
        for job in end.waiting(group):
            if job.job_id in planned or alike is None:
                facts = tuple(facts_about(end, group, job))
                alike = alike if job.job_id in planned else facts
            else:
                facts = alike
            if job.job_id in told:
                yield from _differences(job, told[job.job_id], facts)


def facts_about(end: End, group: JobGroup, job: PendingJob) -> Iterator[Fact]:
    """Yield all that is in the way of the job as the cycle ends, whatever else is in its way."""
    places = end.world.places_of(group).values()
    if not places:
        yield Fact(Reason.NO_SUITABLE_NODES)
        return
    yield from _of_user_and_array(end, group, places)
    for place in places:
        yield from _limits_in_pool(end, group, place)
        yield from _room(end, group, job, place)


def _differences(job: PendingJob, told: Sequence[Blocker], facts: Sequence[Fact]) -> Iterator[str]:
    unsaid = list(facts)
    for blocker in told:
        fact = next((fact for fact in unsaid if fact.is_told_by(blocker)), None)
        if fact is None:
            yield f"job {job.job_id} is told {blocker}, which is not true, or said twice"
        else:
            unsaid.remove(fact)
    yield from (f"job {job.job_id} is not told of {fact}" for fact in unsaid)


def _of_user_and_array(end: End, group: JobGroup, places: Iterable[Place]) -> Iterator[Fact]:
    tenant, array, gpus = group.tenant, group.array, next(iter(places)).gang.gpus
    held = end.after.by_user[tenant.organisation, tenant.user]
    limit = end.snapshot.policy.limits_of_users(tenant.tenant_class).max_held_gpus
    if limit is not None and held + gpus > limit:
        yield Fact(Reason.USER_LIMIT, (tenant.user, held, limit, gpus))
    if array is not None and array.limit:
        elements = end.after.elements[array.array_id]
        if elements + 1 > array.limit:
            yield Fact(Reason.ARRAY_LIMIT, (elements, array.limit))


def _limits_in_pool(end: End, group: JobGroup, place: Place) -> Iterator[Fact]:
    tenant, pool, gpus = group.tenant, place.pool, place.gang.gpus
    ceilings = (Reason.CLASS_CEILING, Reason.ORGANISATION_CEILING)
    for path, ceiling in zip((tenant.path(1), tenant.path(2)), ceilings, strict=True):
        held = end.after.in_pool[path, pool]
        for reason, at_most in (
            (ceiling, end.world.quota(path).ceiling.gpus(pool)),
            (Reason.BORROWING_LIMIT, end.world.with_borrowing(path, pool)),
        ):
            if at_most is not None and held + gpus > at_most:
                yield Fact(reason, (path[-1], held, at_most, pool, gpus))
    kept = _kept_after(end, tenant.path(2), pool, gpus)
    if kept and not leaves_kept_back(end, tenant, pool, gpus):
        free = end.world.free_gpus[pool] - end.gpus_started[pool]
        yield Fact(Reason.KEPT_BACK, (pool, free, kept, gpus))


def _kept_after(end: End, owner: Path, pool: str, gpus: int) -> int:
    """Return what floors keep back once the owner holds so many GPUs more."""
    kept = 0
    for name, members in end.world.members.items():
        paths = [(name,), *((name, member) for member in members)]
        claims = {
            path: end.world.not_lent.get(path, {}).get(pool, 0)
            - end.after.in_pool[path, pool]
            - (gpus if path == owner[: len(path)] else 0)
            for path in paths
        }
        of_members = sum(max(0, claims[path]) for path in paths[1:])
        kept += max(0, claims[name,], of_members)
    return kept


def _room(end: End, group: JobGroup, job: PendingJob, place: Place) -> Iterator[Fact]:
    """Yield what is wrong with the nodes; those down or reserved are not missed a second time."""
    gang, pool = place.gang, place.pool
    lacking = min(len(place.nodes), gang.nodes)
    if place.up < gang.nodes:
        yield Fact(Reason.NODES_UNAVAILABLE, (pool, place.up, gang.nodes))
    closed = _closed_in_the_way(end, place)
    for hold in holds_in_the_way(end.world.reserved.holds, end.snapshot.taken_at, group):
        if not closed.isdisjoint(hold.nodes):
            yield Fact(Reason.ADVANCE_RESERVATION, (pool, hold.gpus, hold.name))
    if closed and len(place.nodes) >= min(place.up, gang.nodes):
        return
    if len(end.roomy(place)) < lacking:
        yield _why_no_room(end, place, lacking)
    elif end.nodes_with_room(place, job.request.walltime_s, job.job_id) < lacking:
        yield Fact(Reason.RESERVED, (pool,))


def _closed_in_the_way(end: End, place: Place) -> frozenset[str]:
    """Return the reserved nodes without which there would be nodes enough, or room enough."""
    wanted = min(place.up, place.gang.nodes)
    if len(place.nodes) < wanted:
        return frozenset(node.name for node in place.closed)
    part = place.gang.per_node
    roomy = frozenset(
        node.name
        for node in place.closed
        if not any(
            want > left
            for want, left in zip(
                (part.gpus, part.cpus, part.memory_mib), end.room(node), strict=True
            )
        )
    )
    has_room = len(end.roomy(place))
    return roomy if has_room < wanted <= has_room + len(roomy) else frozenset()


def _why_no_room(end: End, place: Place, lacking: int) -> Fact:
    if len(end.without(end.started_ids).roomy(place)) >= lacking:
        return Fact(Reason.OTHERS_FIRST, (place.pool, end.gpus_started[place.pool]))
    free = sum(max(0, end.room(node)[0]) for node in place.nodes)
    enough = free >= place.gang.gpus
    reason = Reason.FRAGMENTED if enough else Reason.NOT_ENOUGH_FREE_GPUS
    return Fact(reason, (place.pool, free, place.gang.gpus))
