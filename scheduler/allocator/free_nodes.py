"""The room that is left on nodes while gangs are placed one by one."""

from __future__ import annotations

from collections.abc import Iterable

from scheduler.domain.placement import Option
from scheduler.domain.resources import Amount, Node


class FreeNodes:
    """What is free on each node; a placed gang takes its part."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self._free = {node.name: node.free for node in nodes}

    def free(self, name: str) -> Amount:
        return self._free[name]

    def free_gpus(self, option: Option) -> int:
        """Return the free GPUs on the nodes that suit the option, together or not."""
        return sum(self._free[name].gpus for name in option.nodes)

    def fitting(self, option: Option) -> list[str]:
        """Return the nodes that have room for the gang's part now."""
        return [name for name in option.nodes if _fits(option.gang.per_node, self._free[name])]

    def gangs(self, option: Option) -> int:
        """Return an upper bound on how many such gangs could start, were they alone."""
        part = option.gang.per_node
        return sum(part.times_fits_in(self._free[name]) for name in option.nodes) // (
            option.gang.nodes
        )

    def place(self, option: Option) -> tuple[str, ...] | None:
        """Return nodes for one gang, those with least to spare first, or None.

        Tight nodes first keeps whole nodes free for gangs that need them.
        """
        fitting = self.fitting(option)
        if len(fitting) < option.gang.nodes:
            return None
        fitting.sort(key=lambda name: self._free[name])
        return tuple(fitting[: option.gang.nodes])

    def take(self, names: Iterable[str], part: Amount) -> None:
        for name in names:
            self._free[name] = self._free[name].less(part)


def _fits(part: Amount, space: Amount) -> bool:
    return (
        part.gpus <= space.gpus and part.cpus <= space.cpus and part.memory_mib <= space.memory_mib
    )
