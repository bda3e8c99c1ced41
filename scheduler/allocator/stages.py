"""The order of the law as stages: each is solved, then held while the next is."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ortools.sat.python.cp_model import IntVar

from scheduler.allocator.leximin import even_out
from scheduler.allocator.linear import Linear
from scheduler.allocator.search import Search
from scheduler.domain.shares.quotas import Subject, quota_of

Stage = Callable[[Search], None]


def floors_are_met(search: Search) -> None:
    """Leave the fewest GPUs of floors unmet, as far as their owners could start gangs."""
    short = tuple((-1, variable) for variable in _unmet(search))
    search.maximise("floors", Linear(short), most=0)


def _unmet(search: Search) -> Iterable[IntVar]:
    model = search.model
    ledger = model.progress.ledger
    for path, pool, floor in _floors(search):
        mine = [c for c in model.by_path[path] if c.option.pool == pool]
        could_start = sum(c.at_most * c.option.gang.gpus for c in mine)
        lacks = min(floor - ledger.held(path, pool), could_start)
        if lacks > 0:
            started = model.gpus(mine)
            unmet = model.cp.new_int_var(0, lacks, "")
            model.cp.add(started.expr() + unmet >= lacks)
            search.values[unmet.index] = max(0, lacks - started.value(search.values))
            yield unmet


def _floors(search: Search) -> Iterable[tuple[Subject, str, int]]:
    snapshot = search.model.progress.problem.snapshot
    for path in search.model.by_path:
        for pool in snapshot.pools if len(path) <= 2 else ():
            floor = quota_of(snapshot.policy, path).floor.gpus(pool.name)
            if floor:
                yield path, pool.name, floor


def classes_are_even(search: Search) -> None:
    even_out(search, 1)


def organisations_are_even(search: Search) -> None:
    even_out(search, 2)


def projects_are_even(search: Search) -> None:
    even_out(search, 3)


def users_are_even(search: Search) -> None:
    even_out(search, 4)


def most_gpus_work(search: Search) -> None:
    """Start as many GPUs as can be: none that fits a gang stays idle."""
    model = search.model
    pools = dict.fromkeys(candidate.option.pool for candidate in model.starts)
    free = sum(model.progress.ledger.free_gpus(pool) for pool in pools)
    could_start = sum(c.at_most * c.option.gang.gpus for c in model.starts)
    search.maximise("gpus", model.gpus(model.starts), most=min(free, could_start))


def nodes_are_packed(search: Search) -> None:
    """Leave the fewest nodes partly used, so that whole nodes stay free for gangs.

    Before that, let whoever has reserved nodes use those, and leave the others to the others.
    """
    parts = search.model.parts
    neat = [pair for name in parts for pair in _neat(search, name)]
    own, weight = tuple(_on_own_nodes(search)), len(neat) + 1
    free = sum(search.model.progress.nodes.free(name).gpus for name in parts) if own else 0
    weighed = Linear((*neat, *((weight * gpus, variable) for gpus, variable in own)))
    search.maximise("packing", weighed, most=len(parts) + weight * free)


def _on_own_nodes(search: Search) -> Iterable[tuple[int, IntVar]]:
    """Yield the GPUs of each part on a node that is reserved for its tenant now."""
    for (option, _), variables in search.model.chunks.items():
        for name in option.own & variables.keys():
            yield option.gang.per_node.gpus, variables[name]


def _neat(search: Search, name: str) -> Iterable[tuple[int, IntVar]]:
    """Yield what is 1 when the node ends full, and what is 1 when it ends idle."""
    cp, parts = search.model.cp, search.model.parts[name]
    free = search.model.progress.nodes.free(name).gpus
    started = Linear(tuple((part.amount.gpus, part.variable) for part in parts))
    now = started.value(search.values)
    full = cp.new_bool_var("")
    cp.add(started.expr() >= free * full)
    search.values[full.index] = int(now == free)
    yield 1, full
    if search.model.node_is_idle(name):
        idle = cp.new_bool_var("")
        cp.add(started.expr() <= free * (1 - idle))
        search.values[idle.index] = int(now == 0)
        yield 1, idle


def first_in_order_go_first(search: Search) -> None:
    """Prefer the groups that come first in the policy's order of one user's own jobs."""
    starts, progress = search.model.starts, search.model.progress
    first = {c.bundle: progress.first_of(c.bundle) for c in starts}
    last_first = sorted(set(first.values()), key=progress.own_order, reverse=True)
    rank = {group: n for n, group in enumerate(last_first, 1)}
    weights = {c: c.option.gang.gpus * rank[first[c.bundle]] for c in starts}
    weighed = Linear(tuple((weight, starts[c]) for c, weight in weights.items()))
    most = sum(weight * c.at_most for c, weight in weights.items())
    search.maximise("wait", weighed, most)


# Wait bounds come between floors and shares, recall before packing, once there are such.
STAGES: tuple[Stage, ...] = (
    floors_are_met,
    classes_are_even,
    organisations_are_even,
    projects_are_even,
    users_are_even,
    most_gpus_work,
    nodes_are_packed,
    first_in_order_go_first,
)
