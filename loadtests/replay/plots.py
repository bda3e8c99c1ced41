"""A replay as pictures: shares against entitlement, waits, utilisation, slowdowns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from loadtests.replay.runs import FIRST_COME, LOWEST_SHARE, SLURM_NAMES, TENDIK, TENDIK_RECALL, Run
from scheduler.simulation.finished import FinishedJob
from scheduler.simulation.measures import Yardstick, mean, percentile
from scheduler.simulation.timelines import Bins, held_gpus, shares_over_time

BINS = 160
# The organisations with the most work, each in a picture of its own.
MOST_ORGANISATIONS = 8
HOUR_S = 3600
DAY_S = 24 * HOUR_S
# Told apart by eyes that do not tell red from green.
COLOURS = {
    TENDIK: "#0072b2",
    TENDIK_RECALL: "#56b4e9",
    FIRST_COME: "#999999",
    LOWEST_SHARE: "#e69f00",
}
TITLES = ("part of jobs with at most", "part of jobs with at least")
SLURM_COLOUR = "#d55e00"
SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096)


def draw_all(runs: Sequence[Run], yardstick: Yardstick, folder: Path, title: str) -> list[Path]:
    """Write the pictures of the service, the best Slurm-like setting and the plain schedulers."""
    mpl.use("Agg")
    shown = shown_of(runs)
    pictures: Mapping[str, Callable[[Sequence[Run], Yardstick], Figure]] = {
        "shares": draw_shares,
        "waits": draw_waits,
        "utilisation": draw_utilisation,
        "slowdowns": draw_slowdowns,
    }
    written = []
    for name, draw in pictures.items():
        figure = draw(shown, yardstick)
        figure.suptitle(title, fontsize=11)
        folder.mkdir(parents=True, exist_ok=True)
        figure.savefig(folder / f"{name}.png", dpi=110)
        written.append(folder / f"{name}.png")
    return written


def shown_of(runs: Sequence[Run]) -> Sequence[Run]:
    """Return what is drawn: of the Slurm-like settings only the one with the least slowdown."""
    slurm = [run for run in runs if run.name in SLURM_NAMES]
    best = min(slurm, key=lambda run: run.measures.slowdown_mean)
    return [run for run in runs if run.name not in SLURM_NAMES or run is best]


def colour_of(run: Run) -> str:
    return COLOURS.get(run.name, SLURM_COLOUR)


def bins_of(runs: Sequence[Run]) -> Bins:
    """Return bins from the first submission to the last one: the tail tells of few jobs."""
    submits = [job.submit_s for job in runs[0].jobs]
    return Bins(min(submits), max(submits), BINS)


def time_axis(axes: Axes, bins: Bins) -> tuple[list[float], str]:
    """Return the bins' middles in hours or days, and the unit."""
    unit_s, unit = (DAY_S, "days") if bins.end_s - bins.start_s > 4 * DAY_S else (HOUR_S, "hours")
    axes.set_xlim(bins.start_s / unit_s, bins.end_s / unit_s)
    axes.tick_params(labelsize=8)
    axes.grid(visible=True, alpha=0.25)
    return [middle / unit_s for middle in bins.middles_s], unit


def draw_shares(runs: Sequence[Run], yardstick: Yardstick) -> Figure:
    """Draw what each of the biggest organisations held and was entitled to, by scheduler."""
    other = next(run for run in runs if run.name in SLURM_NAMES)
    own = next((run for run in runs if run.name == TENDIK_RECALL), runs[0])
    bins = bins_of(runs)
    shares = [shares_over_time(run.jobs, yardstick, bins) for run in (own, other)]
    names = biggest(own.jobs)
    figure = Figure(figsize=(15, 2.3 * len(names) + 1), layout="constrained")
    grid = figure.subplots(len(names), 2, squeeze=False, sharex=True)
    for row, name in enumerate(names):
        top = max(gpus for one in shares for series in one[name] for gpus in series) or 1.0
        for column, run in enumerate((own, other)):
            axes = grid[row][column]
            _draw_share(axes, bins, shares[column][name], colour_of(run))
            axes.set_ylim(0, 1.05 * top)
            axes.set_title(f"{name}: {run.name}", fontsize=9)
    handles, labels = grid[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2, fontsize=9)
    return figure


def _draw_share(
    axes: Axes, bins: Bins, share: tuple[Sequence[float], Sequence[float]], colour: str
) -> None:
    middles, unit = time_axis(axes, bins)
    entitled, held = share
    axes.fill_between(middles, held, step="mid", color=colour, alpha=0.45, label="held")
    axes.plot(middles, entitled, color="black", linewidth=1, label="entitled and wanted")
    axes.set_ylabel("GPUs", fontsize=8)
    axes.set_xlabel(unit, fontsize=8)


def biggest(jobs: Sequence[FinishedJob]) -> list[str]:
    work = work_by_organisation(jobs)
    return sorted(work, key=lambda name: -work[name])[:MOST_ORGANISATIONS]


def work_by_organisation(jobs: Sequence[FinishedJob]) -> Mapping[str, float]:
    work: dict[str, float] = defaultdict(float)
    for job in jobs:
        work[job.organisation] += job.gpus * job.run_s
    return work


