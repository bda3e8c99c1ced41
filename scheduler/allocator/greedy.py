"""The allocator without a solver: lowest corrected share first, tightest nodes first."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from scheduler.allocator.explain import concluded
from scheduler.allocator.plans import Planner, planned
from scheduler.allocator.shapes import Progress, problem_of
from scheduler.allocator.turns import Order, Turns
from scheduler.domain.decisions import Allocation, SolverStatus
from scheduler.domain.placement import Option
from scheduler.domain.snapshot import Snapshot
from scheduler.domain.tenants import Tenant


def allocate_greedily(snapshot: Snapshot) -> Allocation:
    """Return a decision for each pending job, by the rules but without a proof of fairness."""
    progress = Progress(problem_of(snapshot))
    planner = Planner(progress)
    planner.serve_due()
    fill(progress, planner)
    return concluded(progress, planned(progress, Allocation((), "greedy", SolverStatus.NOT_RUN)))


def fill(progress: Progress, planner: Planner | None = None, order: Order | None = None) -> None:
    """Start waiting jobs until none is left that fits within the limits.

    What does not fit once is not tried again: starts only ever take room and headroom away. A
    user's oldest jobs go first unless an order is given. With a planner, the first gang in each
    pool that only lacks room gets a planned start that the others leave alone.
    """
    groups = _worth_a_turn(progress, bool(planner))
    turns = Turns(progress, groups, order or oldest_first(progress))
    while (group := turns.next()) is not None:
        found = first_place(progress, group)
        if found is None:
            if planner is not None:
                planner.plan_head(group)
            turns.drop()
        else:
            progress.start(group, *found)
            turns.started(group)


def _worth_a_turn(progress: Progress, planning: bool) -> Iterable[int]:
    """Yield the groups that fit somewhere.

    When planning, each user's first of the others in the same pools, too: it may get a planned
    start when its turn comes; after it the others would not.
    """
    seen: set[tuple[Tenant, tuple[Option, ...]]] = set()
    fits: dict[tuple[tuple[Option, ...], datetime], bool] = {}
    for number, group in enumerate(progress.problem.groups):
        key = group.options, progress.ends_at(number)
        if key not in fits:
            fits[key] = any(progress.nodes.place(option, key[1]) for option in group.options)
        if not progress.waiting(number):
            continue
        if fits[key]:
            yield number
        elif planning and (group.tenant, group.options) not in seen:
            seen.add((group.tenant, group.options))
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


def oldest_first(progress: Progress) -> Order:
    """Order one user's groups by the age of their next jobs."""

    def order(group: int) -> tuple[float, ...]:
        job = progress.next_job(group)
        return job.submitted_at.timestamp(), job.job_id

    return order


def smallest_first(progress: Progress) -> Order:
    """Order one user's groups by the size of their gangs, which comes out more even."""

    def order(group: int) -> tuple[float, ...]:
        options = progress.problem.groups[group].options
        return min((option.gang.gpus for option in options), default=0), float(group)

    return order
