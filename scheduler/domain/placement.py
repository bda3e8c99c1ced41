"""Where a pending job could start: its gang in each pool, and the nodes that suit it."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

from scheduler.domain.jobs import ArrayPlace, PendingJob
from scheduler.domain.queue import JobGroup
from scheduler.domain.requests import GpuRequest, gang_for
from scheduler.domain.reservations.nodes import Hold, ReservedNodes
from scheduler.domain.resources import Gang, Node, Pool
from scheduler.domain.snapshot import Snapshot
from scheduler.domain.tenants import Tenant


@dataclass(frozen=True, slots=True, eq=False)
class Option:
    """One pool a job may start in, the gang it would be there, and the nodes that suit it.

    `nodes` are available; `unavailable` counts those that suit but are down or drained. `reserved`
    are available as well, but the job would run into a reservation of them, one of `holds`; `own`
    are among the nodes, and reserved for the job's tenant now. Within one grouping, options that
    are alike are one object, so they compare by identity.
    """

    pool: str
    gang: Gang
    nodes: tuple[str, ...]
    unavailable: int = 0
    reserved: tuple[str, ...] = ()
    holds: tuple[Hold, ...] = ()
    own: frozenset[str] = frozenset()

    @property
    def up(self) -> int:
        """Return how many suiting nodes are available, be they busy, reserved or neither."""
        return len(self.nodes) + len(self.reserved)

    @property
    def is_up(self) -> bool:
        """Say whether enough suiting nodes are available, be they busy, reserved or neither."""
        return self.up >= self.gang.nodes


@dataclass(frozen=True, slots=True)
class SuitedGroup:
    """A group of alike jobs and the places that suit them."""

    group: JobGroup
    options: tuple[Option, ...]

    @property
    def tenant(self) -> Tenant:
        return self.group.tenant

    @property
    def array(self) -> ArrayPlace | None:
        return self.group.array

    @property
    def jobs(self) -> tuple[PendingJob, ...]:
        return self.group.jobs


def options(job: PendingJob, snapshot: Snapshot) -> tuple[Option, ...]:
    """Return each pool that could ever hold the job's gang, in the snapshot's order of pools.

    A gang is laid out for the pool's largest node, whatever that node's state: a drained
    machine must not change what a job is.
    """
    left = _Left(ReservedNodes(snapshot), _layouts_of(snapshot))
    return left.options(job.tenant, job.request)


def suited(
    snapshot: Snapshot, reserved: ReservedNodes | None = None, layouts: Layouts | None = None
) -> tuple[SuitedGroup, ...]:
    """Return the snapshot's groups with their options, in its order.

    `reserved` are the snapshot's, and `layouts` those of its pools and nodes, when at hand.
    """
    left = _Left(reserved or ReservedNodes(snapshot), layouts or _layouts_of(snapshot))
    return tuple(
        SuitedGroup(group, left.options(group.tenant, group.request)) for group in snapshot.queue
    )


# All of a request but its walltime, which bears on where the job may start by reservations alone.
LAYOUT_FIELDS = (
    "gpus",
    "gpus_per",
    "nodes",
    "tasks",
    "tasks_per_node",
    "cpus_per_task",
    "memory",
    "gpu_type",
    "partitions",
    "constraint",
)
_layout_of = attrgetter(*LAYOUT_FIELDS)


class Layouts:
    """Options by request, each distinct request and each distinct option worked out once.

    They hold for as long as no node comes, goes or changes its state; what runs is no matter.
    """

    def __init__(
        self, pools: Sequence[Pool], nodes: Iterable[Node], default_mib_per_cpu: int
    ) -> None:
        self._pools = pools
        self._default_mib_per_cpu = default_mib_per_cpu
        self._nodes = _nodes_by_pool(nodes)
        self._largest = {
            pool: max(node.capacity.gpus for node in nodes) for pool, nodes in self._nodes.items()
        }
        self._by_request: dict[Hashable, tuple[Option, ...]] = {}
        self._alike: dict[Hashable, Option | None] = {}
        self._same: dict[tuple[Option, ...], tuple[Option, ...]] = {}

    def options(self, request: GpuRequest) -> tuple[Option, ...]:
        key = _layout_of(request)
        found = self._by_request.get(key)
        if found is None:
            found = tuple(self._find(request))
            found = self._by_request[key] = self._same.setdefault(found, found)
        return found

    def _find(self, request: GpuRequest) -> Iterable[Option]:
        for pool in self._pools:
            largest = self._largest.get(pool.name, 0)
            if request.suits_pool(pool) and largest:
                gang = gang_for(request, largest, self._default_mib_per_cpu)
                option = gang and self._option(request, gang, self._nodes[pool.name])
                if option:
                    yield option

    def _option(self, request: GpuRequest, gang: Gang, nodes: tuple[Node, ...]) -> Option | None:
        key = (nodes[0].pool, gang, request.constraint)
        if key not in self._alike:
            suiting = [node for node in nodes if _suits(request, gang, node)]
            up = tuple(node.name for node in suiting if node.available)
            enough = len(suiting) >= gang.nodes
            option = Option(nodes[0].pool, gang, up, len(suiting) - len(up))
            self._alike[key] = option if enough else None
        return self._alike[key]


class _Left:
    """What the reservations of a snapshot leave of the options, by tenant and walltime."""

    def __init__(self, reserved: ReservedNodes, layouts: Layouts) -> None:
        self._reserved = reserved
        self._layouts = layouts
        self._found: dict[Hashable, tuple[Option, ...]] = {}

    def options(self, tenant: Tenant, request: GpuRequest) -> tuple[Option, ...]:
        every, reserved = self._layouts.options(request), self._reserved
        if not reserved.holds:
            return every
        key = every, reserved.in_the_way(tenant, request.walltime_s), reserved.own(tenant)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = tuple(_left_of(option, *key[1:]) for option in every)
        return found


def _left_of(option: Option, in_the_way: tuple[Hold, ...], own: frozenset[str]) -> Option:
    """Return the option without the nodes of reservations that are in the way; itself, if none."""
    holds = tuple(hold for hold in in_the_way if not set(option.nodes).isdisjoint(hold.nodes))
    closed = {name for hold in holds for name in hold.nodes}
    mine = own.intersection(option.nodes) - closed
    if not holds and not mine:
        return option
    return replace(
        option,
        nodes=tuple(name for name in option.nodes if name not in closed),
        reserved=tuple(name for name in option.nodes if name in closed),
        holds=holds,
        own=mine,
    )


def _suits(request: GpuRequest, gang: Gang, node: Node) -> bool:
    return request.suits_node(node) and gang.per_node.times_fits_in(node.capacity) > 0


def _layouts_of(snapshot: Snapshot) -> Layouts:
    return Layouts(snapshot.pools, snapshot.nodes, snapshot.default_mib_per_cpu)


def _nodes_by_pool(nodes: Iterable[Node]) -> Mapping[str, tuple[Node, ...]]:
    by_pool: dict[str, list[Node]] = {}
    for node in nodes:
        by_pool.setdefault(node.pool, []).append(node)
    return {pool: tuple(found) for pool, found in by_pool.items()}
