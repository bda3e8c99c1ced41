"""What leximin would give if gangs could be divided: a bound that no whole gangs can beat.

Shares are filled like water (progressive filling, Bertsekas and Gallager 1987): raise the lowest
share as far as a linear program allows, settle those that cannot rise, go on with the others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ortools.linear_solver import pywraplp

from scheduler.allocator.bounds import highest
from scheduler.allocator.shapes import NO_LIMIT, Progress
from scheduler.domain.placement import Option
from scheduler.domain.shares.quotas import Bound, Subject

SLACK = 1e-6  # of a row of the linear program, in its units
HELD = 1.0  # thousandths of a GPU by which a held amount may be missed: rows must not contradict
HOLDS_BACK = 1e-7  # of a dual: a row with less does not keep the level down


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """The GPUs that one organisation's gangs want in any of some pools; each is made once."""

    organisation: Subject
    pools: tuple[str, ...]


class Divisible:
    """The linear program of a cycle's beginning: GPUs by cell and pool, under pools and limits.

    It knows pools and the limits of organisations and classes, not nodes, users and gangs: so
    nothing that starts whole gangs on nodes does better. Amounts are thousandths of a GPU.
    """

    def __init__(self, progress: Progress, most_rounds: int = NO_LIMIT) -> None:
        self._progress = progress
        self._most_rounds = most_rounds
        self._lp = pywraplp.Solver.CreateSolver("GLOP")
        self._flows: dict[Cell, dict[str, pywraplp.Variable]] = {}
        self._wanted: dict[Cell, int] = {}
        self._pools: dict[str, pywraplp.Constraint] = {}
        self._limits: dict[Bound, pywraplp.Constraint] = {}
        # Of the newest solution read: GPUs by the pools used, those that want more, and amounts.
        self._used: dict[Cell, dict[str, float]] = {}
        self._want_more: set[Cell] = set()
        self._amounts: dict[Cell, float] = {}
        for cell, gpus in wanted_gpus(progress).items():
            self._add(cell, gpus)

    def levels(self, depth: int) -> dict[Subject, float]:
        """Return each tenant's amount in the leximin of this depth, and hold it from now on.

        When the rounds run out, those with the highest shares are left out.
        """
        level = self._lp.NumVar(-self._lp.infinity(), self._lp.infinity(), "")
        by_path: dict[Subject, list[Cell]] = {}
        for cell in self._flows:
            by_path.setdefault(cell.organisation[:depth], []).append(cell)
        rows = {path: self._share_row(path, cells, level) for path, cells in by_path.items()}
        amounts = self._served(rows, by_path, level)
        for path in amounts:
            del rows[path]
        rounds = 0
        while rows and rounds < self._most_rounds and self._solved({level: 1.0}):
            rounds += 1
            self._read_solution()
            reached = level.solution_value()
            needs = {path: reached * self._progress.standings.share(path) for path in rows}
            spare = self._spare(by_path, {**needs, **amounts})
            for path in self._settled(rows, by_path, spare):
                amounts[path] = max(needs[path], self._progress.standings.amount(path))
                self._hold(rows.pop(path), path, level, amounts[path])
        level.SetBounds(0, 0)
        return amounts

    def _served(
        self,
        rows: Mapping[Subject, pywraplp.Constraint],
        by_path: Mapping[Subject, list[Cell]],
        level: pywraplp.Variable,
    ) -> dict[Subject, float]:
        """Hold and return the amounts of those that get all they want before a pool runs short.

        They are those who want least for their share. How many they are is found by halving,
        because each alone would be a round; where they are few, rounds are cheaper.
        """
        standings = self._progress.standings
        wants = {path: self._most(path, cells) for path, cells in by_path.items()}
        order = sorted(wants, key=lambda path: wants[path] / standings.share(path))

        def holds(count: int) -> bool:
            for path in order[:count]:
                self._hold(rows[path], path, level, wants[path])
            for path in order[count:]:
                rows[path].SetCoefficient(level, -standings.share(path))
                rows[path].SetLb(-standings.amount(path))
            if not count or not self._solved({level: 1.0} if count < len(order) else {}):
                return not count
            last = order[count - 1]
            reached = level.solution_value() * standings.share(last)
            return count == len(order) or reached >= wants[last] - HELD

        served = len(order)
        if not holds(served):
            half = served // 2
            served = highest(half, served - 1, holds) if holds(half) else 0
            holds(served)
        return {path: wants[path] for path in order[:served]}

    def _hold(
        self, row: pywraplp.Constraint, path: Subject, level: pywraplp.Variable, amount: float
    ) -> None:
        row.SetCoefficient(level, 0)
        row.SetLb(amount - self._progress.standings.amount(path) - HELD)

    def _most(self, path: Subject, cells: Iterable[Cell]) -> float:
        """Return the tenant's amount if it gets all it wants, in the dearest pools that suit."""
        standings = self._progress.standings
        wanted = sum(
            self._wanted[cell] * max(standings.rate(pool) for pool in cell.pools) for cell in cells
        )
        return float(standings.amount(path) + wanted)

    def most_gpus(self) -> float:
        """Return the most GPUs that can start while all amounts held so far are kept."""
        flows = [flow for by_pool in self._flows.values() for flow in by_pool.values()]
        solved = self._solved(dict.fromkeys(flows, 1.0))
        return float(self._lp.Objective().Value()) if solved else float("inf")

    def _add(self, cell: Cell, gpus: int) -> None:
        row = self._lp.Constraint(0, gpus)
        self._wanted[cell] = gpus
        self._flows[cell] = {}
        for pool in cell.pools:
            flow = self._flows[cell][pool] = self._lp.NumVar(0, gpus, "")
            row.SetCoefficient(flow, 1)
            self._pool_row(pool).SetCoefficient(flow, 1)
            for bound in self._progress.ledger.tenant_bounds(cell.organisation, pool):
                self._limit_row(bound).SetCoefficient(flow, 1)

    def _pool_row(self, pool: str) -> pywraplp.Constraint:
        if pool not in self._pools:
            free = self._progress.ledger.free_gpus(pool)
            self._pools[pool] = self._lp.Constraint(0, max(0, free))
        return self._pools[pool]

    def _limit_row(self, bound: Bound) -> pywraplp.Constraint:
        if bound not in self._limits:
            self._limits[bound] = self._lp.Constraint(0, self._progress.ledger.left(bound))
        return self._limits[bound]

    def _share_row(
        self, path: Subject, cells: Iterable[Cell], level: pywraplp.Variable
    ) -> pywraplp.Constraint:
        """Hold that the tenant's amount is at least its share of the level."""
        standings = self._progress.standings
        row = self._lp.Constraint(-standings.amount(path), self._lp.infinity())
        row.SetCoefficient(level, -standings.share(path))
        for cell in cells:
            for pool, flow in self._flows[cell].items():
                row.SetCoefficient(flow, standings.rate(pool))
        return row

    def _solved(self, objective: Mapping[pywraplp.Variable, float]) -> bool:
        goal = self._lp.Objective()
        goal.Clear()
        for variable, weight in objective.items():
            goal.SetCoefficient(variable, weight)
        goal.SetMaximization()
        return bool(self._lp.Solve() == pywraplp.Solver.OPTIMAL)

    def _read_solution(self) -> None:
        rates = {pool: self._progress.standings.rate(pool) for pool in self._pools}
        self._want_more.clear()
        for cell, by_pool in self._flows.items():
            started = {pool: flow.solution_value() for pool, flow in by_pool.items()}
            self._amounts[cell] = sum(rates[pool] * gpus for pool, gpus in started.items())
            self._used[cell] = {pool: gpus for pool, gpus in started.items() if gpus > SLACK}
            if sum(started.values()) < self._wanted[cell] - SLACK:
                self._want_more.add(cell)

    def _settled(
        self,
        rows: Mapping[Subject, pywraplp.Constraint],
        by_path: Mapping[Subject, list[Cell]],
        spare: set[str],
    ) -> list[Subject]:
        """Return those whose amounts cannot rise any more: never nobody.

        Who holds the level down has a dual. Besides, who has nothing started and reaches no pool
        with GPUs to spare stays where it began.
        """
        held_back = [path for path, row in rows.items() if abs(row.dual_value()) > HOLDS_BACK]
        stuck = [
            path
            for path in rows
            if not self._amount(by_path[path])
            and not any(self._may_grow(cell, spare) for cell in by_path[path])
        ]
        return list(dict.fromkeys((*held_back, *stuck))) or list(rows)

    def _spare(
        self, by_path: Mapping[Subject, list[Cell]], needs: Mapping[Subject, float]
    ) -> set[str]:
        """Return the pools with GPUs to spare: free, beyond a need, or of one who can move away."""
        amount_of = self._progress.standings.amount
        used = dict.fromkeys(self._pools, 0.0)
        users: dict[str, set[Subject]] = {pool: set() for pool in self._pools}
        for path, cells in by_path.items():
            for cell in cells:
                for pool, gpus in self._used[cell].items():
                    used[pool] += gpus
                    users[pool].add(path)
        above = {
            path
            for path, cells in by_path.items()
            if self._amount(cells) + amount_of(path) > needs[path] + SLACK
        }
        spare = {pool for pool, row in self._pools.items() if used[pool] < row.ub() - SLACK}
        while True:
            giving = above | {
                path
                for path, cells in by_path.items()
                if any(self._may_move(cell, spare) for cell in cells)
            }
            more = {pool for pool, paths in users.items() if not giving.isdisjoint(paths)} - spare
            if not more:
                return spare
            spare |= more

    def _may_move(self, cell: Cell, spare: set[str]) -> bool:
        """Say whether a tenant can have in a pool to spare what it has elsewhere, or more."""
        wants = cell in self._want_more or not self._used[cell].keys() <= spare
        return wants and not spare.isdisjoint(cell.pools)

    def _may_grow(self, cell: Cell, spare: set[str]) -> bool:
        return cell in self._want_more and not spare.isdisjoint(cell.pools)

    def _amount(self, cells: Iterable[Cell]) -> float:
        """Return what the newest solution starts in these cells, in thousandths of a GPU."""
        amount = sum(self._amounts[cell] for cell in cells)
        return amount if amount > SLACK else 0.0


def wanted_gpus(progress: Progress) -> dict[Cell, int]:
    """Return the GPUs that waiting gangs ask for, by organisation and the pools that suit."""
    jobs: Counter[tuple[Subject, tuple[Option, ...]]] = Counter()
    for number, group in enumerate(progress.problem.groups):
        jobs[group.tenant.path(2), group.options] += progress.waiting(number)
    wanted: Counter[tuple[Subject, tuple[str, ...]]] = Counter()
    for (organisation, options), waiting in jobs.items():
        pools = tuple(option.pool for option in options if option.is_up)
        if pools:
            wanted[organisation, pools] += waiting * options[0].gang.gpus
    return {Cell(*key): gpus for key, gpus in wanted.items() if gpus}