def draw_waits(runs: Sequence[Run], yardstick: Yardstick) -> Figure:
    """Draw the mean and the 95th percentile of waits by job size and by organisation size."""
    del yardstick
    figure = Figure(figsize=(15, 9), layout="constrained")
    grid = figure.subplots(2, 2)
    groupings = (("GPUs of the job", size_of(runs)), ("organisations by work", class_of(runs)))
    for column, (title, group_of) in enumerate(groupings):
        for row, (name, percent) in enumerate((("mean", None), ("95th percentile", 95))):
            axes = grid[row][column]
            _draw_bars(axes, runs, group_of, percent)
            axes.set_title(f"{name} wait by {title}", fontsize=10)
    grid[0][0].legend(fontsize=8)
    return figure


def size_of(runs: Sequence[Run]) -> Callable[[FinishedJob], tuple[int, str]]:
    """Return what puts a job into a class of sizes, each up to twice the one before."""
    del runs

    def group(job: FinishedJob) -> tuple[int, str]:
        place = next((n for n, size in enumerate(SIZES) if job.gpus <= size), len(SIZES) - 1)
        below = SIZES[place - 1] + 1 if place else 1
        label = str(SIZES[place]) if below == SIZES[place] else f"{below}-{SIZES[place]}"
        return place, label

    return group


def class_of(runs: Sequence[Run]) -> Callable[[FinishedJob], tuple[int, str]]:
    """Return what puts a job into a class of organisations: the biggest tenth, and so on."""
    work = work_by_organisation(runs[0].jobs)
    order = sorted(work, key=lambda name: -work[name])
    rank = {name: place / len(order) for place, name in enumerate(order)}
    bounds = ((0.1, "biggest tenth"), (0.5, "next 40 %"), (2.0, "smaller half"))

    def group(job: FinishedJob) -> tuple[int, str]:
        part = rank[job.organisation]
        return next((n, label) for n, (bound, label) in enumerate(bounds) if part < bound)

    return group


def _draw_bars(
    axes: Axes,
    runs: Sequence[Run],
    group_of: Callable[[FinishedJob], tuple[int, str]],
    percent: int | None,
) -> None:
    groups = sorted({group_of(job) for job in runs[0].jobs})
    width = 0.8 / len(runs)
    for number, run in enumerate(runs):
        waits: dict[tuple[int, str], list[float]] = defaultdict(list)
        for job in run.jobs:
            waits[group_of(job)].append(job.wait_s / HOUR_S)
        heights = [
            mean(waits[group]) if percent is None else percentile(sorted(waits[group]), percent)
            for group in groups
        ]
        places = [place + (number - (len(runs) - 1) / 2) * width for place in range(len(groups))]
        axes.bar(places, heights, width, color=colour_of(run), label=run.name)
    counts = defaultdict[tuple[int, str], int](int)
    for job in runs[0].jobs:
        counts[group_of(job)] += 1
    labels = [f"{label}\n{counts[order, label]:,} jobs" for order, label in groups]
    axes.set_xticks(range(len(groups)), labels, fontsize=8)
    axes.set_ylabel("hours", fontsize=8)
    axes.grid(visible=True, axis="y", alpha=0.25)


def draw_utilisation(runs: Sequence[Run], yardstick: Yardstick) -> Figure:
    """Draw the busy part of the cluster over time, the service and each of the others."""
    bins = bins_of(runs)
    own, others = runs[0], runs[1:]
    figure = Figure(figsize=(15, 2.2 * len(others) + 1), layout="constrained")
    grid = figure.subplots(len(others), 1, squeeze=False, sharex=True)
    for row, other in enumerate(others):
        axes = grid[row][0]
        middles, unit = time_axis(axes, bins)
        for run, line in ((other, "-"), (own, "--")):
            busy = [gpus / yardstick.capacity_gpus * 100 for gpus in held_gpus(run.jobs, bins)]
            label = f"{run.name}: {run.measures.busy_utilisation * 100:.1f} %"
            axes.plot(middles, busy, line, color=colour_of(run), linewidth=1, label=label)
        axes.set_ylim(0, 103)
        axes.set_ylabel("% of GPUs busy", fontsize=8)
        axes.legend(fontsize=8, loc="lower right")
        axes.set_xlabel(unit, fontsize=8)
    return figure


def draw_slowdowns(runs: Sequence[Run], yardstick: Yardstick) -> Figure:
    """Draw which part of the jobs has at most which bounded slowdown, of all and of the worst."""
    figure = Figure(figsize=(15, 6), layout="constrained")
    grid = figure.subplots(1, 2)
    for run in runs:
        bound_s = yardstick.slowdown_bound_s
        ascending = sorted(job.bounded_slowdown(bound_s) for job in run.jobs)
        parts = [(place + 1) / len(ascending) for place in range(len(ascending))]
        label = f"{run.name}: mean {run.measures.slowdown_mean:.1f}"
        grid[0].step(ascending, parts, where="post", color=colour_of(run), label=label)
        beyond = [1 - part + 1 / len(ascending) for part in parts]
        grid[1].step(ascending, beyond, where="post", color=colour_of(run), label=label)
    for axes, title in zip(grid, TITLES, strict=True):
        axes.set_xscale("log")
        axes.set_xlabel("bounded slowdown", fontsize=9)
        axes.set_title(f"{title} this slowdown", fontsize=10)
        axes.grid(visible=True, which="both", alpha=0.2)
    grid[1].set_yscale("log")
    grid[0].legend(fontsize=9, loc="lower right")
    return figure
