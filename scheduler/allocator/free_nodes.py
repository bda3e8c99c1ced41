"""The room on nodes, now and at planned starts, while gangs are placed one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from scheduler.domain.placement import Option
from scheduler.domain.resources import Amount, Node

# A gang that ends by this moment is in no plan's way: what asks for room now, plans aside.
AT_ONCE = datetime.min.replace(tzinfo=UTC)
Space = tuple[int, int, int]  # GPUs, CPUs, MiB
NOTHING: Space = (0, 0, 0)


@dataclass(frozen=True, slots=True)
class Step:
    """A planned start on a node: its part, and what is free there at its moment, plans aside."""

    job_id: int
    at: datetime
    part: Space
    free: Space


class FreeNodes:
    """What is free on each node; a placed gang takes its part.

    Room only shrinks, but where a plan is given up, and what did not fit once is not looked for
    again. A plan leaves a step on its nodes: what runs beyond its moment must leave its part free,
    and the parts of all other plans there, whatever their times.
    """

    def __init__(self, nodes: Iterable[Node]) -> None:
        self._free: dict[str, Space] = {}
        # By pool and by free GPUs, so that the tightest nodes are found without a search.
        self._tight: dict[str, list[dict[str, None]]] = {}
        self._pool: dict[str, str] = {}
        self._steps: dict[str, list[Step]] = {}
        self._planned_on: dict[int, tuple[str, ...]] = {}  # the nodes of each plan, by job
        self._suiting: dict[Option, frozenset[str]] = {}
        self._failed: dict[Option, datetime] = {}
        self._gpus = 0  # free on the nodes that are up, plans aside
        for node in nodes:
            self._add(node)

    def copy(self) -> FreeNodes:
        """Return the same room, to be taken apart."""
        copied = copy(self)
        copied._free, copied._failed = self._free.copy(), self._failed.copy()
        copied._tight = {pool: [*map(dict, levels)] for pool, levels in self._tight.items()}
        copied._steps = {name: [*steps] for name, steps in self._steps.items()}
        copied._planned_on = self._planned_on.copy()
        return copied

    @property
    def are_full(self) -> bool:
        """Say whether no GPU is free on a node that is up: then no gang fits."""
        return self._gpus == 0

    def knows(self, name: str) -> bool:
        return name in self._free

    def free(self, name: str) -> Amount:
        return Amount(*self._free[name])

    def free_space(self, name: str) -> Space:
        return self._free[name]

    def free_gpus(self, option: Option) -> int:
        """Return the free GPUs on the nodes that suit the option, together or not."""
        return sum(self._free[name][0] for name in option.nodes)

    def fitting(self, option: Option, until: datetime = AT_ONCE) -> list[str]:
        """Return the nodes that have room for the gang's part now and while it runs."""
        return self.fitting_of(option.nodes, option, until)

    def fitting_of(
        self, names: Iterable[str], option: Option, until: datetime = AT_ONCE
    ) -> list[str]:
        """Return those of the nodes that have room for the gang's part now and while it runs."""
        part = space_of(option.gang.per_node)
        return [name for name in names if self._fits(name, part, until)]

    def gangs(self, option: Option) -> int:
        """Return an upper bound on how many such gangs could start, were they alone."""
        part = option.gang.per_node
        return sum(part.times_fits_in(self.free(name)) for name in option.nodes) // (
            option.gang.nodes
        )

    def place(self, option: Option, until: datetime = AT_ONCE) -> tuple[str, ...] | None:
        """Return nodes for a gang that ends by `until`, those with least to spare first, or None.

        Tight nodes first keeps whole nodes free for gangs that need them; but before all others
        come those that are reserved for the job's tenant, which nobody else may have.
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
        space = space_of(part)
        for name in names:
            self._move(name, less(self._free[name], space))
            steps = self._steps.get(name)
            if steps:
                self._steps[name] = [
                    replace(step, free=less(step.free, space)) if step.at < until else step
                    for step in steps
                ]

    def keep_for(self, name: str, step: Step) -> None:
        """Hold the part of a planned start free on the node, from its moment on."""
        self._steps.setdefault(name, []).append(step)
        self._planned_on[step.job_id] = (*self._planned_on.get(step.job_id, ()), name)
        self._failed.clear()

    def give_up(self, job_id: int) -> None:
        """Forget the planned start of a job."""
        for name in self._planned_on.pop(job_id, ()):
            self._steps[name] = [step for step in self._steps[name] if step.job_id != job_id]
        self._failed.clear()

    def planned(self, name: str) -> Space:
        """Return the parts of all plans on the node together."""
        total = NOTHING
        if name not in self._steps:
            return total
        for step in self._steps[name]:
            total = plus(total, step.part)
        return total

    def idle_gpus(self) -> int:
        """Return the free GPUs of the nodes that no plan is waiting for."""
        return sum(free[0] for name, free in self._free.items() if not self._steps.get(name))

    def steps(self, name: str) -> tuple[tuple[datetime, Space], ...]:
        """Return the moments from which less may be held on the node, and how much then."""
        planned = self.planned(name)
        return tuple((step.at, less(step.free, planned)) for step in self._steps.get(name, ()))

    def moments(self) -> list[datetime]:
        """Return the distinct moments of all steps, in order."""
        return sorted({step.at for steps in self._steps.values() for step in steps})

    def _add(self, node: Node) -> None:
        free = free_space_of(node)
        levels = self._tight.setdefault(node.pool, [])
        if len(levels) <= node.capacity.gpus:
            levels.extend({} for _ in range(node.capacity.gpus + 1 - len(levels)))
        self._free[node.name], self._pool[node.name] = free, node.pool
        levels[free[0]][node.name] = None
        self._gpus += free[0]

    def _tightest(self, option: Option, until: datetime) -> tuple[str, ...] | None:
        suiting = self._suiting.get(option)
        if suiting is None:
            suiting = self._suiting[option] = frozenset(option.nodes) - option.own
        found: list[str] = []
        for names in (option.own, suiting) if option.own else (suiting,):
            for name in self._tight_of(option, names, until):
                found.append(name)
                if len(found) == option.gang.nodes:
                    return tuple(found)
        return None

    def _tight_of(self, option: Option, names: frozenset[str], until: datetime) -> Iterator[str]:
        part = space_of(option.gang.per_node)
        for level in self._tight.get(option.pool, ())[part[0] :]:
            for name in level:
                if name in names and self._fits(name, part, until):
                    yield name

    def _fits(self, name: str, part: Space, until: datetime) -> bool:
        free = self._free[name]
        if part[0] > free[0] or part[1] > free[1] or part[2] > free[2]:
            return False
        if name not in self._steps:
            return True
        return all(within(part, left) for at, left in self.steps(name) if at < until)

    def _move(self, name: str, free: Space) -> None:
        levels = self._tight[self._pool[name]]
        before = max(0, self._free[name][0])
        self._free[name] = (max(0, free[0]), max(0, free[1]), max(0, free[2]))
        del levels[before][name]
        levels[max(0, free[0])][name] = None
        self._gpus -= before - max(0, free[0])


def space_of(amount: Amount) -> Space:
    return amount.gpus, amount.cpus, amount.memory_mib


def free_space_of(node: Node) -> Space:
    """Return the space of `node.free`, without making an amount of it."""
    if not node.available:
        return NOTHING
    has, used = node.capacity, node.used
    return (
        max(0, has.gpus - used.gpus),
        max(0, has.cpus - used.cpus),
        max(0, has.memory_mib - used.memory_mib),
    )


def plus(space: Space, part: Space) -> Space:
    return space[0] + part[0], space[1] + part[1], space[2] + part[2]


def less(space: Space, part: Space) -> Space:
    return space[0] - part[0], space[1] - part[1], space[2] - part[2]


def within(part: Space, space: Space) -> bool:
    return part[0] <= space[0] and part[1] <= space[1] and part[2] <= space[2]
