"""The solver's model of one cycle: how many gangs start and which nodes they take, by rules."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from ortools.sat.python.cp_model import CpModel, Domain, IntVar

from scheduler.allocator.free_nodes import AT_ONCE, Space
from scheduler.allocator.linear import Linear
from scheduler.allocator.shapes import Bundle, Candidate, Progress
from scheduler.domain.placement import Option, SuitedGroup
from scheduler.domain.resources import Amount
from scheduler.domain.shares.kept_back import Keep
from scheduler.domain.shares.quotas import Bound, Limit, Subject

Term = tuple[int, IntVar]
# An option, and how many of the plans' moments a gang would run beyond.
Shelf = tuple[Option, int]
BEYOND = timedelta(microseconds=1)


class SlimModel(CpModel):
    """A model without the old second name of each method: to make those takes a millisecond."""

    def _add_pre_pep8_methods(self) -> None:
        """Make none."""

    def copy(self) -> SlimModel:
        """Return a model of the same variables and constraints, to add others to."""
        copied = SlimModel()
        copied.proto.copy_from(self.proto)
        copied.rebuild_constant_map()
        return copied


@dataclass(frozen=True, slots=True)
class Part:
    """The parts of alike gangs on one node, as many as the variable says."""

    amount: Amount
    moments: int
    variable: IntVar


class AllocationModel:
    """Variables over shapes, not jobs.

    `starts` counts the gangs of a group that start with an option; `chunks` counts the parts of
    an option's gangs on a node. Who gets which node is read from the counts afterwards.
    """

    def __init__(self, progress: Progress, found: Sequence[Candidate]) -> None:
        self.cp = SlimModel()
        self.progress = progress
        self._moments = progress.nodes.moments()
        self.starts = {
            candidate: self.cp.new_int_var(0, candidate.at_most, "") for candidate in found
        }
        self.by_shelf: dict[Shelf, list[Candidate]] = {}
        self.by_path: dict[Subject, list[Candidate]] = {}
        for candidate in found:
            self.by_shelf.setdefault(self.shelf(candidate), []).append(candidate)
            for depth in range(1, 5):
                path = self.group(candidate).tenant.path(depth)
                self.by_path.setdefault(path, []).append(candidate)
        self._members: dict[Subject, list[Subject]] = {}
        for path in self.by_path:
            self._members.setdefault(path[:-1], []).append(path)
        self._idle_nodes = {
            node.name for node in progress.problem.snapshot.nodes if node.used.gpus == 0
        }
        self.chunks = {shelf: self._chunks(shelf) for shelf in self.by_shelf}
        self.parts: dict[str, list[Part]] = {}
        for (option, moments), variables in self.chunks.items():
            for name, variable in variables.items():
                part = Part(option.gang.per_node, moments, variable)
                self.parts.setdefault(name, []).append(part)
        self.sums = {key: self._sums(*key) for key in self._tree()}
        self.started = {
            key: self.cp.new_int_var_from_domain(Domain.from_values(sums), "")
            for key, sums in self.sums.items()
        }
        for key, variable in self.started.items():
            self.cp.add(variable == self.sum_of(*key).expr())

    def group(self, candidate: Candidate) -> SuitedGroup:
        return self.progress.problem.groups[candidate.bundle.oldest]

    def shelf(self, candidate: Candidate) -> Shelf:
        """Return what decides on which nodes the candidate fits: its option, and its end."""
        return candidate.option, candidate.bundle.moments

    def gpus(self, chosen: Iterable[Candidate]) -> Linear:
        """Return the GPUs that these candidates start."""
        return Linear(tuple((c.option.gang.gpus, self.starts[c]) for c in chosen))

    def gpus_of(self, path: Subject, pool: str) -> Linear:
        """Return the GPUs that a tenant starts in a pool."""
        variable = self.started.get((path, pool))
        return Linear(((1, variable),) if variable is not None else ())

    def sum_of(self, path: Subject, pool: str) -> Linear:
        """Return the same count as the sum over the tenant's members, or over a user's gangs."""
        if len(path) == 4:
            return self.gpus(c for c in self.by_path[path] if c.option.pool == pool)
        counts = (self.started.get((member, pool)) for member in self._members.get(path, ()))
        return Linear(tuple((1, count) for count in counts if count is not None))

    def gpus_in(self, pool: str) -> Linear:
        """Return the GPUs that start in a pool."""
        return self.sum_of((), pool)

    def free_amount(self) -> int:
        """Return the free GPUs of the pools in question, each weighed by its rate."""
        ledger, standings = self.progress.ledger, self.progress.standings
        pools = dict.fromkeys(option.pool for option, _ in self.by_shelf)
        return sum(ledger.free_gpus(pool) * standings.rate(pool) for pool in pools)

    @cached_property
    def bounded(self) -> Mapping[Limit, Mapping[Bound, Sequence[Term]]]:
        """Return by limit what takes how much of each bound."""
        found: dict[Limit, dict[Bound, list[Term]]] = {limit: {} for limit in Limit}
        for candidate, variable in self.starts.items():
            group, option = self.group(candidate), candidate.option
            for bound in self.progress.ledger.bounds(group.tenant, group.array, option.pool):
                terms = found[bound.limit].setdefault(bound, [])
                terms.append((bound.takes(option.gang), variable))
        return found

    def node_is_idle(self, name: str) -> bool:
        """Say whether nobody held a GPU of the node as the cycle began."""
        return name in self._idle_nodes

    def passes(self, at: datetime, moments: int) -> bool:
        """Say whether a gang that runs beyond so many of the plans' moments runs beyond this."""
        return bisect_left(self._moments, at) < moments

    def _chunks(self, shelf: Shelf) -> dict[str, IntVar]:
        option, moments = shelf
        part, nodes = option.gang.per_node, self.progress.nodes
        until = self._moments[moments - 1] + BEYOND if moments else AT_ONCE
        return {
            name: self.cp.new_int_var(0, part.times_fits_in(nodes.free(name)), "")
            for name in nodes.fitting(option, until)
        }

    def _tree(self) -> list[tuple[Subject, str]]:
        """Return who may start GPUs in which pool, users first and classes last."""
        keys = dict.fromkeys(
            (path, candidate.option.pool)
            for path, mine in self.by_path.items()
            for candidate in mine
        )
        return sorted(keys, key=lambda key: -len(key[0]))

    def _sums(self, path: Subject, pool: str) -> list[int]:
        """Return the counts of GPUs that a tenant's gangs can add up to in a pool."""
        mine = [c for c in self.by_path[path] if c.option.pool == pool]
        free = self.progress.ledger.free_gpus(pool)
        return sums_up_to(free, [(c.option.gang.gpus, c.at_most) for c in mine])


