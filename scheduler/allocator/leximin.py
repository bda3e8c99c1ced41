"""Leximin of the usage-corrected shares at one level of the tenant tree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from ortools.sat.python.cp_model import CpModel, IntVar

from scheduler.allocator.bounds import NEVER, Reachable, highest
from scheduler.allocator.linear import Linear
from scheduler.allocator.search import Search
from scheduler.allocator.standings import LEVELS, PER_GPU
from scheduler.domain.decisions import SolverStatus, StageResult
from scheduler.domain.shares.quotas import Subject


@dataclass(slots=True)
class Row:
    """One tenant that could start something; amounts in thousandths of a normalised GPU.

    A row is in play until it is settled. When several could stay behind, `ahead` is the variable
    that says whether this one does not: who stays is left open until the level's end. `rank` is
    higher for who waits longer.
    """

    path: Subject
    amount: Linear
    share: int
    reachable: Reachable
    rank: int
    ahead: IntVar | None = None
    settled: bool = False

    def need(self, level: int) -> int:
        """Return the least that must start for the share to reach the level."""
        return self.reachable.at_least(self.share * level - self.amount.constant)

    def can_be_at(self, level: int) -> bool:
        """Say whether the share could be this level, the part of a thousandth left aside."""
        return (self.amount.constant + self.need(level)) // self.share == level

    @property
    def top(self) -> int:
        """Return the level that the tenant would reach if all were its own."""
        return (self.amount.constant + self.reachable.most) // self.share


def even_out(search: Search, depth: int) -> None:
    """Raise the lowest share as far as it goes, then the next lowest, and so on.

    Each round raises the minimum of the shares in play and has the fewest stay at it. Those leave
    the play, but for classes and organisations not by name where another might stay in their
    place: only at the end do equals come in the order of who waits longest.
    """
    level = _Level(search, depth)
    while rows := level.in_play():
        level.play_round(rows)
    level.name_equals()
    search.results.append(level.result())


class _Level:
    def __init__(self, search: Search, depth: int) -> None:
        self._search = search
        self._name = LEVELS[depth]
        self._by_name = depth > 2
        self._rows = [_row(search, path) for path in _rivals(search, depth)]
        self._rounds: list[StageResult] = []

    def in_play(self) -> list[Row]:
        """Return the rows whose shares the next round raises, by the best known values."""
        room = self._search.room
        left = room.left({})
        for row in self._rows:
            if not row.settled and row.ahead is None:
                more = row.reachable.at_least(room.sure(row.path) + 1)
                # What it adds may be secured for its parent already: only then the sum is needed.
                is_sure = more - room.sure(row.path) <= left
                row.settled = not is_sure and room.left({row.path: more}) < 0
        return [row for row in self._open() if self._is_ahead(row)]

    def play_round(self, rows: Sequence[Row]) -> None:
        status, bound = self._raise_lowest(rows)
        rows = [row for row in self._open() if self._is_ahead(row)]
        lowest = min(map(self._reached, rows))
        self._rounds.append(
            StageResult(self._name, status, lowest / PER_GPU, max(lowest, bound) / PER_GPU)
        )
        could_stay = [row for row in self._open() if row.can_be_at(lowest)]
        stay = [row for row in rows if self._reached(row) <= lowest]
        if status is SolverStatus.UNKNOWN:
            self._settle(self._open(), lowest)
        elif self._by_name or all(row in stay and row.ahead is None for row in could_stay):
            self._settle(stay, lowest)
        else:
            self._leave_open(could_stay, lowest)
        self._hold(lowest)

    def name_equals(self) -> None:
        """Choose among those that could stay behind: who waits longest gets ahead."""
        unnamed = [row for row in self._rows if row.ahead is not None]
        if not unnamed:
            return
        terms = ((row.rank * weight, v) for row in unnamed for weight, v in row.amount.terms)
        cp = self._search.model.cp.copy()
        self._search.improve(cp, Linear(tuple(terms)))
        for row in unnamed:
            self._search.secure(row.path, row.amount, row.need(self._reached(row)))

    def result(self) -> StageResult:
        """Return the round that is furthest from its bound; the first when all are proved."""
        if not self._rounds:
            return StageResult(self._name, SolverStatus.OPTIMAL, 0.0, 0.0)
        unproved = [one for one in self._rounds if one.status is not SolverStatus.OPTIMAL]
        return max(unproved or self._rounds[:1], key=lambda one: one.bound - one.value)

    def _open(self) -> list[Row]:
        return [row for row in self._rows if not row.settled]

    def _is_ahead(self, row: Row) -> bool:
        return row.ahead is None or self._search.values[row.ahead.index] == 1

    def _reached(self, row: Row) -> int:
        return row.amount.value(self._search.values) // row.share

    def _settle(self, rows: Sequence[Row], level: int) -> None:
        for row in rows:
            row.settled = True
            if row.ahead is None:
                secured = row.need(min(level, self._reached(row)))
                self._search.secure(row.path, row.amount, secured)

    def _leave_open(self, could_stay: Sequence[Row], level: int) -> None:
        """Fix how many get ahead of the level, not which of those that could stay."""
        cp, values = self._search.model.cp, self._search.values
        for row in could_stay:
            was_ahead, now_ahead = row.ahead, cp.new_bool_var("")
            values[now_ahead.index] = int(self._is_ahead(row) and self._reached(row) > level)
            if was_ahead is None:
                self._search.secure(row.path, row.amount, row.need(level))
            else:
                cp.add_implication(now_ahead, was_ahead)
                cp.add(row.amount.expr() >= row.share * level).only_enforce_if(was_ahead)
            row.ahead = now_ahead
        ahead = [row.ahead for row in self._open() if row.ahead is not None]
        cp.add(sum(ahead) >= sum(values[variable.index] for variable in ahead))

    def _hold(self, level: int) -> None:
        """Hold that every row still in play is above the level."""
        for row in self._open():
            if row.ahead is None:
                self._search.secure(row.path, row.amount, row.need(level + 1))
            else:
                above = row.amount.expr() >= row.share * (level + 1)
                self._search.model.cp.add(above).only_enforce_if(row.ahead)

    def _raise_lowest(self, rows: Sequence[Row]) -> tuple[SolverStatus, int]:
        """Search only when the best known values are below what counting GPUs allows."""
        everyone = self._open()
        lowest = min(map(self._reached, rows))
        named = min((row.top for row in rows if row.ahead is None), default=NEVER)
        most = min(named, max(row.top for row in everyone))
        top = highest(lowest, most, lambda level: self._could_reach(rows, level))
        above = sum(self._reached(row) > lowest for row in rows)
        if lowest == top and above >= self._most_above(rows, top):
            return SolverStatus.OPTIMAL, top
        cp = self._search.model.cp.copy()
        status, bound = self._search.improve(cp, _lowest_share(cp, everyone, (lowest, top)))
        return status, min(top, int(min(bound, NEVER)) // (len(everyone) + 1))

    def _could_reach(self, rows: Sequence[Row], level: int) -> bool:
        """Say whether there is room for all named rows, and for the cheapest of the others."""
        room = self._search.room
        base = {row.path: row.need(level) for row in rows if row.ahead is None}
        left = room.left(base)
        others = [(row.path, row.need(level)) for row in self._open() if row.ahead is not None]
        costs = sorted(room.costs(base, others)) if others else []
        return sum(costs[: sum(row.ahead is not None for row in rows)]) <= left

    def _most_above(self, rows: Sequence[Row], level: int) -> int:
        """Return how many rows at most could be above the level while all are on it."""
        room = self._search.room
        named = [row for row in rows if row.ahead is None]
        base = {row.path: row.need(level) for row in named}
        left = room.left(base)
        costs = room.costs(base, [(row.path, row.need(level + 1)) for row in named])
        above = sum(total <= left for total in accumulate(sorted(costs)))
        return above + len(rows) - len(named)


def _lowest_share(cp: CpModel, rows: Sequence[Row], between: tuple[int, int]) -> Linear:
    """Return an objective: the lowest share in play first, then how many are above it."""
    least, most = between
    lowest = cp.new_int_var(least, most, "")
    above = [cp.new_bool_var("") for _ in rows]
    for row, is_above in zip(rows, above, strict=True):
        required = row.share * lowest + row.share * is_above
        if row.ahead is not None:
            cp.add(is_above <= row.ahead)
            required += row.share * most * (row.ahead - 1)
        cp.add(row.amount.expr() >= required)
    return Linear(((len(rows) + 1, lowest), *((1, is_above) for is_above in above)))


def _rivals(search: Search, depth: int) -> list[Subject]:
    """Return the paths of this depth that share their parent with another such path."""
    paths = [path for path in search.model.by_path if len(path) == depth]
    siblings = Counter(path[:-1] for path in paths)
    return [path for path in paths if siblings[path[:-1]] > 1]


def _row(search: Search, path: Subject) -> Row:
    model, standings = search.model, search.model.progress.standings
    pools = dict.fromkeys(candidate.option.pool for candidate in model.by_path[path])
    terms = tuple((standings.rate(pool), model.started[path, pool]) for pool in pools)
    reachable = Reachable([(standings.rate(pool), model.sums[path, pool]) for pool in pools])
    rank = len(model.progress.problem.groups) - min(c.bundle.oldest for c in model.by_path[path])
    return Row(path, Linear(terms, standings.amount(path)), standings.share(path), reachable, rank)
