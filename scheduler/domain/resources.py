"""What machines offer and what a gang takes: pools, nodes and amounts per node."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, order=True)
class Amount:
    """GPUs, CPUs and memory on one node; never negative."""

    gpus: int = 0
    cpus: int = 0
    memory_mib: int = 0

    def __post_init__(self) -> None:
        if min(self.gpus, self.cpus, self.memory_mib) < 0:
            raise ValueError(f"an amount must not be negative: {self}")

    def __add__(self, other: Amount) -> Amount:
        return Amount(
            self.gpus + other.gpus, self.cpus + other.cpus, self.memory_mib + other.memory_mib
        )

    def less(self, other: Amount) -> Amount:
        """Return what is left when `other` is taken away, stopping at zero."""
        return Amount(
            max(0, self.gpus - other.gpus),
            max(0, self.cpus - other.cpus),
            max(0, self.memory_mib - other.memory_mib),
        )

    def on_each_of(self, nodes: int) -> Amount:
        """Return the part on each of so many nodes: our layouts are even."""
        return Amount(self.gpus // nodes, self.cpus // nodes, self.memory_mib // nodes)

    def times_fits_in(self, space: Amount) -> int:
        """Return how often this amount fits into `space`; amounts of no GPU fit never."""
        if self.gpus == 0:
            return 0
        pairs = zip(self._parts(), space._parts(), strict=True)
        return min(have // want for want, have in pairs if want)

    def _parts(self) -> tuple[int, int, int]:
        return self.gpus, self.cpus, self.memory_mib


@dataclass(frozen=True, slots=True, order=True)
class Gang:
    """All GPUs of one job: `nodes` distinct nodes with the same amount on each; all or none."""

    nodes: int
    per_node: Amount

    def __post_init__(self) -> None:
        if self.nodes < 1 or self.per_node.gpus < 1:
            raise ValueError(f"a gang needs a node and a GPU on it: {self}")

    @property
    def gpus(self) -> int:
        return self.nodes * self.per_node.gpus


@dataclass(frozen=True, slots=True)
class Pool:
    """The GPUs of one type in one Slurm partition."""

    partition: str
    gpu_type: str

    @property
    def name(self) -> str:
        return f"{self.partition}/{self.gpu_type}"


@dataclass(frozen=True, slots=True)
class Node:
    """One machine of a pool; `used` is what anybody's jobs hold on it now.

    A node that is down, drained or unknown has `available` false: it starts nothing, and its
    GPUs are not part of the pool's capacity.
    """

    name: str
    pool: str
    capacity: Amount
    used: Amount = field(default_factory=Amount)
    features: frozenset[str] = frozenset()
    available: bool = True

    @property
    def free(self) -> Amount:
        return self.capacity.less(self.used) if self.available else Amount()

    @property
    def free_gpus(self) -> int:
        """Return the GPUs of `free`, quickly: every cycle asks every node."""
        return max(0, self.capacity.gpus - self.used.gpus) if self.available else 0


def capacity_gpus(nodes: Iterable[Node]) -> Mapping[str, int]:
    """Return the GPUs of each pool's available nodes."""
    totals: dict[str, int] = {}
    for node in nodes:
        totals[node.pool] = totals.get(node.pool, 0) + (node.capacity.gpus if node.available else 0)
    return totals
