"""The comparison as a picture: who was served when, and how busy the GPUs were."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from loadtests.head_to_head_cut import CAPACITY_GPUS
from scheduler.simulation.finished import FinishedJob
from scheduler.simulation.fluid import Point, fluid_run
from scheduler.simulation.measures import service_curves

COLUMNS = 4
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
        draw_organisation(axes, runs, name, entitled[name])
        axes.set_xlim(0, end_s)
    axes = figure.add_subplot(grid[rows, :])
    draw_cluster(axes, runs)
    axes.set_xlim(0, end_s)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)


def draw_organisation(axes: Axes, runs: Runs, name: str, entitled: Sequence[Point]) -> None:
    """Draw the service that the organisation was entitled to, and what each run delivered."""
    axes.plot(*in_minutes(entitled), color="black", linestyle="--", label="entitled")
    for (run, jobs), colour in zip(runs.items(), COLOURS, strict=False):
        axes.plot(*in_minutes(service_curves(jobs)[name]), color=colour, label=run)
    axes.set_title(name, fontsize=9)
    axes.set_ylabel("GPU-minutes", fontsize=8)
    axes.tick_params(labelsize=8)
    axes.legend(fontsize=7, loc="lower right")


def in_minutes(curve: Iterable[Point]) -> tuple[list[float], list[float]]:
    """Return the seconds and the GPU-minutes of a curve of GPU-seconds."""
    points = tuple(curve)
    return [at_s for at_s, _ in points], [gpu_s / 60 for _, gpu_s in points]


def draw_cluster(axes: Axes, runs: Runs) -> None:
    for (run, jobs), colour in zip(runs.items(), COLOURS, strict=False):
        moments, gpus = busy_gpus(jobs)
        axes.step(moments, gpus, where="post", color=colour, label=run, alpha=0.8, linewidth=1)
    last_submit_s = max(job.submit_s for job in next(iter(runs.values())))
    axes.axvline(last_submit_s, color="grey", linestyle=":", label="last submission")
    axes.set_ylim(0, CAPACITY_GPUS * 1.03)
    axes.set_xlabel("seconds since the first submission")
    axes.set_ylabel("GPUs busy")
    axes.legend(fontsize=8, loc="lower left")


def busy_gpus(jobs: Iterable[FinishedJob]) -> tuple[list[float], list[int]]:
    """Return the moments at which the number of busy GPUs changes, and the number from then on."""
    changes: Counter[float] = Counter()
    for job in jobs:
        for start_s, end_s in job.held:
            changes[start_s] += job.gpus
            changes[end_s] -= job.gpus
    moments = sorted(changes)
    return moments, list(accumulate(changes[moment] for moment in moments))
