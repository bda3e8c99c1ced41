"""The rules of an allocation, restated plainly to check any allocator's decisions.

No code is shared with the allocators but the definitions that the law itself names: what gang a
request asks for, and what an organisation is entitled to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from math import ceil

from scheduler.domain.decisions import Decision, Start
from scheduler.domain.fairshare import entitlements
from scheduler.domain.jobs import ArrayPlace, PendingJob, Placement
from scheduler.domain.policies import Quota
from scheduler.domain.requests import GpuRequest, gang_for
from scheduler.domain.resources import Gang, Node
from scheduler.domain.snapshot import Snapshot
from scheduler.domain.tenants import Tenant

Place = tuple[PendingJob, Placement]
User = tuple[str, str]  # organisation and name; a user's projects count together


def violations(
    snapshot: Snapshot, decisions: Sequence[Decision], checks: Iterable[Check] | None = None
) -> tuple[str, ...]:
    """Return every broken rule in words; empty when the decisions keep them all."""
    end = _End(snapshot, decisions)
    return tuple(text for check in checks or CHECKS for text in check(end))


class _End:
    """The world once the decisions are carried out, counted from the jobs themselves."""

    def __init__(self, snapshot: Snapshot, decisions: Sequence[Decision]) -> None:
        self.snapshot = snapshot
        self.decisions = decisions
        self.jobs = {job.job_id: job for job in snapshot.pending}
        self.nodes = {node.name: node for node in snapshot.nodes}
        self.entitled = entitlements(snapshot)
        self.largest: dict[str, int] = {}
        for node in snapshot.nodes:
            self.largest[node.pool] = max(self.largest.get(node.pool, 0), node.capacity.gpus)
        starts = [decision for decision in decisions if isinstance(decision, Start)]
        self.started: list[Place] = [
            (self.jobs[start.job_id], start.placement)
            for start in starts
            if start.job_id in self.jobs
        ]
        self.taken = _taken(self.started)
        held = [(job.tenant, job.array, job.placement) for job in snapshot.holding]
        self.before = _Held(held)
        self.after = _Held(held + [(job.tenant, job.array, place) for job, place in self.started])

    def quota(self, path: tuple[str, ...]) -> Quota:
        policy = self.snapshot.policy
        return (
            policy.organisation(path[1]) if len(path) == 2 else policy.classes.get(path[0], Quota())
        )

    def room(self, node: Node) -> tuple[int, int, int]:
        """Return GPUs, CPUs and MiB left; negative when more was taken than there was."""
        gpus, cpus, mib = self.taken.get(node.name, (0, 0, 0))
        have, used = node.capacity, node.used
        return (
            have.gpus - used.gpus - gpus,
            have.cpus - used.cpus - cpus,
            have.memory_mib - used.memory_mib - mib,
        )


class _Held:
    """GPUs by class or organisation and pool, by user and by array."""

    def __init__(self, jobs: Iterable[tuple[Tenant, ArrayPlace | None, Placement]]) -> None:
        self.in_pool: Counter[tuple[tuple[str, ...], str]] = Counter()
        self.by_user: Counter[User] = Counter()
        self.elements: Counter[int] = Counter()
        for tenant, array, placement in jobs:
            gpus = len(placement.nodes) * placement.gang.per_node.gpus
            self.in_pool[(tenant.tenant_class,), placement.pool] += gpus
            self.in_pool[(tenant.tenant_class, tenant.organisation), placement.pool] += gpus
            self.by_user[tenant.organisation, tenant.user] += gpus
            if array is not None:
                self.elements[array.array_id] += 1


def _taken(started: Iterable[Place]) -> dict[str, tuple[int, int, int]]:
    taken: dict[str, tuple[int, int, int]] = {}
    for _, placement in started:
        part = placement.gang.per_node
        for name in placement.nodes:
            gpus, cpus, mib = taken.get(name, (0, 0, 0))
            taken[name] = (gpus + part.gpus, cpus + part.cpus, mib + part.memory_mib)
    return taken


def every_job_is_decided_once(end: _End) -> Iterator[str]:
    counts = Counter(job_id for decision in end.decisions for job_id in _decided(decision))
    for job_id, count in counts.items():
        if job_id not in end.jobs:
            yield f"job {job_id} is decided but not pending"
        elif count > 1:
            yield f"job {job_id} is decided {count} times"
    for job_id in end.jobs:
        if job_id not in counts:
            yield f"job {job_id} is pending but not decided"


def _decided(decision: Decision) -> tuple[int, ...]:
    return (decision.job_id,) if isinstance(decision, Start) else decision.job_ids


def gangs_are_what_was_asked_for(end: _End) -> Iterator[str]:
    for job, placement in end.started:
        gang = _gang(end, job.request, placement.pool)
        if gang is None:
            yield f"job {job.job_id} does not suit pool {placement.pool}"
        elif gang != placement.gang:
            yield f"job {job.job_id} asks for {gang}, not {placement.gang}"


def gangs_are_whole_on_suiting_nodes(end: _End) -> Iterator[str]:
    for job, placement in end.started:
        if len(set(placement.nodes)) != placement.gang.nodes:
            yield f"job {job.job_id} needs {placement.gang.nodes} nodes, not {placement.nodes}"
        for name in placement.nodes:
            node = end.nodes.get(name)
            if node is None or node.pool != placement.pool or not node.available:
                yield f"job {job.job_id} is placed on {name}: not an available node of its pool"
            elif not job.request.suits_node(node):
                yield f"job {job.job_id} is placed on {name}, which lacks the features asked for"


def nodes_are_not_overfilled(end: _End) -> Iterator[str]:
    for name in end.taken:
        node = end.nodes.get(name)
        # A node can be overfull before a cycle: only those on which something starts are judged.
        if node is not None and min(end.room(node)) < 0:
            yield f"node {name} has {node.capacity}, {node.used} used, {end.taken[name]} started"


def ceilings_hold(end: _End) -> Iterator[str]:
    for path, pool in _touched(end):
        ceiling, held = end.quota(path).ceiling.gpus(pool), end.after.in_pool[path, pool]
        if ceiling is not None and held > ceiling:
            yield f"{'/'.join(path)} holds {held} GPUs in {pool}, ceiling {ceiling}"


def borrowing_stays_limited(end: _End) -> Iterator[str]:
    for path, pool in _touched(end):
        borrowable, held = _borrowable(end, path, pool), end.after.in_pool[path, pool]
        if borrowable is not None and held > borrowable:
            yield f"{'/'.join(path)} holds {held} GPUs in {pool}, may with borrowing {borrowable}"


def users_stay_within_their_limit(end: _End) -> Iterator[str]:
    limit = end.snapshot.policy.user_limits.max_held_gpus
    users = dict.fromkeys((job.tenant.organisation, job.tenant.user) for job, _ in end.started)
    for user in users:
        if limit is not None and end.after.by_user[user] > limit:
            yield f"user {user[-1]} holds {end.after.by_user[user]} GPUs, limit {limit}"


def arrays_stay_within_their_limit(end: _End) -> Iterator[str]:
    arrays = {job.array.array_id: job.array.limit for job, _ in end.started if job.array}
    for array_id, limit in arrays.items():
        if limit and end.after.elements[array_id] > limit:
            yield f"array {array_id} has {end.after.elements[array_id]} elements, limit {limit}"


def kept_back_gpus_stay_free(end: _End) -> Iterator[str]:
    for pool in dict.fromkeys(placement.pool for _, placement in end.started):
        spare = _spare(end, pool, end.after.in_pool, _started_gpus(end, pool))
        if spare < _least_spare(end, pool):
            yield f"{pool} lacks {-spare} free GPUs that floors keep back"


def no_job_that_fits_waits(end: _End) -> Iterator[str]:
    """Judge alike jobs once: walltime and age do not decide what fits."""
    fits: dict[tuple[object, ...], str] = {}
    decided = {decision.job_id for decision in end.decisions if isinstance(decision, Start)}
    for job in end.snapshot.pending:
        if job.job_id in decided:
            continue
        array = job.array and (job.array.array_id, job.array.limit)
        key = (job.tenant, array, _all_but_walltime(job.request))
        if key not in fits:
            fits[key] = next(
                (pool.name for pool in end.snapshot.pools if _fits(end, job, pool.name)), ""
            )
        if fits[key]:
            yield f"job {job.job_id} waits although it fits in {fits[key]}"


Check = Callable[[_End], Iterator[str]]
CHECKS: tuple[Check, ...] = (
    every_job_is_decided_once,
    gangs_are_what_was_asked_for,
    gangs_are_whole_on_suiting_nodes,
    nodes_are_not_overfilled,
    ceilings_hold,
    borrowing_stays_limited,
    users_stay_within_their_limit,
    arrays_stay_within_their_limit,
    kept_back_gpus_stay_free,
    no_job_that_fits_waits,
)


def _touched(end: _End) -> Iterable[tuple[tuple[str, ...], str]]:
    """Return each class and organisation that something starts for, with the pool.

    Who starts nothing may be above a limit: an administrator may have lowered it.
    """
    return dict.fromkeys(
        (path, placement.pool)
        for job, placement in end.started
        for path in (job.tenant.path(1), job.tenant.path(2))
    )


def _gang(end: _End, request: GpuRequest, pool_name: str) -> Gang | None:
    pool = next((pool for pool in end.snapshot.pools if pool.name == pool_name), None)
    largest = end.largest.get(pool_name, 0)
    if pool is None or not largest or not request.suits_pool(pool):
        return None
    return gang_for(request, largest, end.snapshot.default_mib_per_cpu)


def _borrowable(end: _End, path: tuple[str, ...], pool: str) -> int | None:
    limit = end.quota(path).borrowing_limit.gpus(pool)
    if limit is None:
        return None
    if len(path) == 2:
        return ceil(end.entitled.get((path[1], pool), 0.0) - 1e-6) + limit
    members = {key[0][1] for key in end.after.in_pool if len(key[0]) == 2 and key[0][0] == path[0]}
    members |= {
        job.tenant.organisation for job in end.snapshot.pending if job.tenant.path(1) == path
    }
    entitled = sum(end.entitled.get((name, pool), 0.0) for name in sorted(members))
    return ceil(entitled - 1e-6) + limit


def _spare(
    end: _End, pool: str, held: Counter[tuple[tuple[str, ...], str]], started_gpus: int
) -> int:
    """Return the free GPUs of a pool less what the owners of floors keep back there."""
    free = sum(node.free.gpus for node in end.snapshot.nodes if node.pool == pool)
    kept = 0
    for name in dict.fromkeys((*end.snapshot.policy.classes, *end.snapshot.organisations.values())):
        members = [org for org, of in end.snapshot.organisations.items() if of == name]
        short = [
            max(0, _not_lent(end.quota((name, org)), pool) - held[(name, org), pool])
            for org in members
        ]
        kept += max(0, sum(short), _not_lent(end.quota((name,)), pool) - held[(name,), pool])
    return free - started_gpus - kept


def _not_lent(quota: Quota, pool: str) -> int:
    lent, floor = quota.lending_limit.gpus(pool), quota.floor.gpus(pool) or 0
    return 0 if lent is None else max(0, floor - lent)


def _least_spare(end: _End, pool: str) -> int:
    """Floors grown past what is free block the starts of others, not their owners' own."""
    return min(0, _spare(end, pool, end.before.in_pool, 0))


