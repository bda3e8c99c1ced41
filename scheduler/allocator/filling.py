"""Filling the free GPUs by shares: lowest corrected share first, tightest nodes first."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from scheduler.allocator.shapes import Progress
from scheduler.allocator.turns import Order, Turns
from scheduler.domain.placement import Option
from scheduler.domain.policies import Policy


def fill(progress: Progress, order: Order | None = None) -> None:
    """Start waiting jobs until none is left that fits within the limits.

    What does not fit once is not tried again: starts only ever take room and headroom away. A
    user's jobs go in the policy's order unless another is given.
    """
    if not progress.nodes.are_full:
        _take_turns(progress, Turns(progress, _fitting(progress), order or progress.own_order))


def fill_before(progress: Progress, group: int) -> None:
    """Start waiting jobs as `fill` does, until it is the group's turn."""
    if not progress.nodes.are_full:
        in_line = sorted({*_fitting(progress), group})
        _take_turns(progress, Turns(progress, in_line, progress.own_order), until=group)


def fill_floors(progress: Progress) -> None:
    """Start waiting jobs of tenants that hold less than their floors, and no others."""
    if not has_floors(progress.problem.snapshot.policy):
        return
    turns = Turns(progress, _fitting(progress), progress.own_order)
    turns.only_floors = True
    _take_turns(progress, turns)


def has_floors(policy: Policy) -> bool:
    """Say whether anybody is guaranteed GPUs."""
    floors = (quota.floor for quota in policy.quotas)
    return any(floor.other or any(floor.by_pool.values()) for floor in floors)


def _take_turns(progress: Progress, turns: Turns, until: int | None = None) -> None:
    while not progress.nodes.are_full and (group := turns.next()) not in (None, until):
        found = first_place(progress, group)
        if found is None:
            turns.drop()
        else:
            progress.start(group, *found)
            turns.started(group)


def _fitting(progress: Progress) -> Iterable[int]:
    """Yield the groups of which a job waits and would fit, limits aside."""
    fits: dict[tuple[tuple[Option, ...], datetime], bool] = {}
    for number, group in enumerate(progress.problem.groups):
        key = group.options, progress.ends_at(number)
        if key not in fits:
            fits[key] = any(progress.nodes.place(option, key[1]) for option in group.options)
        if fits[key] and progress.waiting(number):
            yield number


def first_place(progress: Progress, group: int) -> tuple[Option, tuple[str, ...]] | None:
    """Return where the group's next job can start now: in the cheapest pool, then the emptiest."""
    until = progress.ends_at(group)
    for option in by_preference(progress, group):
        nodes = progress.nodes.place(option, until)
        if nodes is not None and progress.within_limits(group, option):
            return option, nodes
    return None


def by_preference(progress: Progress, group: int) -> tuple[Option, ...]:
    """Return a group's options, the cheapest pool first, then the one with most GPUs free."""
    options = progress.problem.groups[group].options
    if len(options) < 2:
        return options
    rate, free = progress.standings.rate, progress.ledger.free_gpus
    return tuple(sorted(options, key=lambda option: (rate(option.pool), -free(option.pool))))


def smallest_first(progress: Progress) -> Order:
    """Order one user's groups by the size of their gangs, which comes out more even."""

    def order(group: int) -> tuple[float, ...]:
        options = progress.problem.groups[group].options
        return min((option.gang.gpus for option in options), default=0), float(group)

    return order
