"""Who holds and who wants how many GPUs where, and how many there are to share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from scheduler.domain.decisions import Start
from scheduler.domain.jobs import HoldingJob, JobState, PendingJob
from scheduler.domain.placement import Option, SuitedGroup, suited
from scheduler.domain.policies import Quota
from scheduler.domain.queue import without
from scheduler.domain.resources import Amount
from scheduler.domain.snapshot import Snapshot
from scheduler.domain.tenants import Tenant

Key = tuple[str, str, str]  # class, organisation, pool
User = tuple[str, str]  # organisation, name: all projects of a user share one limit


def sharable_gpus(snapshot: Snapshot) -> Mapping[str, int]:
    """Return the GPUs of each pool that tenants may share: available, and not held by others.

    Jobs that other people run on the cluster take capacity away from all tenants alike.
    """
    others = others_gpus(snapshot)
    up = snapshot.capacity_gpus()
    totals = {pool.name: up.get(pool.name, 0) for pool in snapshot.pools} | dict(up)
    return {pool: gpus - others.get(pool, 0) for pool, gpus in totals.items()}


def others_gpus(snapshot: Snapshot) -> Mapping[str, int]:
    """Return the GPUs that other people's jobs hold on each pool's available nodes."""
    ours = _gpus_by_node(snapshot.holding)
    totals: Counter[str] = Counter()
    for node in snapshot.nodes:
        if node.available:
            foreign = max(0, node.used.gpus - ours[node.name])
            totals[node.pool] += min(node.capacity.gpus, foreign)
    return totals


def _gpus_by_node(holding: Sequence[HoldingJob]) -> Counter[str]:
    gpus: Counter[str] = Counter()
    for job in holding:
        for name in job.placement.nodes:
            gpus[name] += job.placement.gang.per_node.gpus
    return gpus


def held_gpus(snapshot: Snapshot) -> Counter[Key]:
    """Return the GPUs that each (class, organisation, pool) holds."""
    held: Counter[Key] = Counter()
    for job in snapshot.holding:
        held[_key(job.tenant, job.placement.pool)] += job.placement.gang.gpus
    return held


def _key(tenant: Tenant, pool: str) -> Key:
    return tenant.tenant_class, tenant.organisation, pool


def _user(tenant: Tenant) -> User:
    return tenant.organisation, tenant.user


@dataclass(frozen=True, slots=True)
class Demand:
    """GPUs held or wanted now, and how many of the gangs that wait have which size."""

    gpus: Mapping[Key, int]
    gangs: Mapping[Key, Mapping[int, int]]


def demands(snapshot: Snapshot, groups: tuple[SuitedGroup, ...] | None = None) -> Mapping[Key, int]:
    """Return the GPUs that each (class, organisation, pool) holds or wants now, see `demand`."""
    return demand(snapshot, groups).gpus


def demand(snapshot: Snapshot, groups: tuple[SuitedGroup, ...] | None = None) -> Demand:
    """Return the GPUs that each (class, organisation, pool) holds or wants now, within limits.

    A job that suits several pools is counted in one: the pool with most GPUs that nobody
    counted so far wants, oldest groups first; when none is left anywhere, the group's other jobs
    are counted in one pool together. Jobs beyond a user's limit, an array's limit or a
    ceiling, and jobs whose nodes are not up, want nothing now. `groups` are the snapshot's, when
    they are at hand.
    """
    wants = held_gpus(snapshot)
    tally = _Tally(snapshot, wants)
    for group in suited(snapshot) if groups is None else groups:
        tally.count(group)
    within = {key: _within_ceiling(snapshot, key, gpus) for key, gpus in wants.items()}
    return Demand(within, tally.gangs)


def _within_ceiling(snapshot: Snapshot, key: Key, gpus: int) -> int:
    tenant_class, organisation, pool = key
    policy = snapshot.policy
    quotas = (policy.organisation(tenant_class, organisation), policy.classes.get(tenant_class))
    bounds = [(quota or Quota()).ceiling.gpus(pool) for quota in quotas]
    return min(gpus, *(gpus if bound is None else bound for bound in bounds))


class _Tally:
    """Counts groups into `wants`, and what is left in pools and under users' limits."""

    def __init__(self, snapshot: Snapshot, wants: Counter[Key]) -> None:
        self._wants = wants
        self.gangs: dict[Key, Counter[int]] = {}
        self._room = dict(sharable_gpus(snapshot))
        self._policy = snapshot.policy
        self._by_user: Counter[User] = Counter()
        self._by_array: Counter[int] = Counter()
        self._up: dict[tuple[Option, ...], tuple[Option, ...]] = {}
        for (_, _, pool), gpus in wants.items():
            self._room[pool] = self._room.get(pool, 0) - gpus
        for job in snapshot.holding:
            self._by_user[_user(job.tenant)] += job.placement.gang.gpus
            if job.array:
                self._by_array[job.array.array_id] += 1

    def count(self, group: SuitedGroup) -> None:
        up, left = self._up_of(group.options), self._most_jobs(group)
        if len(up) == 1:
            self._take(group, up[0], left)
            return
        while up and left and self._space(best := max(up, key=self._space)) > 0:
            if not self._take(group, best, 1):
                return
            left -= 1
        if up and left:
            self._take(group, max(up, key=self._space), left)

    def _up_of(self, options: tuple[Option, ...]) -> tuple[Option, ...]:
        """Return those that are up; thousands of groups have the same few options."""
        found = self._up.get(options)
        if found is None:
            found = self._up[options] = tuple(option for option in options if option.is_up)
        return found

    def _most_jobs(self, group: SuitedGroup) -> int:
        if group.array is None:
            return len(group.jobs)
        room = group.array.limit - self._by_array[group.array.array_id]
        return max(0, min(len(group.jobs), room))

    def _space(self, option: Option) -> int:
        return self._room[option.pool]

    def _take(self, group: SuitedGroup, option: Option, jobs: int) -> int:
        gpus = option.gang.gpus
        limit = self._policy.limits_of_users(group.tenant.tenant_class).max_held_gpus
        if limit is not None:
            jobs = self._within_limit(limit, _user(group.tenant), gpus, jobs)
        self._room[option.pool] -= jobs * gpus
        key = _key(group.tenant, option.pool)
        self._wants[key] += jobs * gpus
        self.gangs.setdefault(key, Counter())[gpus] += jobs
        if group.array:
            self._by_array[group.array.array_id] += jobs
        return jobs

    def _within_limit(self, limit: int, user: User, gpus: int, jobs: int) -> int:
        """Return how many of these jobs the user may have, and count them."""
        jobs = max(0, min(jobs, (limit - self._by_user[user]) // gpus))
        self._by_user[user] += jobs * gpus
        return jobs


def after_starts(snapshot: Snapshot, starts: Sequence[Start]) -> Snapshot:
    """Return the snapshot as it stands once these jobs hold their gangs."""
    if not starts:
        return snapshot
    queue, jobs = without(snapshot.queue, {start.job_id for start in starts})
    started = tuple(_held(jobs[start.job_id], start, snapshot.taken_at) for start in starts)
    used: dict[str, Amount] = {}
    for job in started:
        for name in job.placement.nodes:
            used[name] = used.get(name, Amount()) + job.placement.gang.per_node
    return replace(
        snapshot,
        queue=queue,
        holding=snapshot.holding + started,
        nodes=tuple(
            replace(node, used=node.used + used[node.name]) if node.name in used else node
            for node in snapshot.nodes
        ),
    )


def _held(job: PendingJob, start: Start, at: datetime) -> HoldingJob:
    return HoldingJob(
        job.job_id,
        job.tenant,
        JobState.SUBMITTING,
        start.placement,
        job.request.walltime_s,
        array=job.array,
        changed_at=at,
    )
