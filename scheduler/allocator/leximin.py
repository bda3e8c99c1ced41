"""Leximin of the usage-corrected shares at one level of the tenant tree."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from ortools.sat.python.cp_model import CpModel

from scheduler.allocator.linear import Linear
from scheduler.allocator.search import Search
from scheduler.allocator.standings import LEVELS, PER_GPU
from scheduler.domain.decisions import SolverStatus, StageResult
from scheduler.domain.quotas import Subject


@dataclass(slots=True)
class Row:
    """One tenant that could start something; amounts in thousandths of a normalised GPU.

    `sure` is what the rounds so far have secured, `begins` what it has if nothing starts.
    """

    amount: Linear
    share: int
    begins: int
    could_start: int
    sure: int = field(init=False)
    settled: bool = False

    def __post_init__(self) -> None:
        self.sure = self.begins


def even_out(search: Search, depth: int) -> None:
    """Raise the lowest share as far as it goes, then the next lowest, and so on.

    Each round raises the minimum of the shares that are not settled, and has the fewest stay at
    it; those that stay are settled. Which of several equals stay is the solver's seeded choice.
    """
    level = _Level(search, depth)
    while level.open_rows():
        level.play_round()
    search.results.append(level.result())


class _Level:
    def __init__(self, search: Search, depth: int) -> None:
        self._search = search
        self._name = LEVELS[depth]
        self._rows = [_row(search, path) for path in _rivals(search, depth)]
        ledger, standings = search.model.progress.ledger, search.model.progress.standings
        pools = dict.fromkeys(candidate.option.pool for candidate in search.model.starts)
        self._room = sum(ledger.free_gpus(pool) * standings.rate(pool) for pool in pools)
        self._rounds: list[StageResult] = []

    def open_rows(self) -> list[Row]:
        """Return the rows that are not settled and could still get more than is sure."""
        spare = self._room - sum(row.sure - row.begins for row in self._rows)
        return [row for row in self._rows if not row.settled and self._reach(row, spare) > row.sure]

    def play_round(self) -> None:
        rows = self.open_rows()
        status, bound = self._raise_lowest(rows)
        lowest = self._lowest(rows)
        self._rounds.append(
            StageResult(self._name, status, lowest / PER_GPU, max(lowest, bound) / PER_GPU)
        )
        for row in rows:
            reached = row.amount.value(self._search.values) // row.share
            row.settled = reached <= lowest or status is SolverStatus.UNKNOWN
            row.sure = max(row.sure, min(reached, lowest + 1) * row.share)
            self._search.model.cp.add(row.amount.expr() >= row.sure)

    def result(self) -> StageResult:
        """Return the round that is furthest from its bound; the first when all are proved."""
        if not self._rounds:
            return StageResult(self._name, SolverStatus.OPTIMAL, 0.0, 0.0)
        unproved = [one for one in self._rounds if one.status is not SolverStatus.OPTIMAL]
        return max(unproved or self._rounds[:1], key=lambda one: one.bound - one.value)

    def _raise_lowest(self, rows: list[Row]) -> tuple[SolverStatus, int]:
        spare = self._room - sum(row.sure - row.begins for row in self._rows)
        tops = [self._reach(row, spare) // row.share for row in rows]
        top, lowest = min(tops), self._lowest(rows)
        most = _score(len(rows), top, sum(each > top for each in tops))
        if _score(len(rows), lowest, self._above(rows, lowest)) >= most:
            return SolverStatus.OPTIMAL, top
        cp = self._search.model.cp.clone()
        status, bound = self._search.improve(cp, _lowest_share(cp, rows, lowest, top))
        return status, int(min(bound, most)) // (len(rows) + 1)

    def _lowest(self, rows: list[Row]) -> int:
        return min(row.amount.value(self._search.values) // row.share for row in rows)

    def _above(self, rows: list[Row], lowest: int) -> int:
        return sum(row.amount.value(self._search.values) // row.share > lowest for row in rows)

    @staticmethod
    def _reach(row: Row, spare: int) -> int:
        """Return what the row cannot exceed while the others keep what is sure."""
        return min(row.begins + row.could_start, row.sure + spare)


def _score(rows: int, lowest: int, above: int) -> int:
    return (rows + 1) * lowest + above


def _lowest_share(cp: CpModel, rows: list[Row], least: int, most: int) -> Linear:
    """Return an objective: the lowest share first, then how many are above it."""
    lowest = cp.new_int_var(least, most, "")
    above = [cp.new_bool_var("") for _ in rows]
    for row, is_above in zip(rows, above, strict=True):
        cp.add(row.amount.expr() >= row.share * lowest + row.share * is_above)
    return Linear(((len(rows) + 1, lowest), *((1, is_above) for is_above in above)))


def _rivals(search: Search, depth: int) -> list[Subject]:
    """Return the paths of this depth that share their parent with another such path."""
    paths = [path for path in search.model.by_path if len(path) == depth]
    siblings = Counter(path[:-1] for path in paths)
    return [path for path in paths if siblings[path[:-1]] > 1]


def _row(search: Search, path: Subject) -> Row:
    model, standings = search.model, search.model.progress.standings
    weights = {c: c.option.gang.gpus * standings.rate(c.option.pool) for c in model.by_path[path]}
    begins = standings.amount(path)
    terms = tuple((weight, model.starts[c]) for c, weight in weights.items())
    could_start = sum(weight * c.at_most for c, weight in weights.items())
    return Row(Linear(terms, begins), standings.share(path), begins, could_start)