def _started_gpus(end: _End, pool: str) -> int:
    return sum(place.gang.gpus for _, place in end.started if place.pool == pool)


def _all_but_walltime(request: GpuRequest) -> GpuRequest:
    return replace(request, walltime_s=1)


def _fits(end: _End, job: PendingJob, pool: str) -> bool:
    """Say whether the job could start in the pool after all that was decided."""
    gang = _gang(end, job.request, pool)
    return (
        gang is not None
        and _has_room(end, job.request, gang, pool)
        and _is_within_limits(end, job, gang.gpus, pool)
        and _leaves_kept_back(end, job.tenant, gang.gpus, pool)
    )


def _has_room(end: _End, request: GpuRequest, gang: Gang, pool: str) -> bool:
    part = (gang.per_node.gpus, gang.per_node.cpus, gang.per_node.memory_mib)
    holding = [
        node
        for node in end.snapshot.nodes
        if node.pool == pool
        and node.available
        and request.suits_node(node)
        and all(want <= have for want, have in zip(part, end.room(node), strict=True))
    ]
    return len(holding) >= gang.nodes


def _is_within_limits(end: _End, job: PendingJob, gpus: int, pool: str) -> bool:
    user_limit = end.snapshot.policy.user_limits.max_held_gpus
    user = (job.tenant.organisation, job.tenant.user)
    if user_limit is not None and end.after.by_user[user] + gpus > user_limit:
        return False
    array = job.array
    if array and array.limit and end.after.elements[array.array_id] >= array.limit:
        return False
    limits = [
        (path, limit)
        for path in (job.tenant.path(1), job.tenant.path(2))
        for limit in (end.quota(path).ceiling.gpus(pool), _borrowable(end, path, pool))
    ]
    return all(
        limit is None or end.after.in_pool[path, pool] + gpus <= limit for path, limit in limits
    )


def _leaves_kept_back(end: _End, tenant: Tenant, gpus: int, pool: str) -> bool:
    held = end.after.in_pool.copy()
    held[tenant.path(1), pool] += gpus
    held[tenant.path(2), pool] += gpus
    spare = _spare(end, pool, held, _started_gpus(end, pool) + gpus)
    return spare >= _least_spare(end, pool)
