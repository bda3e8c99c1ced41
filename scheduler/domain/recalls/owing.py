"""The books of a recall: who holds how much of what is due, and what room there will be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction

from scheduler.domain.decisions import Start
from scheduler.domain.jobs import HoldingJob, JobState, PendingJob, Placement
from scheduler.domain.placement import Option
from scheduler.domain.policies import RecallBy
from scheduler.domain.queue import age_of
from scheduler.domain.resources import Amount
from scheduler.domain.shares.quotas import Ledger, Subject, quota_of, whole_gpus
from scheduler.domain.snapshot import Snapshot
from scheduler.domain.tenants import Tenant

CLASS, ORGANISATION = 1, 2  # depths of the tenant tree at which GPUs are due to anybody
Entitled = Mapping[tuple[str, str], float]
# What admission goes by: an unmet floor, the share, the age; the least comes first.
Turn = tuple[tuple[bool, Fraction], tuple[bool, Fraction], tuple[datetime, int]]


@dataclass(frozen=True, slots=True)
class Claim:
    """A waiting job, a place it could start in, and the tenant whose due would hold its gang.

    `is_overdue` says that the job has waited for as long as the guard: it comes before the shares.
    """

    job: PendingJob
    option: Option
    path: Subject
    is_overdue: bool = False

    @property
    def pool(self) -> str:
        return self.option.pool

    @property
    def gpus(self) -> int:
        return self.option.gang.gpus

    def own(self, depth: int) -> Subject:
        return self.job.tenant.path(depth)


class Holdings:
    """GPUs that classes and organisations hold, and the corrected shares that follow from them."""

    def __init__(self, snapshot: Snapshot, holding: Iterable[HoldingJob]) -> None:
        self._policy = snapshot.policy
        self._rates = {pool.name: self._policy.rate(pool.gpu_type) for pool in snapshot.pools}
        self._floors: dict[Subject, Mapping[str, int]] = {}
        self.gpus: Counter[tuple[Subject, str]] = Counter()
        weight = self._policy.usage_weight
        self._amounts = {
            path: Fraction(gpus) * weight
            for path, gpus in snapshot.mean_gpus.items()
            if len(path) <= ORGANISATION
        }
        for job in holding:
            for depth in (CLASS, ORGANISATION):
                self.gpus[job.tenant.path(depth), job.placement.pool] += job.placement.gang.gpus
        for (path, pool), gpus in self.gpus.items():
            self._weigh(path, pool, gpus)

    def copy(self) -> Holdings:
        other = copy(self)
        other.gpus, other._amounts = self.gpus.copy(), self._amounts.copy()
        return other

    def count(self, tenant: Tenant, pool: str, gpus: int) -> None:
        """Let the tenant's class and organisation hold so many more, or fewer."""
        for depth in (CLASS, ORGANISATION):
            self.gpus[tenant.path(depth), pool] += gpus
            self._weigh(tenant.path(depth), pool, gpus)

    def share(self, path: Subject, pool: str = "", change: int = 0) -> Fraction:
        """Return the usage-corrected share, were `change` more GPUs of the pool held."""
        amount = self._amounts.get(path, Fraction(0))
        if change:
            amount += change * self._rates.get(pool, Fraction(1))
        return amount / quota_of(self._policy, path).share

    def lacks(self, path: Subject, pool: str, change: int = 0) -> int:
        """Return how many GPUs of its floor in the pool the tenant would lack."""
        return max(0, self._floors_of(path).get(pool, 0) - self.gpus[path, pool] - change)

    def turn(self, job: PendingJob) -> Turn:
        """Return when the job would be admitted, nearly: the allocator knows of more levels."""
        own, its_class = job.tenant.path(ORGANISATION), job.tenant.path(CLASS)
        lacks = self._is_below_a_floor(own)
        class_lacks = lacks or self._is_below_a_floor(its_class)
        standing = not class_lacks, self.share(its_class)
        return standing, (not lacks, self.share(own)), age_of(job)

    def _weigh(self, path: Subject, pool: str, gpus: int) -> None:
        more = gpus * self._rates.get(pool, Fraction(1))
        self._amounts[path] = self._amounts.get(path, Fraction(0)) + more

    def _is_below_a_floor(self, path: Subject) -> bool:
        return any(self.gpus[path, pool] < gpus for pool, gpus in self._floors_of(path).items())

    def _floors_of(self, path: Subject) -> Mapping[str, int]:
        if path not in self._floors:
            floor = quota_of(self._policy, path).floor
            self._floors[path] = {pool: n for pool in self._rates if (n := floor.gpus(pool) or 0)}
        return self._floors[path]


