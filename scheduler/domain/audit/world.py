"""The world before and after a cycle's decisions, counted from the jobs themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from math import ceil, inf

from scheduler.domain.audit.entitled import entitled_gpus
from scheduler.domain.audit.gangs import Place, Places
from scheduler.domain.audit.reserved import closed_nodes
from scheduler.domain.decisions import Allocation, PlannedStart, SolverStatus
from scheduler.domain.jobs import ArrayPlace, PendingJob, Placement
from scheduler.domain.policies import Quota
from scheduler.domain.queue import JobGroup
from scheduler.domain.reservations.nodes import ReservedNodes
from scheduler.domain.resources import Node
from scheduler.domain.snapshot import Snapshot
from scheduler.domain.tenants import Tenant

Path = tuple[str, ...]
User = tuple[str, str]  # organisation and name; a user's projects count together
Started = tuple[PendingJob, Placement]
Room = tuple[int, int, int]  # GPUs, CPUs, MiB
NOTHING: Room = (0, 0, 0)
# A sum of fractions of GPUs may end a hair above the whole number that it is.
HAIR = 1e-6
# Slurm ends a job that is past its walltime within so long.
GRACE = timedelta(seconds=60)


class World:
    """What a snapshot says, arranged for questions; the same whatever was decided."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.places = Places(snapshot)
        self.reserved = ReservedNodes(snapshot)
        self.nodes = {node.name: node for node in snapshot.nodes}
        self.pools = {pool.name: pool for pool in snapshot.pools}
        self.jobs = {job.job_id: job for group in snapshot.queue for job in group.jobs}
        self._entitled_at: dict[tuple[Path, str], int] = {}
        self.before = Held((job.tenant, job.array, job.placement) for job in snapshot.holding)

    def places_of(self, group: JobGroup) -> Mapping[str, Place]:
        """Return by pool where the group's jobs could run, reserved nodes closed to them."""
        places = self.places.of(group.request)
        closed = closed_nodes(self.reserved.holds, self.snapshot.taken_at, group)
        if not closed:
            return places
        return {pool: place.without(closed) for pool, place in places.items()}

    @cached_property
    def entitled(self) -> Mapping[tuple[str, str], float]:
        return entitled_gpus(self.snapshot, self.places)

    @cached_property
    def members(self) -> Mapping[str, tuple[str, ...]]:
        """Return the organisations of each class that is known, or has jobs."""
        found: dict[str, dict[str, None]] = {name: {} for name in self.snapshot.policy.classes}
        for name, of_class in self.snapshot.organisations.items():
            found.setdefault(of_class, {})[name] = None
        tenants = [group.tenant for group in self.snapshot.queue]
        for tenant in tenants + [job.tenant for job in self.snapshot.holding]:
            found.setdefault(tenant.tenant_class, {})[tenant.organisation] = None
        return {name: tuple(names) for name, names in found.items()}

    @cached_property
    def free_gpus(self) -> Mapping[str, int]:
        """Return the GPUs of each pool that were idle as the cycle began."""
        free: Counter[str] = Counter()
        for node in self.snapshot.nodes:
            if node.available:
                free[node.pool] += max(0, node.capacity.gpus - node.used.gpus)
        return free

    @cached_property
    def floors(self) -> Mapping[Path, Mapping[str, int]]:
        """Return the floors of each class and organisation that has any, by pool."""
        return self._by_pool(lambda quota, pool: quota.floor.gpus(pool) or 0)

    @cached_property
    def not_lent(self) -> Mapping[Path, Mapping[str, int]]:
        """Return by pool what each class and organisation keeps of its floor from lending.

        An organisation that only has jobs left, and no access any more, keeps nothing.
        """
        known = self.snapshot.organisations
        kept = self._by_pool(_not_lent)
        return {path: gpus for path, gpus in kept.items() if len(path) == 1 or path[1] in known}

    @cached_property
    def pools_kept_back(self) -> frozenset[str]:
        return frozenset(pool for kept in self.not_lent.values() for pool in kept)

    @cached_property
    def began(self) -> End:
        """Return the world as if nothing had been decided."""
        return End(self, Allocation((), "", SolverStatus.NOT_RUN))

    def _by_pool(self, gpus_of: Callable[[Quota, str], int]) -> Mapping[Path, Mapping[str, int]]:
        paths: list[Path] = [(name,) for name in self.members]
        paths += [(name, member) for name, names in self.members.items() for member in names]
        found = {
            path: {pool: gpus for pool in self.pools if (gpus := gpus_of(self.quota(path), pool))}
            for path in paths
        }
        return {path: by_pool for path, by_pool in found.items() if by_pool}

    def with_borrowing(self, path: Path, pool: str) -> int | None:
        """Return the most that a class or an organisation may hold by its borrowing limit."""
        limit = self.quota(path).borrowing_limit.gpus(pool)
        if limit is None:
            return None
        if (path, pool) not in self._entitled_at:
            names = path[1:] if len(path) == 2 else self.members.get(path[0], ())
            entitled = sum(self.entitled.get((name, pool), 0.0) for name in names)
            self._entitled_at[path, pool] = ceil(entitled - HAIR)
        return self._entitled_at[path, pool] + limit

    def quota(self, path: Path) -> Quota:
        policy = self.snapshot.policy
        if len(path) == 2:
            return policy.organisation(path[0], path[1])
        return policy.classes.get(path[0], Quota())


