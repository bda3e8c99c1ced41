"""What counting GPUs alone says is possible: bounds that save the solver most of its work."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from scheduler.domain.shares.quotas import Subject

# More than any cluster has: the need of what cannot be reached.
NEVER = 1 << 60


class Reachable:
    """The amounts that one tenant's gangs can add up to.

    With gangs in pools of one weight these are the very sums. With several the steps between
    the sums are lost, and what is said is a lower bound of the need: that is still true.
    """

    def __init__(self, pools: Sequence[tuple[int, Sequence[int]]]) -> None:
        self._sums = [weight * total for weight, sums in pools for total in sums]
        self._exact = len(pools) == 1
        self.most = sum(weight * sums[-1] for weight, sums in pools)

    def at_least(self, amount: int) -> int:
        """Return the least reachable amount that is no less than this one."""
        if amount > self.most:
            return NEVER
        if not self._exact:
            return max(0, amount)
        return self._sums[bisect_left(self._sums, amount)]


class Room:
    """What the cluster has, and what of it the tenants of a tree have secured so far."""

    def __init__(self, amount: int) -> None:
        self._amount = amount
        self._sure: dict[Subject, int] = {}
        self._taken = _Taken({}, {})

    def sure(self, path: Subject) -> int:
        """Return what is secured for a tenant, above what it had as the cycle began."""
        return self._sure.get(path, 0)

    def secure(self, path: Subject, amount: int) -> None:
        self._sure[path] = max(amount, self.sure(path))
        self._taken.take(path, amount)

    def left(self, needs: Mapping[Subject, int]) -> int:
        """Return what is left when these tenants get their needs; negative: they cannot."""
        return self._amount - self._taken_with(needs).by_path.get((), 0)

    def costs(self, needs: Mapping[Subject, int], more: Iterable[tuple[Subject, int]]) -> list[int]:
        """Return what each of these would take beyond the needs, were it the only one."""
        taken = self._taken_with(needs)
        return [taken.cost(path, amount) for path, amount in more]

    def _taken_with(self, needs: Mapping[Subject, int]) -> _Taken:
        if not needs:
            return self._taken
        taken = _Taken(dict(self._taken.by_path), dict(self._taken.by_members))
        for path, amount in needs.items():
            taken.take(path, amount)
        return taken


@dataclass(frozen=True, slots=True)
class _Taken:
    """What each tenant of a tree takes, and what its members take together.

    A parent takes what it has secured or what its members take, whichever is more.
    """

    by_path: dict[Subject, int]
    by_members: dict[Subject, int]

    def take(self, path: Subject, amount: int) -> None:
        """Let the tenant take at least this, and its parents what follows from it."""
        more = amount - self.by_path.get(path, 0)
        while more > 0:
            self.by_path[path] = self.by_path.get(path, 0) + more
            if not path:
                return
            path = path[:-1]
            self.by_members[path] = self.by_members.get(path, 0) + more
            more = self.by_members[path] - self.by_path.get(path, 0)

    def cost(self, path: Subject, amount: int) -> int:
        """Return how much more everybody would take together if the tenant took this."""
        more = amount - self.by_path.get(path, 0)
        while path and more > 0:
            path = path[:-1]
            more += self.by_members.get(path, 0) - self.by_path.get(path, 0)
        return max(0, more)


def highest(low: int, high: int, is_possible: Callable[[int], bool]) -> int:
    """Return the highest level up to `high` that is possible; `low` is known to be."""
    while low < high:
        middle = (low + high + 1) // 2
        if is_possible(middle):
            low = middle
        else:
            high = middle - 1
    return low