class Books:
    """The world of a cycle's end: its starts hold their gangs, and who is leaving has gone.

    `now` counts what is held; `soon` counts besides the gangs that will start in the room that is
    on its way, so that nothing is recalled for them again.
    """

    def __init__(self, snapshot: Snapshot, starts: Iterable[Start], entitled: Entitled) -> None:
        self.snapshot = snapshot
        staying = [job for job in snapshot.holding if not job.is_leaving]
        self.holding = {job.job_id: job for job in (*staying, *_started(snapshot, starts))}
        self.now = Holdings(snapshot, self.holding.values())
        self.soon = self.now.copy()
        used = _used(snapshot, self.holding.values())
        up = [node for node in snapshot.nodes if node.available]
        self.free = {node.name: node.capacity.less(used[node.name]) for node in up}
        self.by_shares = snapshot.policy.recall.by is RecallBy.SHARES
        self._entitled = self._whole(entitled)
        self._due: dict[tuple[Subject, str], int] = {}
        everything = with_holding(snapshot, tuple(self.holding.values()))
        self._ledger = Ledger(replace(everything, queue=()), entitled)
        # What recalled jobs held: a ledger only ever takes in.
        self._given_back: Counter[tuple[Subject, str]] = Counter()

    def due(self, path: Subject, pool: str) -> int:
        """Return the GPUs that the tenant may count on: its floor, or more while it is entitled."""
        found = self._due.get((path, pool))
        if found is None:
            entitled = self._entitled.get((path, pool), 0)
            found = self._due[path, pool] = max(self._floor(path, pool), entitled)
        return found

    def kept(self, path: Subject, pool: str) -> int:
        """Return the GPUs that no recall takes from the tenant: its due, by shares its floor."""
        return self._floor(path, pool) if self.by_shares else self.due(path, pool)

    def _floor(self, path: Subject, pool: str) -> int:
        return quota_of(self.snapshot.policy, path).floor.gpus(pool) or 0

    def allows(self, claim: Claim, givers: Iterable[HoldingJob]) -> bool:
        """Say whether the gang would keep all limits once these have gone.

        Givers stay at their dues, so that no floor is kept back for them that was not before.
        """
        tenant, pool, ledger = claim.job.tenant, claim.pool, self._ledger
        freed = self._given_back.copy()
        for giver in givers:
            _give_back(freed, giver)
        bounds = ledger.bounds(tenant, claim.job.array, pool)
        for bound in bounds:
            held = ledger.held(bound.subject, bound.pool) - freed[bound.subject, bound.pool]
            if held + bound.takes(claim.option.gang) > bound.at_most:
                return False
        kept = ledger.kept_back_gpus(pool, tenant, claim.gpus) if pool in ledger.keeps else 0
        free = ledger.free_gpus(pool) + freed[(), pool]
        return not kept or free - claim.gpus - kept >= ledger.least_spare_gpus(pool)

    def start(self, claim: Claim, nodes: Iterable[str], *, by_recall: bool) -> None:
        """Let the gang take its room; it is held `now` only where a recall makes it certain."""
        job = _holding(claim.job, Placement(claim.pool, tuple(nodes), claim.option.gang))
        self.holding[job.job_id] = job
        self._ledger.charge(job.tenant, job.array, job.placement)
        for name in job.placement.nodes:
            self.free[name] = self.free[name].less(job.placement.gang.per_node)
        for holdings in (self.now, self.soon) if by_recall else (self.soon,):
            holdings.count(job.tenant, job.placement.pool, claim.gpus)

    def leave(self, job: HoldingJob) -> None:
        """Let a recalled job's GPUs come free."""
        del self.holding[job.job_id]
        _give_back(self._given_back, job)
        for name in job.placement.nodes:
            if name in self.free:
                self.free[name] += job.placement.gang.per_node
        for holdings in (self.now, self.soon):
            holdings.count(job.tenant, job.placement.pool, -job.placement.gang.gpus)

    def _whole(self, entitled: Entitled) -> Mapping[tuple[Subject, str], int]:
        """Return whole entitlements: organisations', and of each class the sum of its own."""
        place = dict(self.snapshot.organisations)
        for tenant in (
            *(job.tenant for job in self.snapshot.holding),
            *(group.tenant for group in self.snapshot.queue),
        ):
            place[tenant.organisation] = tenant.tenant_class
        totals: dict[tuple[Subject, str], float] = {}
        for (name, pool), gpus in entitled.items():
            for path in ((place[name],), (place[name], name)):
                totals[path, pool] = totals.get((path, pool), 0.0) + gpus
        return {key: whole_gpus(gpus) for key, gpus in totals.items()}


def _give_back(freed: Counter[tuple[Subject, str]], job: HoldingJob) -> None:
    """Count what the pool and the job's tenants hold less; no path is the pool's own."""
    for path in ((), job.tenant.path(CLASS), job.tenant.path(ORGANISATION)):
        freed[path, job.placement.pool] += job.placement.gang.gpus


def _started(snapshot: Snapshot, starts: Iterable[Start]) -> Iterable[HoldingJob]:
    pending = {job.job_id: job for group in snapshot.queue for job in group.jobs}
    return (_holding(pending[start.job_id], start.placement) for start in starts)


def _holding(job: PendingJob, placement: Placement) -> HoldingJob:
    walltime_s = job.request.walltime_s
    state = JobState.SUBMITTING
    return HoldingJob(job.job_id, job.tenant, state, placement, walltime_s, array=job.array)


def with_holding(snapshot: Snapshot, holding: tuple[HoldingJob, ...]) -> Snapshot:
    """Return the snapshot with these jobs of ours on its nodes in place of those that are."""
    used = _used(snapshot, holding)
    nodes = tuple(replace(node, used=used[node.name]) for node in snapshot.nodes)
    return replace(snapshot, holding=holding, nodes=nodes)


def _used(snapshot: Snapshot, staying: Iterable[HoldingJob]) -> dict[str, Amount]:
    """Return what others' jobs, and these of ours, use on each node."""
    used = {node.name: node.used for node in snapshot.nodes}
    for job in snapshot.holding:
        for name in job.placement.nodes:
            if name in used:
                used[name] = used[name].less(job.placement.gang.per_node)
    for job in staying:
        for name in job.placement.nodes:
            if name in used:
                used[name] += job.placement.gang.per_node
    return used
