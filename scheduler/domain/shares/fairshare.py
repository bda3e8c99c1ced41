"""What each organisation may have, has used and holds: the arithmetic of equal access."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from math import lcm, log
from typing import Generic, TypeVar

from scheduler.domain.decisions import Start
from scheduler.domain.jobs import HoldingJob
from scheduler.domain.placement import SuitedGroup
from scheduler.domain.policies import PerPool, Policy, Quota
from scheduler.domain.records import OrganisationShare, UsageBucket
from scheduler.domain.resources import Pool
from scheduler.domain.shares.debts import owed_gpus
from scheduler.domain.shares.demand import after_starts, demand, demands, held_gpus, sharable_gpus
from scheduler.domain.shares.quotas import whole_gpus
from scheduler.domain.snapshot import Snapshot

K = TypeVar("K", bound=Hashable)
Amounts = Mapping[K, int | Fraction]
Place = tuple[str, str]  # class, organisation
HALF_AN_HOUR = timedelta(minutes=30)


def water_fill(
    capacity: int | Fraction,
    demands: Mapping[K, int | Fraction],
    weights: Mapping[K, int],
    floors: Mapping[K, int | Fraction] | None = None,
) -> dict[K, int | Fraction]:
    """Return the weighted max-min fair amounts, exactly: min(demand, max(floor, weight × level)).

    Everyone gets the demand when the capacity holds them all. Floors count as far as they are
    wanted; floors that exceed the capacity share it as if they were the demands.
    """
    if sum(demands.values()) <= capacity:
        return dict(demands)
    sure = {key: min((floors or {}).get(key, 0), demand) for key, demand in demands.items()}
    if sum(sure.values()) > capacity:
        return water_fill(capacity, sure, weights)
    level = _level(capacity, demands, weights, sure)
    by_weight = {weight: _Raised(weight * level) for weight in set(weights.values())}
    return {
        key: by_weight[weights[key]].between(sure[key], demand) for key, demand in demands.items()
    }


@dataclass(frozen=True, slots=True)
class _Raised:
    """What the level gives to a weight; whole numbers compare with it as such, which is quick."""

    amount: Fraction

    def between(self, least: int | Fraction, most: int | Fraction) -> int | Fraction:
        """Return the amount, but no less than the one and no more than the other."""
        above, below = self.amount.numerator, self.amount.denominator
        if most * below <= above:
            return most
        return least if least * below >= above else self.amount


def _level(
    capacity: int | Fraction, wanted: Amounts[K], weights: Mapping[K, int], sure: Amounts[K]
) -> Fraction:
    """Raise the level from turn to turn; at a turn somebody begins to rise or is full.

    Turns are counted in parts of a common multiple of the weights: of whole demands they are
    whole, and no fraction is made before the end.
    """
    common = lcm(*(weights[key] for key in wanted))
    parts = {weight: common // weight for weight in set(weights.values())}
    turns = [(sure[key] * parts[weights[key]], weights[key]) for key in wanted]
    turns += [(wanted[key] * parts[weights[key]], -weights[key]) for key in wanted]
    level: int | Fraction = 0
    whole, scale = Fraction(capacity).as_integer_ratio()
    left, slope = (whole - sum(sure.values()) * scale) * common, 0
    for turn, change in sorted(turns):
        if slope and slope * (turn - level) * scale >= left:
            break
        left -= slope * (turn - level) * scale
        level, slope = turn, slope + change
    return (level + (Fraction(left) / (slope * scale) if slope else 0)) / Fraction(common)


def entitlements(
    snapshot: Snapshot, groups: tuple[SuitedGroup, ...] | None = None
) -> Mapping[tuple[str, str], float]:
    """Return what each (organisation, pool) may have while all who want GPUs now press.

    Each pool's sharable GPUs are filled from the cluster to its classes and from each class to
    its organisations, over those that hold or want GPUs there. Absent means nothing is wanted.
    `groups` are the snapshot's, when they are at hand.
    """
    return entitlements_for(snapshot, demands(snapshot, groups))


def entitlements_for(
    snapshot: Snapshot, wanted: Mapping[tuple[str, str, str], int]
) -> Mapping[tuple[str, str], float]:
    """Return the entitlements for a demand that is at hand."""
    wants = wants_by_pool(wanted)
    return {
        (organisation, pool): float(gpus)
        for pool, capacity in sharable_gpus(snapshot).items()
        for (_, organisation), gpus in _fill_tree(
            capacity, wants.get(pool, {}), snapshot.policy, pool
        ).items()
    }


def even_shares(snapshot: Snapshot) -> Mapping[tuple[str, str], float]:
    """Return what each known (organisation, pool) would be entitled to if all wanted all."""
    return {
        (organisation, pool): float(gpus)
        for pool, capacity in sharable_gpus(snapshot).items()
        for (_, organisation), gpus in _fill_tree(
            capacity, _everything(snapshot, pool, capacity), snapshot.policy, pool
        ).items()
    }


def wants_by_pool(
    wants: Mapping[tuple[str, str, str], int],
) -> Mapping[str, Mapping[Place, int]]:
    """Return who wants how much in each pool, without those who want nothing there."""
    found: dict[str, dict[Place, int]] = {}
    for (tenant_class, organisation, pool), gpus in wants.items():
        if gpus:
            found.setdefault(pool, {})[tenant_class, organisation] = gpus
    return found


def _everything(snapshot: Snapshot, pool: str, capacity: int) -> dict[Place, int]:
    policy = snapshot.policy
    return {
        (tenant_class, name): _at_most(
            capacity, policy.organisation(tenant_class, name).ceiling, pool
        )
        for name, tenant_class in snapshot.organisations.items()
    }


@dataclass(frozen=True, slots=True)
class Terms(Generic[K]):
    """What siblings are filled by: wants and floors in GPUs, and shares."""

    wants: Mapping[K, int]
    shares: Mapping[K, int]
    floors: Mapping[K, int]

    @property
    def sure(self) -> Mapping[K, int]:
        """Return what is sure to them: their floors, as far as they want them."""
        return {key: min(self.floors[key], gpus) for key, gpus in self.wants.items()}


@dataclass(frozen=True, slots=True)
class TreeTerms:
    """What a pool is filled by: first its classes, then the organisations of each."""

    classes: Terms[str]
    members: Mapping[str, Terms[Place]]


def tree_terms(wants: Mapping[Place, int], policy: Policy, pool: str) -> TreeTerms:
    """Return what the pool is filled by; a class's floor holds its members'."""
    by_class: dict[str, dict[Place, int]] = {}
    for place, gpus in wants.items():
        by_class.setdefault(place[0], {})[place] = gpus
    members = {name: _member_terms(their, policy, pool) for name, their in by_class.items()}
    quotas = {name: policy.classes.get(name, Quota()) for name in members}
    classes = Terms(
        {
            name: _at_most(sum(members[name].wants.values()), quota.ceiling, pool)
            for name, quota in quotas.items()
        },
        {name: quota.share for name, quota in quotas.items()},
        {
            name: max(_floor(quota, pool), sum(members[name].sure.values()))
            for name, quota in quotas.items()
        },
    )
    return TreeTerms(classes, members)


def _member_terms(wants: Mapping[Place, int], policy: Policy, pool: str) -> Terms[Place]:
    quotas = {place: policy.organisation(*place) for place in wants}
    return Terms(
        wants,
        {place: quota.share for place, quota in quotas.items()},
        {place: _floor(quota, pool) for place, quota in quotas.items()},
    )


def _fill_tree(
    capacity: int, wants: Mapping[Place, int], policy: Policy, pool: str
) -> dict[Place, int | Fraction]:
    """Fill the classes, then each class's organisations."""
    terms = tree_terms(wants, policy, pool)
    classes = terms.classes
    filled: dict[Place, int | Fraction] = {}
    for name, gpus in water_fill(capacity, classes.wants, classes.shares, classes.floors).items():
        members = terms.members[name]
        filled.update(water_fill(gpus, members.wants, members.shares, members.floors))
    return filled


