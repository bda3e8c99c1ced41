"""A desk that decides as the service does: the same allocator, over the same database."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from scheduler.allocator.accounts import accounts
from scheduler.allocator.explanation import explained
from scheduler.allocator.solve import CpSatAllocator
from scheduler.domain.recalls.recall import recalling
from scheduler.explainer.desk import Desk
from scheduler.explainer.opening import Opening
from scheduler.ports import Clock, Store


@dataclass(frozen=True, slots=True)
class _Sources:
    store: Store
    clock: Clock
    default_mib_per_cpu: int


def desk_of(opening: Opening, store: Store, clock: Clock) -> Desk:
    """Return a desk over the store."""
    allocate = CpSatAllocator(time_limit_s=opening.solver_time_limit_s)
    sources = _Sources(store, clock, opening.default_mib_per_cpu)
    explain = partial(explained, end_of=allocate.end_of)
    return Desk(sources, explain, recalling(allocate), accounts)