class Held:
    """GPUs by class or organisation and pool, by user and by array."""

    def __init__(self, jobs: Iterable[tuple[Tenant, ArrayPlace | None, Placement]]) -> None:
        self.in_pool: Counter[tuple[Path, str]] = Counter()
        self.by_user: Counter[User] = Counter()
        self.elements: Counter[int] = Counter()
        for tenant, array, placement in jobs:
            self.count(tenant, array, placement)

    def count(self, tenant: Tenant, array: ArrayPlace | None, placement: Placement) -> None:
        gpus = len(placement.nodes) * placement.gang.per_node.gpus
        self.in_pool[tenant.path(1), placement.pool] += gpus
        self.in_pool[tenant.path(2), placement.pool] += gpus
        self.by_user[tenant.organisation, tenant.user] += gpus
        if array is not None:
            self.elements[array.array_id] += 1

    def changed(self, started: Iterable[Started]) -> Held:
        """Return what is held once these start as well."""
        other = Held(())
        other.in_pool.update(self.in_pool)
        other.by_user.update(self.by_user)
        other.elements.update(self.elements)
        for job, placement in started:
            other.count(job.tenant, job.array, placement)
        return other


class End:
    """The world once an allocation is carried out, but for starts that are `undone`."""

    def __init__(
        self, world: World, allocation: Allocation, undone: Collection[int] = frozenset()
    ) -> None:
        self.world = world
        self.snapshot = world.snapshot
        self.allocation = allocation
        self.started: list[Started] = [
            (world.jobs[start.job_id], start.placement)
            for start in allocation.starts
            if start.job_id in world.jobs and start.job_id not in undone
        ]
        self.started_ids = frozenset(job.job_id for job, _ in self.started)
        self.taken = _summed(placement for _, placement in self.started)
        self.after = world.before.changed(self.started)
        self._running: dict[tuple[str, datetime], Room] = {}
        self._roomy: dict[Hashable, tuple[Node, ...]] = {}
        self.allowed: dict[object, bool] = {}  # answers, kept for the next asker
        self.kept_back: dict[tuple[Path, str, int], bool] = {}
        self._left: dict[tuple[Path, str], float] = {}
        self._claims: dict[str, dict[str, tuple[int, int]]] = {}
        self._clear: dict[tuple[Hashable, int, int], int] = {}

    def without(self, undone: Collection[int]) -> End:
        """Return the end that it would be, had these jobs not started."""
        return End(self.world, self.allocation, undone)

    def before(self) -> End:
        """Return the world as the cycle began, with the plans it began with."""
        allocation = replace(self.allocation, plans=self.snapshot.plans)
        return End(self.world, allocation, self.started_ids)

    def room(self, node: Node) -> Room:
        """Return GPUs, CPUs and MiB left; negative when more was taken than there was."""
        have, used = node.capacity, node.used
        left = (have.gpus - used.gpus, have.cpus - used.cpus, have.memory_mib - used.memory_mib)
        return _less(left, self.taken.get(node.name, NOTHING))

    def waiting(self, group: JobGroup) -> tuple[PendingJob, ...]:
        return tuple(job for job in group.jobs if job.job_id not in self.started_ids)

    @cached_property
    def gpus_started(self) -> Counter[str]:
        """Return by pool the GPUs of the gangs that start."""
        gpus: Counter[str] = Counter()
        for _, placement in self.started:
            gpus[placement.pool] += placement.gang.gpus
        return gpus

    def left(self, path: Path, pool: str) -> float:
        """Return how many GPUs a class or an organisation may still start; no limit: infinite."""
        if (path, pool) not in self._left:
            bounds = (
                self.world.quota(path).ceiling.gpus(pool),
                self.world.with_borrowing(path, pool),
            )
            at_most = min((bound for bound in bounds if bound is not None), default=inf)
            self._left[path, pool] = at_most - self.after.in_pool[path, pool]
        return self._left[path, pool]

    def claim(self, path: Path, pool: str, more: int = 0) -> int:
        """Return the GPUs that a tenant keeps free for its floor, held it so many more."""
        kept = self.world.not_lent.get(path, {}).get(pool, 0)
        return max(0, kept - self.after.in_pool[path, pool] - more) if kept else 0

    def claims(self, pool: str) -> Mapping[str, tuple[int, int]]:
        """Return by class its own claim in a pool, and the sum of its organisations'."""
        if pool not in self._claims:
            found = self._claims[pool] = {}
            for path in self.world.not_lent:
                own, members = found.get(path[0], (0, 0))
                claim = self.claim(path, pool)
                by_depth = {1: (own + claim, members), 2: (own, members + claim)}
                found[path[0]] = by_depth[len(path)]
        return self._claims[pool]

    @cached_property
    def plans_on(self) -> Mapping[str, tuple[PlannedStart, ...]]:
        found: dict[str, list[PlannedStart]] = {}
        for plan in self.allocation.plans:
            for name in plan.placement.nodes:
                found.setdefault(name, []).append(plan)
        return {name: tuple(plans) for name, plans in found.items()}

    def plans_at(self, node: str, at: datetime) -> tuple[PlannedStart, ...]:
        """Return the plans on a node whose runs will be there at that time."""
        plans = self.plans_on.get(node, ())
        return tuple(plan for plan in plans if plan.at <= at < self._end_of(plan))

    def load(self, node: str, at: datetime, plans: Iterable[PlannedStart]) -> Room:
        """Return what is in use on a node at a later time, by walltimes, and by all these plans."""
        load = self.running(node, at)
        for plan in plans:
            part = plan.placement.gang.per_node
            load = _more(load, (part.gpus, part.cpus, part.memory_mib))
        return load

    def running(self, name: str, at: datetime) -> Room:
        """Return what will still run on a node at a later time, others' jobs for ever.

        A job that does not run yet is taken to have begun when it was submitted to Slurm; one
        past its walltime, to end within Slurm's grace. An overfull node counts as just full.
        """
        if (name, at) not in self._running:
            node = self.world.nodes[name]
            have, used = node.capacity, node.used
            ended = [place for place, ends in self._ends_on.get(name, ()) if ends <= at]
            full = (
                min(have.gpus, used.gpus),
                min(have.cpus, used.cpus),
                min(have.memory_mib, used.memory_mib),
            )
            now = _more(full, self.taken.get(name, NOTHING))
            self._running[name, at] = _less(now, _summed(ended).get(name, NOTHING))
        return self._running[name, at]

    @cached_property
    def _ends_on(self) -> Mapping[str, list[tuple[Placement, datetime]]]:
        now = self.snapshot.taken_at
        found: dict[str, list[tuple[Placement, datetime]]] = {}
        for held in self.snapshot.holding:
            began = held.started_at or held.changed_at or now
            ends = max(began + timedelta(seconds=held.walltime_s), now + GRACE)
            for name in held.placement.nodes:
                found.setdefault(name, []).append((held.placement, ends))
        for job, placement in self.started:
            ends = now + timedelta(seconds=job.request.walltime_s)
            for name in placement.nodes:
                found.setdefault(name, []).append((placement, ends))
        return found

    def _end_of(self, plan: PlannedStart) -> datetime:
        """One whose moment has passed can begin no sooner than now."""
        job = self.world.jobs.get(plan.job_id)
        begins = max(plan.at, self.snapshot.taken_at)
        return begins + timedelta(seconds=job.request.walltime_s if job else 0)

    def nodes_with_room(self, place: Place, walltime_s: int, but: int = 0) -> int:
        """Count the nodes where the part fits and is in no plan's way while it runs.

        The plan of the job `but` is no hindrance to that job itself. Plans on one node count
        together, whatever their times: an allocator may be careful there.
        """
        key = (place.kind, walltime_s, but)
        found = self._clear.get(key)
        if found is None:
            until = self.snapshot.taken_at + timedelta(seconds=walltime_s)
            clear = (self._keeps_plans(node, place, until, but) for node in self.roomy(place))
            found = self._clear[key] = sum(clear)
        return found

    def roomy(self, place: Place) -> tuple[Node, ...]:
        """Return the nodes where the gang's part fits now."""
        found = self._roomy.get(place.kind)
        if found is None:
            part = place.gang.per_node
            want = (part.gpus, part.cpus, part.memory_mib)
            found = tuple(node for node in place.nodes if _is_within(want, self.room(node)))
            self._roomy[place.kind] = found
        return found

    def _keeps_plans(self, node: Node, place: Place, until: datetime, but: int) -> bool:
        plans = [plan for plan in self.plans_on.get(node.name, ()) if plan.job_id != but]
        planned = _summed(plan.placement for plan in plans).get(node.name, NOTHING)
        part, have = place.gang.per_node, node.capacity
        more = _more(planned, (part.gpus, part.cpus, part.memory_mib))
        return all(
            _is_within(
                _more(self.running(node.name, plan.at), more),
                (have.gpus, have.cpus, have.memory_mib),
            )
            for plan in plans
            if plan.at < until
        )


def _not_lent(quota: Quota, pool: str) -> int:
    lent, floor = quota.lending_limit.gpus(pool), quota.floor.gpus(pool) or 0
    return 0 if lent is None else max(0, floor - lent)


def _summed(placements: Iterable[Placement]) -> dict[str, Room]:
    total: dict[str, Room] = {}
    for placement in placements:
        part = placement.gang.per_node
        for name in placement.nodes:
            more = (part.gpus, part.cpus, part.memory_mib)
            total[name] = _more(total.get(name, NOTHING), more)
    return total


def _more(one: Room, other: Room) -> Room:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2]


def _less(one: Room, other: Room) -> Room:
    return one[0] - other[0], one[1] - other[1], one[2] - other[2]


def _is_within(want: Room, have: Room) -> bool:
    return want[0] <= have[0] and want[1] <= have[1] and want[2] <= have[2]
