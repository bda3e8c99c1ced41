"""A schedule over time, in even bins: for pictures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from scheduler.simulation.finished import FinishedJob
from scheduler.simulation.measures import Yardstick, standings


@dataclass(slots=True)
class Bins:
    """Even spans of time from `start_s` to `end_s`, and the mean of something in each."""

    start_s: float
    end_s: float
    count: int
    _sums: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.count < 1 or self.end_s <= self.start_s:
            raise ValueError(f"bins need a span and a number: {self}")
        self._sums = [0.0] * self.count

    @property
    def width_s(self) -> float:
        return (self.end_s - self.start_s) / self.count

    @property
    def middles_s(self) -> Sequence[float]:
        return [self.start_s + (number + 0.5) * self.width_s for number in range(self.count)]

    @property
    def means(self) -> Sequence[float]:
        return [total / self.width_s for total in self._sums]

    def add(self, since_s: float, until_s: float, amount: float) -> None:
        """Let there be so much more from `since_s` to `until_s`; what lies outside is left out."""
        first = self._number_of(max(since_s, self.start_s))
        last = self._number_of(min(until_s, self.end_s))
        # One more on either side: which bin holds an edge is a matter of rounding.
        for number in range(max(0, first - 1), min(self.count, last + 2)):
            overlap_s = min(until_s, self._edge_s(number + 1)) - max(since_s, self._edge_s(number))
            self._sums[number] += max(0.0, overlap_s) * amount

    def _number_of(self, moment_s: float) -> int:
        return int((moment_s - self.start_s) / self.width_s)

    def _edge_s(self, number: int) -> float:
        return self.end_s if number == self.count else self.start_s + number * self.width_s

    def alike(self) -> Bins:
        """Return empty bins of the same spans."""
        return Bins(self.start_s, self.end_s, self.count)


def held_gpus(jobs: Iterable[FinishedJob], bins: Bins) -> Sequence[float]:
    """Return the mean GPUs held in each bin."""
    own = bins.alike()
    for job in jobs:
        for start_s, end_s in job.held:
            own.add(start_s, end_s, job.gpus)
    return own.means


def shares_over_time(
    jobs: Sequence[FinishedJob], yardstick: Yardstick, bins: Bins
) -> Mapping[str, tuple[Sequence[float], Sequence[float]]]:
    """Return each organisation's mean entitled and mean held GPUs in each bin."""
    entitled: defaultdict[str, Bins] = defaultdict(bins.alike)
    for standing in standings(jobs, yardstick):
        for name, gpus in standing.entitled_gpus.items():
            entitled[name].add(standing.start_s, standing.end_s, gpus)
    own: defaultdict[str, list[FinishedJob]] = defaultdict(list)
    for job in jobs:
        own[job.organisation].append(job)
    return {name: (entitled[name].means, held_gpus(held, bins)) for name, held in own.items()}
