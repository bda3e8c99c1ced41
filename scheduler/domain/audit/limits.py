"""Limits, restated: ceilings, borrowing, users, arrays, and what floors keep back (P14, P2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scheduler.domain.audit.world import End, Path
from scheduler.domain.jobs import ArrayPlace
from scheduler.domain.tenants import Tenant


def ceilings_hold(end: End) -> Iterator[str]:
    for path, pool in _touched(end):
        ceiling, held = end.world.quota(path).ceiling.gpus(pool), end.after.in_pool[path, pool]
        if ceiling is not None and held > ceiling:
            yield f"{'/'.join(path)} holds {held} GPUs in {pool}, ceiling {ceiling}"


def borrowing_stays_limited(end: End) -> Iterator[str]:
    for path, pool in _touched(end):
        at_most, held = end.world.with_borrowing(path, pool), end.after.in_pool[path, pool]
        if at_most is not None and held > at_most:
            yield f"{'/'.join(path)} holds {held} GPUs in {pool}, may with borrowing {at_most}"


def users_stay_within_their_limit(end: End) -> Iterator[str]:
    tenants = {(job.tenant.organisation, job.tenant.user): job.tenant for job, _ in end.started}
    for user, tenant in tenants.items():
        limit = end.snapshot.policy.limits_of_users(tenant.tenant_class).max_held_gpus
        if limit is not None and end.after.by_user[user] > limit:
            yield f"user {user[-1]} holds {end.after.by_user[user]} GPUs, limit {limit}"


def arrays_stay_within_their_limit(end: End) -> Iterator[str]:
    arrays = {job.array.array_id: job.array.limit for job, _ in end.started if job.array}
    for array_id, limit in arrays.items():
        if limit and end.after.elements[array_id] > limit:
            yield f"array {array_id} has {end.after.elements[array_id]} elements, limit {limit}"


def kept_back_gpus_stay_free(end: End) -> Iterator[str]:
    for pool in end.gpus_started:
        spare = _spare(end, pool)
        if spare < _least_spare(end, pool):
            yield f"{pool} lacks {-spare} free GPUs that floors keep back"


def is_within_limits(
    end: End, tenant: Tenant, array: ArrayPlace | None, pool: str, gpus: int
) -> bool:
    """Say whether one more gang of so many GPUs passes no limit of its user and tenants."""
    user_limit = end.snapshot.policy.limits_of_users(tenant.tenant_class).max_held_gpus
    user = (tenant.organisation, tenant.user)
    if user_limit is not None and end.after.by_user[user] + gpus > user_limit:
        return False
    if array and array.limit and end.after.elements[array.array_id] >= array.limit:
        return False
    return all(end.left(path, pool) >= gpus for path in (tenant.path(1), tenant.path(2)))


def leaves_kept_back(end: End, tenant: Tenant, pool: str, gpus: int) -> bool:
    """Say whether one more start leaves free what other tenants' floors keep back."""
    if pool not in end.world.pools_kept_back:
        return True
    key = (tenant.path(2), pool, gpus)
    if key not in end.kept_back:
        end.kept_back[key] = _leaves_kept_back(end, tenant, pool, gpus)
    return end.kept_back[key]


def _leaves_kept_back(end: End, tenant: Tenant, pool: str, gpus: int) -> bool:
    claims = end.claims(pool)
    own, members = claims.get(tenant.tenant_class, (0, 0))
    class_path, path = tenant.path(1), tenant.path(2)
    fewer = end.claim(path, pool) - end.claim(path, pool, more=gpus)
    after = max(end.claim(class_path, pool, more=gpus), members - fewer)
    spare = _spare(end, pool) - gpus + max(own, members) - after
    return spare >= _least_spare(end, pool)


def _touched(end: End) -> Iterable[tuple[Path, str]]:
    """Return each class and organisation that something starts for, with the pool.

    Who starts nothing may be above a limit: an administrator may have lowered it.
    """
    return dict.fromkeys(
        (path, placement.pool)
        for job, placement in end.started
        for path in (job.tenant.path(1), job.tenant.path(2))
    )


def _spare(end: End, pool: str) -> int:
    """Return the free GPUs of a pool less what the owners of floors keep back there.

    A class's claim and those of its organisations overlap: the larger counts.
    """
    kept = sum(max(own, members) for own, members in end.claims(pool).values())
    return end.world.free_gpus[pool] - end.gpus_started[pool] - kept


def _least_spare(end: End, pool: str) -> int:
    """Floors grown past what is free block the starts of others, not their owners' own."""
    return min(0, _spare(end.world.began, pool))
