"""What counting GPUs alone says is possible: bounds that save the solver most of its work."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence

from scheduler.domain.quotas import Subject

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

    def __init__(self, amount: int, paths: Iterable[Subject]) -> None:
        self._amount = amount
        self._deepest_first = sorted(paths, key=lambda path: -len(path))
        self._sure: dict[Subject, int] = {}

    def sure(self, path: Subject) -> int:
        """Return what is secured for a tenant, above what it had as the cycle began."""
        return self._sure.get(path, 0)

    def secure(self, path: Subject, amount: int) -> None:
        self._sure[path] = max(amount, self.sure(path))

    def left(self, needs: Mapping[Subject, int]) -> int:
        """Return what is left when these tenants get their needs; negative: they cannot.

        A parent takes what it has secured or what its members need together, whichever is more.
        """
        members: dict[Subject, int] = {}
        for path in self._deepest_first:
            wants = needs.get(path, 0)
            total = max(self._sure.get(path, 0), members.get(path, 0), wants)
            parent = path[:-1]
            members[parent] = members.get(parent, 0) + total
        return self._amount - members.get((), 0)


def highest(low: int, high: int, is_possible: Callable[[int], bool]) -> int:
    """Return the highest level up to `high` that is possible; `low` is known to be."""
    while low < high:
        middle = (low + high + 1) // 2
        if is_possible(middle):
            low = middle
        else:
            high = middle - 1
    return low
