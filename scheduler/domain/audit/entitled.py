"""What each organisation is entitled to, restated for the audit by another method.

Where `fairshare` looks for the water's level from turn to turn in exact fractions, here
everybody starts level and who would get too much or too little is fixed, in floats.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from scheduler.domain.audit.gangs import Place, Places
from scheduler.domain.policies import PerPool, Policy, Quota
from scheduler.domain.queue import JobGroup
from scheduler.domain.snapshot import Snapshot

NEARLY_0_GPUS = 1e-9
Owner = tuple[str, str]  # class, organisation


@dataclass(frozen=True, slots=True)
class Claim:
    """What one tenant wants of something shared, what is sure to it, and its weight."""

    wanted: float
    sure: float
    weight: int


def shared_out(capacity: float, claims: Sequence[Claim]) -> list[float]:
    """Return each claim's part: weights decide between what is sure and what is wanted.

    All open claims get their weight's part of what is left. If the bounds then add up to more
    than there is, those below what is sure to them stay at it; if to less, those above what
    they want do; and the rest begins anew.
    """
    if sum(claim.wanted for claim in claims) <= capacity:
        return [claim.wanted for claim in claims]
    if sum(claim.sure for claim in claims) > capacity:
        return shared_out(capacity, [Claim(claim.sure, 0.0, claim.weight) for claim in claims])
    parts = [0.0] * len(claims)
    still_open, left = set(range(len(claims))), capacity
    while still_open:
        final = _fixed(left, claims, still_open, parts)
        still_open.difference_update(final)
        left -= sum(parts[n] for n in final)
    return parts


def _fixed(
    left: float, claims: Sequence[Claim], still_open: set[int], parts: list[float]
) -> list[int]:
    """Set the open parts and return which of them are final."""
    level = left / sum(claims[n].weight for n in still_open)
    excess = 0.0
    up, down = [], []
    for n in still_open:
        claim = claims[n]
        even = level * claim.weight
        parts[n] = even
        if even < claim.sure:
            parts[n] = claim.sure
            up.append(n)
        elif even > claim.wanted:
            parts[n] = claim.wanted
            down.append(n)
        excess += parts[n] - even
    if abs(excess) <= NEARLY_0_GPUS:
        return list(still_open)
    return up if excess > 0 else down


def entitled_gpus(snapshot: Snapshot, places: Places) -> Mapping[tuple[str, str], float]:
    """Return the GPUs that each (organisation, pool) may have while all who want some press."""
    capacity = gpus_to_share(snapshot)
    wanted = gpus_wanted(snapshot, places, capacity)
    entitled: dict[tuple[str, str], float] = {}
    for pool, gpus in capacity.items():
        here = {owner: want for (owner, where), want in wanted.items() if where == pool and want}
        for (_, organisation), part in _tree_filled(gpus, here, snapshot.policy, pool).items():
            entitled[organisation, pool] = part
    return entitled


def gpus_to_share(snapshot: Snapshot) -> dict[str, int]:
    """Return by pool the GPUs of available nodes less what jobs that are not ours hold there."""
    ours: Counter[str] = Counter()
    for job in snapshot.holding:
        for name in job.placement.nodes:
            ours[name] += job.placement.gang.per_node.gpus
    total = {pool.name: 0 for pool in snapshot.pools}
    for node in snapshot.nodes:
        if node.available:
            of_others = max(node.used.gpus - ours[node.name], 0)
            total[node.pool] = total.get(node.pool, 0) + max(node.capacity.gpus - of_others, 0)
    return total


def gpus_wanted(
    snapshot: Snapshot, places: Places, capacity: Mapping[str, int]
) -> dict[tuple[Owner, str], int]:
    """Return what each owner holds and its pending jobs ask for, in each pool, up to ceilings."""
    asked = _Asked(snapshot, capacity)
    for group in snapshot.queue:
        asked.ask(group, [place for place in places.of(group.request).values() if place.is_up])
    policy = snapshot.policy
    return {
        (owner, pool): min(
            gpus,
            _most(policy.organisation(*owner).ceiling, pool, gpus),
            _most(policy.classes.get(owner[0], Quota()).ceiling, pool, gpus),
        )
        for (owner, pool), gpus in asked.gpus.items()
    }


class _Asked:
    """What is held and asked for, and the GPUs of each pool that nobody asked for yet."""

    def __init__(self, snapshot: Snapshot, capacity: Mapping[str, int]) -> None:
        self.gpus: Counter[tuple[Owner, str]] = Counter()
        self._unasked: Counter[str] = Counter(capacity)
        self._by_user: Counter[Owner] = Counter()
        self._elements: Counter[int] = Counter()
        self._policy = snapshot.policy
        for job in snapshot.holding:
            gpus = job.placement.gang.gpus
            owner = (job.tenant.tenant_class, job.tenant.organisation)
            self.gpus[owner, job.placement.pool] += gpus
            self._unasked[job.placement.pool] -= gpus
            self._by_user[job.tenant.organisation, job.tenant.user] += gpus
            self._elements[job.array.array_id if job.array else 0] += 1

    def ask(self, group: JobGroup, places: Sequence[Place]) -> None:
        """Count the jobs that limits leave, each in the pool with most GPUs still unasked."""
        if not places:
            return
        gpus = places[0].gang.gpus
        tenant, jobs = group.tenant, self._within_limits(group, gpus)
        self._by_user[tenant.organisation, tenant.user] += jobs * gpus
        if group.array:
            self._elements[group.array.array_id] += jobs
        rooms = [self._unasked[place.pool] for place in places]
        for place, count in zip(places, spread(jobs, gpus, rooms), strict=True):
            self._unasked[place.pool] -= count * gpus
            if count:
                self.gpus[(tenant.tenant_class, tenant.organisation), place.pool] += count * gpus

    def _within_limits(self, group: JobGroup, gpus: int) -> int:
        jobs = len(group.jobs)
        if group.array:
            jobs = min(jobs, group.array.limit - self._elements[group.array.array_id])
        limit = self._policy.limits_of_users(group.tenant.tenant_class).max_held_gpus
        if limit is not None:
            user = (group.tenant.organisation, group.tenant.user)
            jobs = min(jobs, (limit - self._by_user[user]) // gpus)
        return max(jobs, 0)


def spread(jobs: int, gpus: int, rooms: Sequence[int]) -> list[int]:
    """Return how many jobs of so many GPUs go to each room, always to the one with most left.

    Once no room has a GPU left, all the others go to one. Not job by job: a room of size r takes
    jobs at r, r - gpus, r - 2 gpus, … above 0; the highest of all these numbers are taken, found
    by halving the interval in which the lowest of them lies.
    """
    counts = _taken_down_to(1, gpus, rooms)
    if sum(counts) <= jobs:
        left = [room - count * gpus for room, count in zip(rooms, counts, strict=True)]
        counts[left.index(max(left))] += jobs - sum(counts)
        return counts
    low, high = 1, max(rooms) + 1
    while high - low > 1:
        middle = (low + high) // 2
        if sum(_taken_down_to(middle, gpus, rooms)) >= jobs:
            low = middle
        else:
            high = middle
    counts = _taken_down_to(high, gpus, rooms)
    for n, room in enumerate(rooms):
        if sum(counts) < jobs and room >= low and (room - low) % gpus == 0:
            counts[n] += 1
    return counts


def _taken_down_to(level: int, gpus: int, rooms: Sequence[int]) -> list[int]:
    return [(room - level) // gpus + 1 if room >= level else 0 for room in rooms]


def _tree_filled(
    capacity: int, wanted: Mapping[Owner, int], policy: Policy, pool: str
) -> dict[Owner, float]:
    """Share a pool among classes, and each class's part among its organisations."""
    members: dict[str, dict[Owner, Claim]] = {}
    for owner, gpus in wanted.items():
        quota = policy.organisation(*owner)
        sure = min(quota.floor.gpus(pool) or 0, gpus)
        members.setdefault(owner[0], {})[owner] = Claim(gpus, sure, quota.share)
    of_class = [
        _class_claim(policy.classes.get(name, Quota()), claims.values(), pool)
        for name, claims in members.items()
    ]
    filled: dict[Owner, float] = {}
    for claims, part in zip(members.values(), shared_out(capacity, of_class), strict=True):
        filled.update(zip(claims, shared_out(part, tuple(claims.values())), strict=True))
    return filled


def _class_claim(quota: Quota, members: Iterable[Claim], pool: str) -> Claim:
    """A class wants what its members want, up to its ceiling; sure is its floor or theirs."""
    claims = tuple(members)
    wanted = sum(claim.wanted for claim in claims)
    wanted = min(wanted, _most(quota.ceiling, pool, int(wanted)))
    sure = max(quota.floor.gpus(pool) or 0, sum(claim.sure for claim in claims))
    return Claim(wanted, min(sure, wanted), quota.share)


def _most(bound: PerPool, pool: str, otherwise: int) -> int:
    gpus = bound.gpus(pool)
    return otherwise if gpus is None else gpus
