"""The room on nodes, now and at planned starts, while gangs are placed one by one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from scheduler.domain.placement import Option
from scheduler.domain.resources import Amount, Node

# A gang that ends by this moment is in no plan's way: what asks for room now, plans aside.
AT_ONCE = datetime.min.replace(tzinfo=UTC)
Space = tuple[int, int, int]  # GPUs, CPUs, MiB; a plan's may be negative


class FreeNodes:
    """What is free on each node; a placed gang takes its part.

    Room only ever shrinks, and what did not fit once is not looked for again. A plan leaves a
    step on its nodes: beyond its moment only so much may be held there.
    """

    def __init__(self, nodes: Iterable[Node]) -> None:
        self._free: dict[str, Space] = {}
        # By pool and by free GPUs, so that the tightest nodes are found without a search.
        self._tight: dict[str, list[dict[str, None]]] = {}
        self._pool: dict[str, str] = {}
        self._steps: dict[str, list[tuple[datetime, Space]]] = {}
        self._suiting: dict[Option, frozenset[str]] = {}
        self._failed: dict[Option, datetime] = {}
        for node in nodes:
            self._add(node)

    def knows(self, name: str) -> bool:
        return name in self._free

    def free(self, name: str) -> Amount:
        return Amount(*self._free[name])

    def free_gpus(self, option: Option) -> int:
        """Return the free GPUs on the nodes that suit the option, together or not."""
        return sum(self._free[name][0] for name in option.nodes)

    def fitting(self, option: Option, until: datetime = AT_ONCE) -> list[str]:
        """Return the nodes that have room for the gang's part now and while it runs."""
        part = _space(option.gang.per_node)
        return [name for name in option.nodes if self._fits(name, part, until)]

    def gangs(self, option: Option) -> int:
        """Return an upper bound on how many such gangs could start, were they alone."""
        part = option.gang.per_node
        return sum(part.times_fits_in(self.free(name)) for name in option.nodes) // (
            option.gang.nodes
        )

    def place(self, option: Option, until: datetime = AT_ONCE) -> tuple[str, ...] | None:
        """Return nodes for a gang that ends by `until`, those with least to spare first, or None.

        Tight nodes first keeps whole nodes free for gangs that need them.
        """
        failed = self._failed.get(option)
        if failed is not None and until >= failed:
            return None
        found = self._tightest(option, until)
        if found is None:
            self._failed[option] = until
        return found

    def take(self, names: Iterable[str], part: Amount, until: datetime = AT_ONCE) -> None:
        """Take a part on each node, for a gang that ends by `until`."""
        space = _space(part)
        for name in names:
            self._move(name, _less(self._free[name], space))
            steps = self._steps.get(name)
            if steps:
                self._steps[name] = [
                    (at, _less(left, space) if at < until else left) for at, left in steps
                ]

    def keep_for(self, name: str, at: datetime, left: Space) -> None:
        """Hold that from `at` on no more than `left` is taken on the node by what starts now."""
        self._steps.setdefault(name, []).append((at, left))
        self._failed.clear()

    def idle_gpus(self) -> int:
        """Return the free GPUs of the nodes that no plan is waiting for."""
        return sum(free[0] for name, free in self._free.items() if name not in self._steps)

    def steps(self, name: str) -> tuple[tuple[datetime, Space], ...]:
        """Return the moments from which less may be held on the node, and how much then."""
        return tuple(self._steps.get(name, ()))

    def moments(self) -> list[datetime]:
        """Return the distinct moments of all steps, in order."""
        return sorted({at for steps in self._steps.values() for at, _ in steps})

    def _add(self, node: Node) -> None:
        free = _space(node.free)
        levels = self._tight.setdefault(node.pool, [])
        levels.extend({} for _ in range(node.capacity.gpus + 1 - len(levels)))
        self._free[node.name], self._pool[node.name] = free, node.pool
        levels[free[0]][node.name] = None

    def _tightest(self, option: Option, until: datetime) -> tuple[str, ...] | None:
        part, needed = _space(option.gang.per_node), option.gang.nodes
        suiting = self._suiting.get(option)
        if suiting is None:
            suiting = self._suiting[option] = frozenset(option.nodes)
        found: list[str] = []
        for level in self._tight.get(option.pool, ())[part[0] :]:
            for name in level:
                if name in suiting and self._fits(name, part, until):
                    found.append(name)
                    if len(found) == needed:
                        return tuple(found)
        return None

    def _fits(self, name: str, part: Space, until: datetime) -> bool:
        free = self._free[name]
        if part[0] > free[0] or part[1] > free[1] or part[2] > free[2]:
            return False
        for at, left in self._steps.get(name, ()):
            if at < until and (part[0] > left[0] or part[1] > left[1] or part[2] > left[2]):
                return False
        return True

    def _move(self, name: str, free: Space) -> None:
        levels = self._tight[self._pool[name]]
        before = max(0, self._free[name][0])
        self._free[name] = (max(0, free[0]), max(0, free[1]), max(0, free[2]))
        del levels[before][name]
        levels[max(0, free[0])][name] = None


def _space(amount: Amount) -> Space:
    return amount.gpus, amount.cpus, amount.memory_mib


def _less(space: Space, part: Space) -> Space:
    return space[0] - part[0], space[1] - part[1], space[2] - part[2]
