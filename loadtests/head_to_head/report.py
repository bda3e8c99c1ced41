"""The comparison in figures: a table, a file, and the promises that hold or do not."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from operator import attrgetter
from pathlib import Path

from rich.table import Table

from loadtests.figures import Figure
from loadtests.head_to_head.cut import CAPACITY_GPUS, GANG_GPUS
from scheduler.simulation.finished import FinishedJob
from scheduler.simulation.measures import Measures, Yardstick, measure

# Slowdowns are bounded at 10 s of the run itself, not of the trace: a start alone costs Slurm a
# good part of a second, so nothing shorter can be told apart.
YARDSTICK = Yardstick(CAPACITY_GPUS, slowdown_bound_s=10.0, gang_gpus=GANG_GPUS)


@dataclass(frozen=True, slots=True)
class Contest:
    """One figure that both are compared by: `goal` is what ours ÷ Slurm's should come to."""

    name: str
    title: str
    unit: str
    goal: float = 1.0
    more_is_better: bool = False

    @property
    def titled(self) -> str:
        return f"{self.title} ({self.unit})" if self.unit else self.title

    def value(self, measures: Measures) -> float:
        return float(attrgetter(self.name)(measures))

    def holds(self, ratio: float) -> bool:
        return ratio > self.goal if self.more_is_better else ratio < self.goal


CONTESTS = (
    Contest("undelivered", "entitled and wanted, but undelivered", "of the service", goal=0.5),
    Contest("slowdown_mean", "bounded slowdown, mean", ""),
    Contest("slowdown_p95", "bounded slowdown, p95", ""),
    Contest("gang_wait_mean_s", f"mean wait of gangs of {GANG_GPUS} GPUs or more", "s", goal=0.5),
    Contest("busy_utilisation", "GPUs busy in the loaded window", "", more_is_better=True),
    Contest("worst_lag_s", "worst lag of an organisation", "cluster-seconds"),
)
# Shown beside them, without a goal.
ALSO = (
    Contest("utilisation", "GPUs busy until the last end", "", more_is_better=True),
    Contest("wait_mean_s", "mean wait", "s"),
    Contest("wait_max_s", "longest wait", "s"),
    Contest("slowdown_p99", "bounded slowdown, p99", ""),
    Contest("worst_rho", "worst turnaround, in the fluid cluster's", "x"),
    Contest("jain", "Jain's index of the organisations", "", more_is_better=True),
    Contest("recalls", "recalls", "jobs"),
)


def measured(runs: Mapping[str, Sequence[FinishedJob]]) -> Mapping[str, Measures]:
    return {name: measure(jobs, YARDSTICK) for name, jobs in runs.items()}


def as_table(found: Mapping[str, Measures], title: str) -> Table:
    """Return a row for each figure; the first run is what the others are compared with."""
    table = Table("figure", *found, title=title)
    first = next(iter(found.values()))
    for contest in (*CONTESTS, *ALSO):
        cells = (_cell(contest, contest.value(one), contest.value(first)) for one in found.values())
        table.add_row(
            f"{contest.title} ({contest.unit})" if contest.unit else contest.title, *cells
        )
    return table


def _cell(contest: Contest, value: float, opponent: float) -> str:
    if value == opponent:
        return f"{value:,.3g}"
    better = (value > opponent) == contest.more_is_better
    return f"[{'green' if better else 'red'}]{value:,.3g}[/]"


def figures_of(found: Mapping[str, Measures], ours: str, cut_title: str) -> Iterator[Figure]:
    """Yield ours ÷ the first run's for every contest.

    `tendik` gives `head_to_head_…`, and `tendik-recall` `head_to_head_recall_…`.
    """
    name, opponent = next(iter(found.items()))
    prefix = ours.replace("tendik", "head_to_head").replace("-", "_")
    for contest in CONTESTS:
        mine, theirs = contest.value(found[ours]), contest.value(opponent)
        ratio = mine / theirs if theirs else 1.0
        yield Figure(
            name=f"{prefix}_{contest.name.removesuffix('_s')}",
            value=ratio,
            unit=f"x {name}",
            goal=f"{'>' if contest.more_is_better else '<'} {contest.goal:g}",
            holds=contest.holds(ratio),
            detail=f"{contest.titled}: {mine:.3g} against {theirs:.3g}; {cut_title}",
        )


def write_json(found: Mapping[str, Measures], cut_title: str, path: Path) -> None:
    content = {"workload": cut_title, "runs": {name: asdict(one) for name, one in found.items()}}
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
