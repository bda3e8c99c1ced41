"""What another policy would do to the jobs and holdings of this moment, before it is in force."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from scheduler.domain.cluster import ClusterState
from scheduler.domain.decisions import Allocation
from scheduler.domain.policies import Policy, PolicyVersion
from scheduler.domain.queue import JobGroup
from scheduler.domain.shares.debts import most_in_whole_gangs
from scheduler.domain.shares.demand import (
    Key,
    after_starts,
    demand,
    demands,
    held_gpus,
    sharable_gpus,
)
from scheduler.domain.shares.fairshare import entitlements, even_shares
from scheduler.domain.shares.quotas import quota_of, whole_gpus
from scheduler.domain.snapshot import Snapshot
from scheduler.domain.tenants import Tenant
from scheduler.domain.validation import check_request
from scheduler.errors import InvalidRequest, QuotaExceeded

Decide = Callable[[Snapshot], Allocation]


@dataclass(frozen=True, slots=True)
class PolicyQuestion:
    """Which policy to foresee, `proposed`, against the one `in_force`.

    `cluster` and `in_force` are the newest that the engine has told.
    """

    cluster: ClusterState
    in_force: PolicyVersion
    proposed: PolicyVersion


@dataclass(frozen=True, slots=True)
class Standing:
    """What one organisation has in one pool, and may have under either policy; all are GPUs.

    `even` is its entitlement while everybody wants everything, `entitled` that of this moment.
    `over` is what it holds beyond the ceilings and borrowing limits of the new policy: it keeps
    what runs, and starts nothing until it is below them.
    """

    organisation: str
    tenant_class: str
    pool: str
    held: int
    wanted: int
    entitled_before: float
    entitled_after: float
    even_before: float
    even_after: float
    over: int
    given_before: int = 0
    given_after: int = 0
    missed_before: int = 0
    missed_after: int = 0

    @property
    def changes(self) -> bool:
        return (
            self.entitled_before != self.entitled_after
            or self.even_before != self.even_after
            or self.over > 0
        )


@dataclass(frozen=True, slots=True, order=True)
class Affected:
    """A job that fares otherwise."""

    job_id: int
    tenant: Tenant
    gpus: int


@dataclass(frozen=True, slots=True)
class PolicyForecast:
    """What the next cycle would do under the proposed policy that it does not under the present.

    `starts` would start only under the proposed policy, `held_back` only under the present one;
    `recalled` and `spared` are running jobs alike. `barred` are pending jobs that pass a limit of
    the proposed policy on an idle cluster: they would wait for ever. `capacity` is of each pool.
    """

    taken_at: datetime
    standings: tuple[Standing, ...]
    starts: tuple[Affected, ...] = ()
    held_back: tuple[Affected, ...] = ()
    recalled: tuple[Affected, ...] = ()
    spared: tuple[Affected, ...] = ()
    barred: tuple[Affected, ...] = ()
    cycle: int = 0
    capacity: Mapping[str, int] = field(default_factory=dict)


def policy_forecast(
    present: Snapshot, proposed: Snapshot, cluster: ClusterState, decide: Decide
) -> PolicyForecast:
    """Return how the cycles of two snapshots differ, which differ in nothing but the policy."""
    before, after = decide(present), decide(proposed)
    waiting = _by_id(present.queue)
    running = {
        job.job_id: Affected(job.job_id, job.tenant, job.placement.gang.gpus)
        for job in present.holding
    }
    started = {start.job_id for start in before.starts}, {start.job_id for start in after.starts}
    recalled = {one.job_id for one in before.recalls}, {one.job_id for one in after.recalls}
    return PolicyForecast(
        present.taken_at,
        tuple(_with_starts(_standings(present, proposed), (present, before), (proposed, after))),
        starts=_among(waiting, started[1] - started[0]),
        held_back=_among(waiting, started[0] - started[1]),
        recalled=_among(running, recalled[1] - recalled[0]),
        spared=_among(running, recalled[0] - recalled[1]),
        barred=_among(waiting, _barred(proposed, cluster) - _barred(present, cluster)),
        cycle=present.cycle,
        capacity=sharable_gpus(present),
    )


def _by_id(queue: Iterable[JobGroup]) -> Mapping[int, Affected]:
    return {
        job.job_id: Affected(job.job_id, job.tenant, job.request.total_gpus)
        for group in queue
        for job in group.jobs
    }


def _among(known: Mapping[int, Affected], job_ids: Iterable[int]) -> tuple[Affected, ...]:
    return tuple(known[job_id] for job_id in sorted(job_ids))


def _barred(snapshot: Snapshot, cluster: ClusterState) -> set[int]:
    """Return the pending jobs that the policy would not take if they came now."""
    return {
        job_id
        for group in snapshot.queue
        if _is_barred(group, snapshot.policy, cluster)
        for job_id in group.job_ids
    }


def _is_barred(group: JobGroup, policy: Policy, cluster: ClusterState) -> bool:
    try:
        check_request(group.request, group.tenant, policy, cluster)
    except (QuotaExceeded, InvalidRequest):
        return True
    return False


def _standings(present: Snapshot, proposed: Snapshot) -> Iterator[Standing]:
    held, wants = held_gpus(present), demands(present)
    entitled = entitlements(present), entitlements(proposed)
    even = even_shares(present), even_shares(proposed)
    for name, tenant_class in sorted(present.organisations.items()):
        for pool in (pool.name for pool in present.pools):
            key, place = (name, pool), (tenant_class, name, pool)
            of_class = sum(gpus for who, gpus in held.items() if (who[0], who[2]) == place[::2])
            yield Standing(
                name,
                tenant_class,
                pool,
                held=held[place],
                wanted=wants.get(place, 0),
                entitled_before=entitled[0].get(key, 0.0),
                entitled_after=entitled[1].get(key, 0.0),
                even_before=even[0].get(key, 0.0),
                even_after=even[1].get(key, 0.0),
                over=_over(proposed, place, held[place], of_class, entitled[1]),
            )


Decided = tuple[Snapshot, Allocation]


def _with_starts(
    standings: Iterable[Standing], before: Decided, after: Decided
) -> Iterator[Standing]:
    """Add what either cycle starts for each, and what is then missing of its floor."""
    ends = [after_starts(snapshot, allocation.starts) for snapshot, allocation in (before, after)]
    held, gangs = list(map(held_gpus, ends)), [demand(end).gangs for end in ends]
    for one in standings:
        key = one.tenant_class, one.organisation, one.pool
        floor = min(_floor(end.policy, key) for end in ends)
        missed = [
            most_in_whole_gangs(gangs[n].get(key, {}), max(0, floor - held[n][key]))
            for n in range(len(ends))
        ]
        yield replace(
            one,
            given_before=held[0][key] - one.held,
            given_after=held[1][key] - one.held,
            missed_before=missed[0],
            missed_after=missed[1],
        )


def _floor(policy: Policy, key: Key) -> int:
    tenant_class, name, pool = key
    return policy.organisation(tenant_class, name).floor.gpus(pool) or 0


def _over(
    proposed: Snapshot,
    place: tuple[str, str, str],
    held: int,
    held_by_class: int,
    entitled: Mapping[tuple[str, str], float],
) -> int:
    """Return how much of what is held passes a limit of the organisation or of its class."""
    tenant_class, name, pool = place
    of_class = sum(
        gpus
        for (one, where), gpus in entitled.items()
        if where == pool and proposed.organisations.get(one) == tenant_class
    )
    passed = [0]
    for path, gpus, share in (
        ((tenant_class, name), held, entitled.get((name, pool), 0.0)),
        ((tenant_class,), held_by_class, of_class),
    ):
        quota = quota_of(proposed.policy, path)
        ceiling, borrowed = quota.ceiling.gpus(pool), quota.borrowing_limit.gpus(pool)
        if ceiling is not None:
            passed.append(gpus - ceiling)
        if borrowed is not None:
            passed.append(gpus - whole_gpus(share) - borrowed)
    return min(held, max(passed))
