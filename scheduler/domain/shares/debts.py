"""What is owed to whom: GPUs due to one organisation that others have borrowed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from scheduler.domain.shares.demand import Demand, Key, held_gpus
from scheduler.domain.shares.quotas import quota_of, whole_gpus
from scheduler.domain.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Debt:
    """What an organisation lacks of its due in a pool, and what of that can come, in GPUs.

    `usable` is what gangs that wait can use whole within the lack, or within what the class lacks
    of its own due; `others_borrowed` is what all others in the pool have borrowed.
    """

    lack: int
    usable: int
    others_borrowed: int

    @property
    def owed(self) -> int:
        return min(self.lack, self.usable, self.others_borrowed)


def owed_gpus(
    snapshot: Snapshot,
    wanted: Demand,
    entitled: Mapping[tuple[str, str], float],
    borrowed: Mapping[tuple[str, str], int],
) -> Mapping[Key, int]:
    """Return what is owed to each (class, organisation, pool); missing is nothing."""
    found = debts(snapshot, wanted, entitled, borrowed)
    return {key: debt.owed for key, debt in found.items()}


def debts(
    snapshot: Snapshot,
    wanted: Demand,
    entitled: Mapping[tuple[str, str], float],
    borrowed: Mapping[tuple[str, str], int],
) -> Mapping[Key, Debt]:
    """Return the debts to those that wait and lack some of their due.

    The lack is what the organisation wants of its due, its floor or its whole entitlement, and
    does not hold.
    """
    held, policy = held_gpus(snapshot), snapshot.policy
    in_pool = Counter[str]()
    for (_, pool), gpus in borrowed.items():
        in_pool[pool] += gpus
    class_lacks = _class_lacks(snapshot, wanted, entitled, held)
    found = {}
    for key, gangs in wanted.gangs.items():
        tenant_class, name, pool = key
        floor = policy.organisation(tenant_class, name).floor.gpus(pool) or 0
        due = max(floor, whole_gpus(entitled.get((name, pool), 0.0)))
        lack = min(wanted.gpus[key], due) - held[key]
        if lack > 0:
            usable = most_in_whole_gangs(gangs, max(lack, class_lacks[tenant_class, pool]))
            found[key] = Debt(lack, usable, in_pool[pool] - borrowed.get((name, pool), 0))
    return found


def most_in_whole_gangs(gangs: Mapping[int, int], most: int) -> int:
    """Return the most GPUs, up to `most`, that whole gangs take; `gangs` counts them by size."""
    sums = 1  # bit n: some gangs take n GPUs together
    within = (1 << most + 1) - 1
    for gpus, count in gangs.items():
        left, part = min(count, most // gpus), 1
        while left > 0:
            taken = min(part, left)
            sums |= sums << taken * gpus & within
            left, part = left - taken, part * 2
    return sums.bit_length() - 1


def _class_lacks(
    snapshot: Snapshot,
    wanted: Demand,
    entitled: Mapping[tuple[str, str], float],
    held: Mapping[Key, int],
) -> Mapping[tuple[str, str], int]:
    """Return what each (class, pool) does not hold of its due; negative where it holds more."""
    totals: dict[tuple[str, str], float] = {}
    holds = Counter[tuple[str, str]]()
    for key in wanted.gpus:
        tenant_class, name, pool = key
        place = tenant_class, pool
        totals[place] = totals.get(place, 0.0) + entitled.get((name, pool), 0.0)
        holds[place] += held.get(key, 0)
    floors = {place: quota_of(snapshot.policy, place[:1]).floor.gpus(place[1]) for place in totals}
    return {
        place: max(floors[place] or 0, whole_gpus(gpus)) - holds[place]
        for place, gpus in totals.items()
    }