def sums_up_to(most: int, items: Iterable[tuple[int, int]]) -> list[int]:
    """Return every sum up to `most` that some of the items have; each is (size, how many)."""
    mask = (1 << (most + 1)) - 1
    reached = 1
    for size, count in items:
        left, step = count, 1
        while left > 0:
            taken = min(step, left)
            reached |= (reached << (size * taken)) & mask
            left -= taken
            step *= 2
    return [total for total in range(most + 1) if reached >> total & 1]


Rule = Callable[[AllocationModel], None]


def jobs_start_at_most_once(model: AllocationModel) -> None:
    """A bundle that suits several pools starts no more gangs in them than it has jobs."""
    by_bundle: dict[Bundle, list[IntVar]] = {}
    for candidate, variable in model.starts.items():
        by_bundle.setdefault(candidate.bundle, []).append(variable)
    for bundle, variables in by_bundle.items():
        waiting = sum(map(model.progress.waiting, bundle.groups))
        model.cp.add(sum(variables) <= waiting)


def gangs_start_whole(model: AllocationModel) -> None:
    """Parts on nodes add up to gangs, and no node has two parts of one gang.

    With at most as many parts on a node as gangs start, the parts can always be dealt out so
    that each gang has distinct nodes: see `deal`.
    """
    for shelf, parts in model.chunks.items():
        started = sum(model.starts[candidate] for candidate in model.by_shelf[shelf])
        model.cp.add(sum(parts.values()) == shelf[0].gang.nodes * started)
        for part in parts.values():
            model.cp.add(part <= started)


def nodes_hold_what_they_have(model: AllocationModel) -> None:
    """GPUs, CPUs and memory of the parts on a node fit into what is free there.

    That a pool holds no more than its nodes do follows, and is said for the solver's bound.
    """
    for name, parts in model.parts.items():
        free = model.progress.nodes.free(name)
        _hold_at_most(model, parts, (free.gpus, free.cpus, free.memory_mib))
    for pool in dict.fromkeys(option.pool for option, _ in model.by_shelf):
        model.cp.add(model.gpus_in(pool).expr() <= model.progress.ledger.free_gpus(pool))


def planned_starts_are_not_delayed(model: AllocationModel) -> None:
    """What still runs at a plan's moment leaves the plan's part of each node free."""
    for name, parts in model.parts.items():
        for at, left in model.progress.nodes.steps(name):
            late = [part for part in parts if model.passes(at, part.moments)]
            _hold_at_most(model, late, left)


