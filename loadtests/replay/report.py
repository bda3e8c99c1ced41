"""A replay's results: one table of all schedulers, JSON, and figures beside the goals."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.table import Table

from loadtests.figures import Figure
from loadtests.replay.runs import FIRST_COME, SLURM_NAMES, TENDIK, TENDIK_RECALL, Run
from scheduler.simulation.measures import Measures

FOLDER = Path(__file__).resolve().parents[2] / "build" / "replay"
HOUR_S = 3600


@dataclass(frozen=True, slots=True)
class Column:
    """A measure in the table: how it is read, written, and which value is the best."""

    title: str
    name: str
    form: str = ".1f"
    scale: float = 1.0
    more_is_better: bool = False

    def value(self, measures: Measures) -> float:
        return float(getattr(measures, self.name)) * self.scale

    def best(self, runs: Sequence[Run]) -> float:
        values = [self.value(run.measures) for run in runs]
        return max(values) if self.more_is_better else min(values)


COLUMNS = (
    Column("util %", "utilisation", ".1f", 100, more_is_better=True),
    Column("busy %", "busy_utilisation", ".1f", 100, more_is_better=True),
    Column("wait h", "wait_mean_s", ".2f", 1 / HOUR_S),
    Column("max", "wait_max_s", ".0f", 1 / HOUR_S),
    Column("gangs", "gang_wait_mean_s", ".2f", 1 / HOUR_S),
    Column("slowdown", "slowdown_mean", ".2f"),
    Column("p95", "slowdown_p95", ".1f"),
    Column("p99", "slowdown_p99", ".0f"),
    Column("worst rho", "worst_rho", ".2f"),
    Column("Jain", "jain", ".3f", more_is_better=True),
    Column("undelivered %", "undelivered", ".1f", 100),
    Column("lag h", "worst_lag_s", ".2f", 1 / HOUR_S),
)


def table_of(runs: Sequence[Run], title: str) -> Table:
    """Return every scheduler's figures; the best of each column is bold."""
    table = Table("scheduler", title=title)
    for column in COLUMNS:
        table.add_column(column.title, justify="right")
    table.add_column("recalls", justify="right")
    for run in runs:
        cells = (_cell(column, run, runs) for column in COLUMNS)
        table.add_row(run.name, *cells, str(run.measures.recalls))
    return table


def _cell(column: Column, run: Run, runs: Sequence[Run]) -> str:
    value = column.value(run.measures)
    text = f"{value:,{column.form}}"
    return f"[bold]{text}[/]" if value == column.best(runs) else text


def write_json(path: Path, about: Mapping[str, object], runs: Sequence[Run]) -> None:
    """Write what was replayed and every measure of every scheduler."""
    found = {run.name: asdict(run.measures) | _cost(run) for run in runs}
    text = json.dumps({"workload": about, "schedulers": found}, indent=2, ensure_ascii=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n", encoding="utf-8")


def _cost(run: Run) -> dict[str, object]:
    cost: dict[str, object] = {"seconds": run.seconds}
    if run.replayed is not None:
        cost |= {
            "cycles": run.replayed.ticks,
            "allocator_ms_per_cycle": run.replayed.allocator_seconds / run.replayed.ticks * 1000,
            "engine_ms_per_cycle": run.replayed.engine_ms_per_tick,
            "violations": run.replayed.violations,
            "solvers": run.replayed.solvers,
        }
    return cost


@dataclass(frozen=True, slots=True)
class Goals:
    """The most, or the least, that a figure may be; 1 × the best of the Slurm-like settings."""

    slowdown: float = 1.0
    slowdown_p95: float = 1.0
    worst_rho: float | None = None
    jain: float | None = None
    longest_wait: float = 1.3
    utilisation_points: float = 0.2


# By trace as logged and whether recall is allowed; everything else is held to the defaults.
GOALS: Mapping[tuple[str, bool], Goals] = {
    ("sdsc_sp2_1998", True): Goals(0.55, 0.30, worst_rho=3.5, jain=0.92),
    ("sdsc_sp2_1998", False): Goals(0.95),
    ("philly_2017_first20k", True): Goals(0.40),
    ("philly_2017_first20k", False): Goals(0.65),
}


def figures_of(name: str, trace: str, runs: Sequence[Run]) -> Iterator[Figure]:
    """Yield the figures of each of the service's runs; `trace` is empty if it was changed."""
    by_name = {run.name: run.measures for run in runs}
    slurm = [by_name[setting] for setting in SLURM_NAMES]
    for own, label in ((TENDIK, ""), (TENDIK_RECALL, "_recall")):
        if own in by_name:
            goals = GOALS.get((trace, own == TENDIK_RECALL), Goals())
            prefix = f"replay_{name}{label}"
            yield from _against_slurm(prefix, by_name[own], slurm, goals)
            yield _longest_wait(prefix, by_name[own], by_name[FIRST_COME], goals)
            yield from _fairness(prefix, by_name[own], slurm, goals)


def _against_slurm(
    prefix: str, own: Measures, slurm: Sequence[Measures], goals: Goals
) -> Iterator[Figure]:
    """Compare each measure with the best that any of the settings reaches in it."""
    named = {"slowdown_mean": goals.slowdown, "slowdown_p95": goals.slowdown_p95}
    for measure, goal in named.items():
        value, best = getattr(own, measure), min(getattr(other, measure) for other in slurm)
        ratio = value / best
        detail = f"{value:.2f}; the best of {len(slurm)} Slurm-like settings {best:.2f}"
        yield Figure(f"{prefix}_{measure}", ratio, "x", f"<= {goal:g}", ratio <= goal, detail)
    lost = (max(other.utilisation for other in slurm) - own.utilisation) * 100
    detail = f"{own.utilisation * 100:.2f} %, below the best of the Slurm-like settings"
    most = goals.utilisation_points
    yield Figure(f"{prefix}_utilisation_lost", lost, "points", f"<= {most:g}", lost <= most, detail)


def _longest_wait(prefix: str, own: Measures, first_come: Measures, goals: Goals) -> Figure:
    ratio = own.wait_max_s / first_come.wait_max_s if first_come.wait_max_s else 1.0
    detail = f"{own.wait_max_s / HOUR_S:.0f} h; {FIRST_COME} {first_come.wait_max_s / HOUR_S:.0f} h"
    goal = f"<= {goals.longest_wait:g}"
    holds = ratio <= goals.longest_wait
    return Figure(f"{prefix}_longest_wait", ratio, f"x {FIRST_COME}", goal, holds, detail)


def _fairness(
    prefix: str, own: Measures, slurm: Sequence[Measures], goals: Goals
) -> Iterator[Figure]:
    """The goal is the issue's, or to be no worse than the best of the settings."""
    best_rho = min(other.worst_rho for other in slurm)
    best_jain = max(other.jain for other in slurm)
    most, least = goals.worst_rho or best_rho, goals.jain or best_jain
    yield Figure(
        *(f"{prefix}_worst_rho", own.worst_rho, "x fluid", f"<= {most:.3g}"),
        holds=own.worst_rho <= most,
        detail=f"{own.worst_rho_organisation}; the best Slurm-like setting {best_rho:.2f}",
    )
    yield Figure(
        *(f"{prefix}_jain", own.jain, "of 1 / rho", f">= {least:.3g}"),
        holds=own.jain >= least,
        detail=f"the best Slurm-like setting {best_jain:.3f}",
    )
