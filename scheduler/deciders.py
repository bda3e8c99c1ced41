"""The allocators by name: made for the service, and made again as a receipt says."""

from __future__ import annotations

import inspect
import platform
from collections.abc import Callable, Mapping
from importlib.metadata import version

from scheduler.allocator.greedy import allocate_greedily
from scheduler.allocator.solve import CpSatAllocator
from scheduler.domain.recalls.recall import recalling
from scheduler.domain.receipts import Decider, Outcome
from scheduler.domain.snapshot import Snapshot
from scheduler.engine.cycle import checked
from scheduler.ports import Allocator
from scheduler.receipts.codec import Unreadable

Argument = int | float | str | bool | None


def _greedy() -> Allocator:
    return allocate_greedily


ALLOCATORS: Mapping[str, Callable[..., Allocator]] = {"cp-sat": CpSatAllocator, "greedy": _greedy}
# Decides again where the audit refused another one's decisions.
FALLBACK: Allocator = allocate_greedily


def decider(name: str, **given: Argument) -> Decider:
    """Return the allocator of that name with these arguments, and every default beside them."""
    arguments = inspect.signature(ALLOCATORS[name]).bind(**given)
    arguments.apply_defaults()
    return Decider(name, arguments.arguments, versions_here())


def versions_here() -> Mapping[str, str]:
    """Return the versions on which the bytes of a decision may depend."""
    installed = {name: version(name) for name in ("tendik", "ortools")}
    return {**installed, "machine": platform.machine()}


def allocator_of(made: Decider) -> Allocator:
    """Return the allocator, recalls included. Raises Unreadable when there is none like it here."""
    if made.name not in ALLOCATORS:
        known = ", ".join(sorted(ALLOCATORS))
        raise Unreadable(f"no allocator {made.name!r} here; there are {known}")
    try:
        return recalling(ALLOCATORS[made.name](**made.arguments))
    except TypeError as error:
        raise Unreadable(
            f"the allocator {made.name!r} here takes other arguments: {error}"
        ) from error


def decide_again(made: Decider, snapshot: Snapshot) -> Outcome:
    """Return what the service would decide, its audit and fall-back included. Raises Unreadable."""
    return Outcome(*checked(snapshot, allocator_of(made)(snapshot), FALLBACK))