def _floor(quota: Quota, pool: str) -> int:
    return quota.floor.gpus(pool) or 0


def _at_most(gpus: int, ceiling: PerPool, pool: str) -> int:
    bound = ceiling.gpus(pool)
    return gpus if bound is None else min(gpus, bound)


def mean_gpus(
    buckets: Sequence[UsageBucket],
    holding: Sequence[HoldingJob],
    policy: Policy,
    pools: Sequence[Pool],
    at: datetime,
) -> Mapping[tuple[str, ...], float]:
    """Return each tree path's decayed usage as the mean normalised GPUs over the memory.

    A GPU-second of age a counts κ · 2^(-a / half-life); their sum is divided by the memory,
    half-life / ln 2, so that who always held n GPUs has n. Running jobs count from their start
    to `at`. Nothing decayed is kept: another half-life gives all history anew.
    """
    rates = {pool.name: float(policy.rate(pool.gpu_type)) for pool in pools}
    memory_s = policy.half_life_s / log(2)
    totals: dict[tuple[str, ...], float] = {}
    for bucket in buckets:
        age_s = max(0.0, (at - bucket.hour - HALF_AN_HOUR).total_seconds())
        weight = rates.get(bucket.pool, 1.0) * 2 ** (-age_s / policy.half_life_s)
        _add(totals, bucket.tenant.path(4), bucket.gpu_seconds * weight / memory_s)
    for job in holding:
        run_s = max(0.0, (at - (job.started_at or at)).total_seconds())
        gpus = job.placement.gang.gpus * rates.get(job.placement.pool, 1.0)
        _add(totals, job.tenant.path(4), gpus * (1 - 2 ** (-run_s / policy.half_life_s)))
    return totals


