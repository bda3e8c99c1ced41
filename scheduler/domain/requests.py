"""What a job asks for, as read from its script, and the gangs that would satisfy it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import ceil

from scheduler.domain.resources import Amount, Gang, Node, Pool


class GpusPer(StrEnum):
    """What a count of GPUs refers to: the whole job (`--gpus`) or each node."""

    JOB = "job"
    NODE = "node"


class MemoryPer(StrEnum):
    """What an amount of memory refers to: `--mem`, `--mem-per-cpu` or `--mem-per-gpu`."""

    NODE = "node"
    CPU = "cpu"
    GPU = "gpu"


@dataclass(frozen=True, slots=True)
class Memory:
    """Memory asked for."""

    mib: int
    per: MemoryPer

    def on_node(self, gpus: int, cpus: int) -> int:
        """Return the MiB this comes to on a node that gives `gpus` and `cpus`."""
        return self.mib * {MemoryPer.NODE: 1, MemoryPer.CPU: cpus, MemoryPer.GPU: gpus}[self.per]


@dataclass(frozen=True, slots=True)
class GpuRequest:
    """The size and place of a job in the words of sbatch.

    `gpu_type` and `partitions` empty mean any. `constraint` lists alternatives: a node suits
    when it has every feature of at least one of them; an empty tuple suits every node.
    `tasks` counts the tasks of the whole job; `memory` None means the cluster's default.
    """

    gpus: int
    gpus_per: GpusPer = GpusPer.JOB
    nodes: int | None = None
    tasks: int | None = None
    tasks_per_node: int | None = None
    cpus_per_task: int = 1
    memory: Memory | None = None
    walltime_s: int = 3600
    gpu_type: str = ""
    partitions: tuple[str, ...] = ()
    constraint: tuple[frozenset[str], ...] = ()

    def __post_init__(self) -> None:
        counts = (self.gpus, self.cpus_per_task, self.walltime_s, self.nodes or 1, self.tasks or 1)
        if min(counts) < 1:
            raise ValueError(f"a request's counts must be positive: {self}")

    @property
    def total_gpus(self) -> int:
        """Return the GPUs of the whole job; without a count of nodes one is meant."""
        return self.gpus * (self.nodes or 1) if self.gpus_per is GpusPer.NODE else self.gpus

    def suits_pool(self, pool: Pool) -> bool:
        """Say whether the request admits the pool's GPU type and partition."""
        type_suits = self.gpu_type in ("", pool.gpu_type)
        return type_suits and (not self.partitions or pool.partition in self.partitions)

    def suits_node(self, node: Node) -> bool:
        """Say whether the node has the features asked for; its pool is not looked at."""
        return not self.constraint or any(wanted <= node.features for wanted in self.constraint)


def gang_for(request: GpuRequest, node_gpus: int, default_mib_per_cpu: int) -> Gang | None:
    """Return the gang that satisfies the request on nodes of `node_gpus` GPUs, or None.

    A count for the whole job is laid out evenly over the fewest nodes that hold it, because
    what is admitted must be what runs: Slurm may then not choose another layout.
    """
    nodes = _node_count(request, node_gpus)
    if nodes is None:
        return None
    gpus = request.gpus if request.gpus_per is GpusPer.NODE else request.gpus // nodes
    cpus = _tasks_on_node(request, nodes) * request.cpus_per_task
    memory = request.memory or Memory(default_mib_per_cpu, MemoryPer.CPU)
    return Gang(nodes, Amount(gpus, cpus, memory.on_node(gpus, cpus)))


def _node_count(request: GpuRequest, node_gpus: int) -> int | None:
    if request.gpus_per is GpusPer.NODE:
        return (request.nodes or 1) if request.gpus <= node_gpus else None
    if request.nodes is not None:
        even = request.gpus % request.nodes == 0 and request.gpus // request.nodes <= node_gpus
        return request.nodes if even else None
    fewest = ceil(request.gpus / node_gpus) if node_gpus else request.gpus + 1
    # Slurm starts at least one task on each node.
    counts = range(fewest, min(request.gpus, request.tasks or request.gpus) + 1)
    return next((count for count in counts if request.gpus % count == 0), None)


def _tasks_on_node(request: GpuRequest, nodes: int) -> int:
    if request.tasks_per_node is not None:
        return request.tasks_per_node
    return ceil((request.tasks or nodes) / nodes)