def _hold_at_most(model: AllocationModel, parts: Sequence[Part], space: Space) -> None:
    gpus, cpus, memory_mib = space
    if parts:
        model.cp.add(sum(part.amount.gpus * part.variable for part in parts) <= gpus)
        model.cp.add(sum(part.amount.cpus * part.variable for part in parts) <= cpus)
        model.cp.add(sum(part.amount.memory_mib * part.variable for part in parts) <= memory_mib)


def users_hold_within_limits(model: AllocationModel) -> None:
    _stay_within(model, Limit.USER_HELD)


def arrays_stay_within_their_limit(model: AllocationModel) -> None:
    _stay_within(model, Limit.ARRAY_RUNNING)


def organisations_stay_under_ceilings(model: AllocationModel) -> None:
    _stay_within(model, Limit.ORGANISATION_CEILING)


def classes_stay_under_ceilings(model: AllocationModel) -> None:
    _stay_within(model, Limit.CLASS_CEILING)


def organisations_borrow_within_limits(model: AllocationModel) -> None:
    _stay_within(model, Limit.ORGANISATION_BORROWING)


def classes_borrow_within_limits(model: AllocationModel) -> None:
    _stay_within(model, Limit.CLASS_BORROWING)


def kept_back_gpus_stay_free(model: AllocationModel) -> None:
    """Free GPUs cover what owners of floors do not lend, or lack no more than they did.

    A class's claim is its own or its organisations' together, whichever is more.
    """
    ledger = model.progress.ledger
    for pool, keeps in ledger.keeps.items():
        claims = {keep.path: _claim(model, keep, pool) for keep in keeps}
        kept = sum(_larger_claims(model, claims, sum(keep.gpus for keep in keeps)))
        spare = ledger.free_gpus(pool) - ledger.least_spare_gpus(pool)
        model.cp.add(model.gpus_in(pool).expr() + kept <= spare)


def _claim(model: AllocationModel, keep: Keep, pool: str) -> IntVar:
    """Return what the owner keeps back after its starts: at least what it is short of."""
    claim = model.cp.new_int_var(0, keep.gpus, "")
    held = model.progress.ledger.held(keep.path, pool)
    model.cp.add(model.gpus_of(keep.path, pool).expr() + claim >= keep.gpus - held)
    return claim


def _larger_claims(
    model: AllocationModel, claims: Mapping[Subject, IntVar], largest_gpus: int
) -> list[IntVar]:
    members: dict[str, list[IntVar]] = {path[0]: [] for path in claims}
    for path, claim in claims.items():
        if len(path) > 1:
            members[path[0]].append(claim)
    totals = []
    for name, parts in members.items():
        total = model.cp.new_int_var(0, largest_gpus, "")
        model.cp.add(total >= sum(parts))
        if (name,) in claims:
            model.cp.add(total >= claims[(name,)])
        totals.append(total)
    return totals


# The rules in force, in the order in which an operator reads them in the policy guide.
RULES: tuple[Rule, ...] = (
    jobs_start_at_most_once,
    gangs_start_whole,
    nodes_hold_what_they_have,
    planned_starts_are_not_delayed,
    users_hold_within_limits,
    arrays_stay_within_their_limit,
    organisations_stay_under_ceilings,
    classes_stay_under_ceilings,
    organisations_borrow_within_limits,
    classes_borrow_within_limits,
    kept_back_gpus_stay_free,
)


def build(
    progress: Progress, found: Sequence[Candidate], rules: Iterable[Rule] = RULES
) -> AllocationModel:
    """Return the model of what could start, held to the rules."""
    model = AllocationModel(progress, found)
    for rule in rules:
        rule(model)
    return model


def _stay_within(model: AllocationModel, limit: Limit) -> None:
    for bound, terms in model.bounded[limit].items():
        model.cp.add(Linear(tuple(terms)).expr() <= model.progress.ledger.left(bound))


def deal(nodes_per_gang: int, gangs: int, parts: Counter[str]) -> list[tuple[str, ...]]:
    """Deal parts on nodes out to gangs: each gets the nodes with most parts left.

    When no node has more parts than there are gangs, and all parts together are just enough,
    every gang gets `nodes_per_gang` distinct nodes (Gale-Ryser).
    """
    left = Counter(parts)
    dealt = []
    for _ in range(gangs):
        nodes = [name for name, count in left.most_common(nodes_per_gang) if count > 0]
        left.subtract(nodes)
        dealt.append(tuple(nodes))
    return dealt
