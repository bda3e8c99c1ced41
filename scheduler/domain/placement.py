"""Where a pending job could start: its gang in each pool, and the nodes that suit it."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

from scheduler.domain.jobs import ArrayPlace, PendingJob
from scheduler.domain.queue import JobGroup
from scheduler.domain.requests import GpuRequest, gang_for
from scheduler.domain.resources import Gang, Node, Pool
from scheduler.domain.snapshot import Snapshot
from scheduler.domain.tenants import Tenant


@dataclass(frozen=True, slots=True, eq=False)
class Option:
    """One pool a job may start in, the gang it would be there, and the nodes that suit it.

    `nodes` are available; `unavailable` counts those that suit but are down or drained. Within
    one grouping, options that are alike are one object, so they compare by identity.
    """

    pool: str
    gang: Gang
    nodes: tuple[str, ...]
    unavailable: int = 0

    @property
    def is_up(self) -> bool:
        """Say whether enough suiting nodes are available, be they busy or not."""
        return len(self.nodes) >= self.gang.nodes


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
    return _layouts_of(snapshot).options(job.request)


def suited(snapshot: Snapshot, layouts: Layouts | None = None) -> tuple[SuitedGroup, ...]:
    """Return the snapshot's groups with their options, in its order.

    `layouts` are those of the snapshot's pools and nodes, when they are at hand.
    """
    layouts = layouts or _layouts_of(snapshot)
    return tuple(SuitedGroup(group, layouts.options(group.request)) for group in snapshot.queue)


# All of a request but its walltime, which does not bear on where the job may start.
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


def _suits(request: GpuRequest, gang: Gang, node: Node) -> bool:
    return request.suits_node(node) and gang.per_node.times_fits_in(node.capacity) > 0


def _layouts_of(snapshot: Snapshot) -> Layouts:
    return Layouts(snapshot.pools, snapshot.nodes, snapshot.default_mib_per_cpu)


def _nodes_by_pool(nodes: Iterable[Node]) -> Mapping[str, tuple[Node, ...]]:
    by_pool: dict[str, list[Node]] = {}
    for node in nodes:
        by_pool.setdefault(node.pool, []).append(node)
    return {pool: tuple(nodes) for pool, nodes in by_pool.items()}