def _add(totals: dict[tuple[str, ...], float], path: tuple[str, ...], amount: float) -> None:
    for depth in range(1, len(path) + 1):
        totals[path[:depth]] = totals.get(path[:depth], 0.0) + amount


def organisation_shares(
    snapshot: Snapshot, starts: Sequence[Start]
) -> tuple[OrganisationShare, ...]:
    """Return every known organisation's account in every pool, after these starts.

    `wanted` is what is held and what pending jobs ask for within the limits. `borrowed` is held
    above the entitlement, `lent` the part of the even share that others hold above theirs
    while this one does not use it. `owed` is due to it and borrowed by others. `mean_gpus` is the
    whole organisation's, in each pool.
    """
    after = after_starts(snapshot, starts)
    held, wanted = held_gpus(after), demand(after)
    entitled, lent = entitlements_for(after, wanted.gpus), _lent(after, held)
    borrowed = {
        (name, pool): max(0, gpus - whole_gpus(entitled.get((name, pool), 0.0)))
        for (_, name, pool), gpus in held.items()
    }
    owed = owed_gpus(after, wanted, entitled, borrowed)
    return tuple(
        OrganisationShare(
            organisation=name,
            tenant_class=tenant_class,
            pool=pool.name,
            entitled=entitled.get((name, pool.name), 0.0),
            held=held[tenant_class, name, pool.name],
            wanted=wanted.gpus.get((tenant_class, name, pool.name), 0),
            borrowed=borrowed.get((name, pool.name), 0),
            lent=lent.get((name, pool.name), 0),
            mean_gpus=snapshot.mean_gpus.get((tenant_class, name), 0.0),
            owed=owed.get((tenant_class, name, pool.name), 0),
        )
        for name, tenant_class in sorted(snapshot.organisations.items())
        for pool in snapshot.pools
    )


def _lent(snapshot: Snapshot, held: Counter[tuple[str, str, str]]) -> dict[tuple[str, str], int]:
    """Split what is held above even shares over those below theirs, as they are below."""
    even = even_shares(snapshot)
    place = snapshot.organisations
    idle = {key: max(0.0, gpus - held[place[key[0]], *key]) for key, gpus in even.items()}
    over = {key: max(0.0, held[place[key[0]], *key] - gpus) for key, gpus in even.items()}
    part = {
        pool.name: min(1.0, _sum_in(over, pool.name) / (_sum_in(idle, pool.name) or 1.0))
        for pool in snapshot.pools
    }
    return {key: int(gpus * part.get(key[1], 0.0) + 1e-9) for key, gpus in idle.items()}


def _sum_in(amounts: Mapping[tuple[str, str], float], pool: str) -> float:
    return sum(gpus for (_, where), gpus in amounts.items() if where == pool)


def jain(values: Iterable[float]) -> float:
    """Return Jain's index: 1 when all are equal, 1/n when one has all; 1 of nothing."""
    amounts = tuple(values)
    squares = sum(amount * amount for amount in amounts)
    return sum(amounts) ** 2 / (len(amounts) * squares) if squares else 1.0


def fairness_error(shares: Iterable[OrganisationShare]) -> float:
    """Return the mean of |held - entitled| / entitled over those that want more than they hold.

    0 is exact; those whose wants are met are not counted, whatever they hold.
    """
    errors = [
        abs(share.held - share.entitled) / share.entitled
        for share in shares
        if share.wanted > share.held and share.entitled > 0
    ]
    return sum(errors) / len(errors) if errors else 0.0
