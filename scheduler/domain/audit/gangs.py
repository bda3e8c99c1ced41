"""What a request asks for and which nodes suit it, worked out anew for the audit."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from operator import attrgetter

from scheduler.domain.requests import GpuRequest, GpusPer, MemoryPer
from scheduler.domain.resources import Amount, Gang, Node, Pool
from scheduler.domain.snapshot import Snapshot

# Everything in a request that bears on where a gang may be; walltime does not.
_place_of = attrgetter(
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


@dataclass(frozen=True, slots=True)
class Place:
    """A pool that could hold a gang, and the nodes there that suit it and are available.

    `closed` are available, too, but reserved for others before the gang would end. Places of one
    `kind` have the same nodes and the same part of a gang on each.
    """

    pool: str
    gang: Gang
    nodes: tuple[Node, ...]
    kind: Hashable
    closed: tuple[Node, ...] = ()

    @property
    def up(self) -> int:
        return len(self.nodes) + len(self.closed)

    @property
    def is_up(self) -> bool:
        return self.up >= self.gang.nodes

    def without(self, names: frozenset[str]) -> Place:
        """Return the place with the nodes of these names closed; itself when it has none."""
        closed = tuple(node for node in self.nodes if node.name in names)
        if not closed:
            return self
        left = tuple(node for node in self.nodes if node.name not in names)
        return replace(self, nodes=left, kind=(self.kind, names), closed=closed)


def gang_asked_for(request: GpuRequest, node_gpus: int, mib_per_cpu: int) -> Gang | None:
    """Return the gang on nodes of `node_gpus` GPUs; None when there is no even layout."""
    nodes = _fewest_even_nodes(request, node_gpus)
    if not nodes:
        return None
    gpus = request.gpus if request.gpus_per is GpusPer.NODE else request.gpus // nodes
    tasks = request.tasks_per_node
    if tasks is None:
        tasks = -(-(request.tasks or nodes) // nodes)
    cpus = tasks * request.cpus_per_task
    return Gang(nodes, Amount(gpus, cpus, _mib_on_node(request, gpus, cpus, mib_per_cpu)))


def _fewest_even_nodes(request: GpuRequest, node_gpus: int) -> int:
    """Return 0 when the GPUs cannot be laid out evenly on such nodes."""
    if request.gpus_per is GpusPer.NODE:
        return (request.nodes or 1) if request.gpus <= node_gpus else 0
    counts = range(1, request.gpus + 1) if request.nodes is None else (request.nodes,)
    for nodes in counts:
        gpus, over = divmod(request.gpus, nodes)
        if not over and 0 < gpus <= node_gpus:
            return nodes
    return 0


def _mib_on_node(request: GpuRequest, gpus: int, cpus: int, mib_per_cpu: int) -> int:
    if request.memory is None:
        return cpus * mib_per_cpu
    match request.memory.per:
        case MemoryPer.NODE:
            return request.memory.mib
        case MemoryPer.CPU:
            return request.memory.mib * cpus
        case MemoryPer.GPU:
            return request.memory.mib * gpus


def admits(request: GpuRequest, pool: Pool) -> bool:
    """Say whether the request leaves the pool's GPU type and partition open, or names them."""
    if request.gpu_type and request.gpu_type != pool.gpu_type:
        return False
    return not request.partitions or pool.partition in request.partitions


def has_features(request: GpuRequest, node: Node) -> bool:
    """Say whether the node has all features of one of the alternatives asked for."""
    if not request.constraint:
        return True
    return any(not (wanted - node.features) for wanted in request.constraint)


class Places:
    """Where requests could ever run in a snapshot, each kind of request worked out once."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._nodes: dict[str, list[Node]] = {pool.name: [] for pool in snapshot.pools}
        for node in snapshot.nodes:
            self._nodes.setdefault(node.pool, []).append(node)
        self._largest = {
            pool: max((node.capacity.gpus for node in nodes), default=0)
            for pool, nodes in self._nodes.items()
        }
        self._found: dict[object, Mapping[str, Place]] = {}
        self._kinds: dict[object, tuple[int, int, tuple[Node, ...]]] = {}

    def nodes(self, pool: str) -> Iterable[Node]:
        return self._nodes.get(pool, ())

    def gang(self, request: GpuRequest, pool: Pool) -> Gang | None:
        """Return the gang that the request asks for in the pool; None where it does not suit."""
        if not admits(request, pool):
            return None
        mib_per_cpu = self._snapshot.default_mib_per_cpu
        return gang_asked_for(request, self._largest[pool.name], mib_per_cpu)

    def of(self, request: GpuRequest) -> Mapping[str, Place]:
        """Return by pool where the gang could run, were everything idle and repaired."""
        key = _place_of(request)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = {
                pool.name: place
                for pool in self._snapshot.pools
                if (place := self._place(request, pool)) is not None
            }
        return found

    def _place(self, request: GpuRequest, pool: Pool) -> Place | None:
        gang = self.gang(request, pool)
        if gang is None:
            return None
        key = (pool.name, gang.per_node, request.constraint)
        if key not in self._kinds:
            suiting = [
                node
                for node in self._nodes[pool.name]
                if has_features(request, node) and is_within(gang.per_node, node.capacity)
            ]
            up = tuple(node for node in suiting if node.available)
            self._kinds[key] = (len(self._kinds), len(suiting), up)
        kind, suiting_nodes, up = self._kinds[key]
        return Place(pool.name, gang, up, kind) if suiting_nodes >= gang.nodes else None


def is_within(part: Amount, space: Amount) -> bool:
    """Say whether the part is no more than the space in GPUs, CPUs and memory."""
    return (
        part.gpus <= space.gpus and part.cpus <= space.cpus and part.memory_mib <= space.memory_mib
    )
