"""The comparison as a picture: who was served when, and how busy the GPUs were."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from math import ceil
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from loadtests.head_to_head.cut import CAPACITY_GPUS
from scheduler.simulation.finished import FinishedJob
from scheduler.simulation.fluid import Point, fluid_run
from scheduler.simulation.measures import service_curves, utilisation

COLUMNS = 4
# Single jobs of two seconds would hide how busy the cluster is.
BUSY_WINDOW_S = 10
# Told apart by eyes that do not tell red from green.
COLOURS = ("#d55e00", "#0072b2", "#009e73", "#cc79a7")
Runs = Mapping[str, Sequence[FinishedJob]]


def draw(runs: Runs, title: str, path: Path) -> None:
    """Write a PNG: a small picture for each organisation, and the whole cluster below."""
    mpl.use("Agg")
    jobs = next(iter(runs.values()))
    names = sorted({job.organisation for job in jobs})
    rows = -(-len(names) // COLUMNS)
    figure = Figure(figsize=(15, 2.6 * rows + 4.2), layout="constrained")
    grid = figure.add_gridspec(rows + 1, COLUMNS, height_ratios=[1.0] * rows + [1.5])
    figure.suptitle(title)
    end_s = max(job.end_s for one in runs.values() for job in one)
    entitled = fluid_run(jobs, CAPACITY_GPUS).service
    for number, name in enumerate(names):
        axes = figure.add_subplot(grid[number // COLUMNS, number % COLUMNS])
        draw_organisation(axes, runs, name, entitled[name], end_s)
    draw_cluster(figure.add_subplot(grid[rows, :]), runs, end_s)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)


def draw_organisation(
    axes: Axes, runs: Runs, name: str, entitled: Sequence[Point], end_s: float
) -> None:
    """Draw the service that the organisation was entitled to, and what each run delivered."""
    axes.plot(*in_minutes(entitled, end_s), color="black", linestyle="--", label="entitled")
    for (run, jobs), colour in zip(runs.items(), COLOURS, strict=False):
        axes.plot(*in_minutes(service_curves(jobs)[name], end_s), color=colour, label=run)
    axes.set_title(name, fontsize=9)
    axes.set_ylabel("GPU-minutes", fontsize=8)
    axes.tick_params(labelsize=8)
    axes.set_xlim(0, end_s)
    axes.legend(fontsize=7, loc="lower right")


def in_minutes(curve: Sequence[Point], end_s: float) -> tuple[list[float], list[float]]:
    """Return the seconds and GPU-minutes of a curve of GPU-seconds: 0 before it, level after it."""
    (first_s, _), (_, last) = curve[0], curve[-1]
    points = [(0.0, 0.0), (first_s, 0.0), *curve, (end_s, last)]
    return [at_s for at_s, _ in points], [gpu_s / 60 for _, gpu_s in points]


def draw_cluster(axes: Axes, runs: Runs, end_s: float) -> None:
    for (run, jobs), colour in zip(runs.items(), COLOURS, strict=False):
        axes.stairs(busy_gpus(jobs, end_s), edges_of(end_s), color=colour, label=run, linewidth=1.5)
    last_submit_s = max(job.submit_s for job in next(iter(runs.values())))
    axes.axvline(last_submit_s, color="grey", linestyle=":", label="last submission")
    axes.set_xlim(0, end_s)
    axes.set_ylim(0, CAPACITY_GPUS * 1.03)
    axes.set_xlabel("seconds since the first submission")
    axes.set_ylabel(f"GPUs busy, mean of {BUSY_WINDOW_S} s")
    axes.legend(fontsize=8, loc="lower left")


def busy_gpus(jobs: Iterable[FinishedJob], end_s: float) -> list[float]:
    """Return the mean number of busy GPUs in each window."""
    done, edges = tuple(jobs), edges_of(end_s)
    windows = pairwise(edges)
    return [CAPACITY_GPUS * utilisation(done, CAPACITY_GPUS, window) for window in windows]


def edges_of(end_s: float) -> list[float]:
    """Return the windows' ends up to the last one that begins before the end."""
    return [float(BUSY_WINDOW_S * number) for number in range(ceil(end_s / BUSY_WINDOW_S) + 1)]
