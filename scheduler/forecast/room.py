"""The free GPUs of nodes, node by node, as far as the course of a queue needs them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from scheduler.domain.jobs import Placement
from scheduler.domain.resources import Node


@dataclass(frozen=True, slots=True)
class Seat:
    """A gang's place in a pool: so many GPUs on each of these nodes."""

    pool: str
    nodes: tuple[str, ...]
    gpus_per_node: int

    @property
    def gpus(self) -> int:
        return len(self.nodes) * self.gpus_per_node


@dataclass(frozen=True, slots=True)
class Shape:
    """What a gang asks of a pool: so many nodes, and so many GPUs on each.

    The `closed` nodes are reserved for others, and open again after so many seconds from now.
    """

    pool: str
    nodes: int
    gpus_per_node: int
    closed: frozenset[str] = frozenset()
    opens_s: float = 0.0

    @property
    def gpus(self) -> int:
        return self.nodes * self.gpus_per_node


class Room:
    """Free GPUs by pool and node; the tightest nodes that have room are taken first."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self._free: dict[str, int] = {}
        self._capacity: dict[str, int] = {}
        # By pool and by free GPUs, without the numbers that no node has free.
        self._levels: dict[str, dict[int, dict[str, None]]] = {}
        self.free_gpus: dict[str, int] = {}
        for node in nodes:
            if node.available:
                self._add(node)

    def copy(self) -> Room:
        """Return the same room, to be taken apart."""
        copied = Room(())
        copied._capacity = self._capacity
        copied._free, copied.free_gpus = self._free.copy(), self.free_gpus.copy()
        copied._levels = {
            pool: {free: names.copy() for free, names in levels.items()}
            for pool, levels in self._levels.items()
        }
        return copied

    @property
    def most_on_a_node(self) -> int:
        """Return the most GPUs that are free on any one node."""
        return max((max(levels, default=0) for levels in self._levels.values()), default=0)

    def seat(self, shape: Shape, now_s: float) -> Seat | None:
        """Return where such a gang would sit at that time, None when it has no room."""
        closed = shape.closed if now_s < shape.opens_s else frozenset()
        if shape.gpus > self.free_gpus.get(shape.pool, 0):
            return None
        found: list[str] = []
        levels = self._levels[shape.pool]
        for free in sorted(level for level in levels if level >= shape.gpus_per_node):
            for name in levels[free]:
                if name not in closed:
                    found.append(name)
                if len(found) == shape.nodes:
                    return Seat(shape.pool, tuple(found), shape.gpus_per_node)
        return None

    def take(self, seat: Seat) -> None:
        self._move(seat, -seat.gpus_per_node)

    def give_back(self, seat: Seat) -> None:
        """Free the seat again; nodes that have left the cluster give nothing."""
        self._move(seat, seat.gpus_per_node)

    def _add(self, node: Node) -> None:
        free = max(0, node.free.gpus)
        self._levels.setdefault(node.pool, {}).setdefault(free, {})[node.name] = None
        self._free[node.name], self._capacity[node.name] = free, node.capacity.gpus
        self.free_gpus[node.pool] = self.free_gpus.get(node.pool, 0) + free

    def _move(self, seat: Seat, gpus: int) -> None:
        levels = self._levels.get(seat.pool, {})
        for name in seat.nodes:
            if name in self._free:
                before = self._free[name]
                after = min(self._capacity[name], max(0, before + gpus))
                del levels[before][name]
                if not levels[before]:
                    del levels[before]
                levels.setdefault(after, {})[name] = None
                self._free[name] = after
                self.free_gpus[seat.pool] += after - before


def seat_of(placement: Placement) -> Seat:
    return Seat(placement.pool, placement.nodes, placement.gang.per_node.gpus)
