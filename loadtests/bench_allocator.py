"""How long a cycle takes to decide: at national size, at a million jobs, on a small cluster."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from resource import RUSAGE_SELF, getrusage
from statistics import median, quantiles
from time import perf_counter

import matplotlib as mpl
from matplotlib import pyplot as plt
from rich.console import Console
from rich.progress import track
from rich.table import Table

from loadtests.figures import Figure
from loadtests.national_worlds import Size, a_nation
from loadtests.sdiag_rate import backfill_jobs_per_second
from loadtests.stack import ROOT
from scheduler.allocator.divisible import Divisible
from scheduler.allocator.filling import fill
from scheduler.allocator.plans import serve_due
from scheduler.allocator.shapes import Progress, problem_of
from scheduler.allocator.solve import MOST_ROUNDS, CpSatAllocator
from scheduler.domain.decisions import Allocation
from scheduler.domain.snapshot import Snapshot
from scheduler.rpc.memory import settle_memory

mpl.use("Agg")
FOLDER = ROOT / "build" / "bench-allocator"
NATIONAL = 50_000
LENGTHS = (1_000, 10_000, NATIONAL, 200_000, 1_000_000)
SEEDS = 5
# A steady day, and the morning after a maintenance, when everything is free at once.
BUSY = (0.95, 0.0)
SMALL = Size(pending=500, pools=1, organisations=12, nodes_per_pool=8, busy=0.97)


@dataclass(frozen=True, slots=True)
class Cycle:
    """One decided cycle; `short_gangs` is the worst shortfall in gangs of the one who is short."""

    pending: int
    groups: int
    busy: float
    seconds: float
    solve_seconds: float
    gap: float
    short_gangs: float
    starts: int


@dataclass(frozen=True, slots=True)
class Measured:
    """All cycles of one size, decided in a process of their own, and its memory."""

    cycles: tuple[Cycle, ...]
    peak_mib: float


def measure(size: Size, seeds: Sequence[int]) -> Iterator[Cycle]:
    """Decide worlds of this size, each twice; the second time counts."""
    allocate = CpSatAllocator()
    for seed in seeds:
        snapshot = a_nation(size, seed)
        settle_memory()  # as the service does once it is built
        allocate(snapshot)
        began = perf_counter()
        allocation = allocate(snapshot)
        seconds = perf_counter() - began
        yield Cycle(
            size.pending,
            len(snapshot.queue),
            size.busy,
            seconds,
            solve_seconds(snapshot),
            gap(allocation),
            short_gangs(snapshot, allocation),
            len(allocation.starts),
        )


def solve_seconds(snapshot: Snapshot) -> float:
    """Return what the search takes of a large cycle: filling, nodes, bounds; not the reading."""
    progress, beginning = Progress(problem_of(snapshot)), Progress(problem_of(snapshot))
    began = perf_counter()
    serve_due(progress)
    fill(progress)
    divisible = Divisible(beginning, MOST_ROUNDS)
    divisible.levels(1), divisible.levels(2), divisible.most_gpus()
    return perf_counter() - began


def gap(allocation: Allocation) -> float:
    """Return the part of the GPUs that could start, by the proved bound, and did not."""
    gpus = next((stage for stage in allocation.stages if stage.stage == "gpus"), None)
    return (gpus.bound - gpus.value) / gpus.bound if gpus and gpus.bound else 0.0


def short_gangs(snapshot: Snapshot, allocation: Allocation) -> float:
    """Return how many of its own largest waiting gangs the worst organisation is short of its due.

    Its due is its share of the exact leximin of divisible gangs.
    """
    problem = problem_of(snapshot)
    beginning, end = Progress(problem), Progress(problem)
    divisible = Divisible(beginning)
    divisible.levels(1)
    dues = divisible.levels(2)
    tenants = {job.job_id: group.tenant for group in snapshot.queue for job in group.jobs}
    for start in allocation.starts:
        placement = start.placement
        end.standings.charge(tenants[start.job_id], placement.pool, placement.gang.gpus)
    largest: dict[tuple[str, ...], int] = {}
    for group in problem.groups:
        for option in group.options:
            weighed = option.gang.gpus * end.standings.rate(option.pool)
            path = group.tenant.path(2)
            largest[path] = max(largest.get(path, 0), weighed)
    short = (
        max(0.0, due - end.standings.amount(path)) / largest[path] for path, due in dues.items()
    )
    return max(short, default=0.0)


def measured_apart(size: Size, seeds: Sequence[int]) -> Measured:
    """Measure in a process of its own, so that memory is that of this size alone."""
    words = json.dumps({"size": asdict(size), "seeds": list(seeds)})
    done = subprocess.run(
        [sys.executable, "-m", "loadtests.bench_allocator", "--one", words],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    answer = json.loads(done.stdout)
    return Measured(tuple(Cycle(**cycle) for cycle in answer["cycles"]), answer["peak_mib"])


def one(words: str) -> None:
    asked = json.loads(words)
    cycles = [asdict(cycle) for cycle in measure(Size(**asked["size"]), asked["seeds"])]
    peak_mib = getrusage(RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps({"cycles": cycles, "peak_mib": peak_mib}))


def p95(values: Sequence[float]) -> float:
    return quantiles(values, n=20, method="inclusive")[-1] if len(values) > 1 else values[0]


def figures(by_length: dict[int, Measured], small: Measured) -> Iterator[Figure]:
    """Yield the figures; each goal is the issue's: a cycle a second at national size."""
    nation = by_length[NATIONAL]
    cycles = [cycle.seconds for cycle in nation.cycles]
    solves = [cycle.solve_seconds for cycle in nation.cycles]
    gaps = max(cycle.gap for cycle in nation.cycles) * 100
    short = max(cycle.short_gangs for cycle in nation.cycles)
    million = [cycle.seconds for cycle in by_length[LENGTHS[-1]].cycles]
    live = [cycle.seconds * 1000 for cycle in small.cycles]
    about = f"{NATIONAL:,} pending, 16 pools, 200 organisations, 8,192 GPUs, one worker"
    yield _at_most("allocator_cycle_p95_s", p95(cycles), "s", 1.0, about)
    yield _at_most("allocator_solve_p95_s", p95(solves), "s", 0.5, "filling, nodes and bounds")
    yield _at_most("allocator_memory_mib", nation.peak_mib, "MiB", 500, "whole process")
    yield _at_most("allocator_gap_percent", gaps, "%", 0.05, "GPUs not started of the proved bound")
    yield _at_most("allocator_short_gangs", short, "gangs", 1, "of the exact max-min share")
    yield _at_most("allocator_million_s", max(million), "s", 2.0, "1,000,000 pending")
    yield _at_most("allocator_small_p95_ms", p95(live), "ms", 50, "500 pending, 64 GPUs")


def rate_figure(by_length: dict[int, Measured]) -> Figure:
    """Compare with what slurmctld's own backfill considers on this machine, in the same run."""
    theirs = backfill_jobs_per_second()
    rates = {
        length: length / median(cycle.seconds for cycle in by_length[length].cycles)
        for length in (NATIONAL, LENGTHS[-1])
    }
    ratio = rates[NATIONAL] / theirs
    told = "; ".join(f"{rate:,.0f} of {length:,} pending" for length, rate in rates.items())
    detail = f"jobs/s considered: {told}; slurmctld's backfill {theirs:,.0f}"
    return Figure("allocator_rate_ratio", ratio, "x", ">= 100", ratio >= 100, detail)


def _at_most(name: str, value: float, unit: str, goal: float, detail: str) -> Figure:
    return Figure(name, value, unit, f"<= {goal:g}", value <= goal, detail)


def curve(by_length: dict[int, Measured]) -> Table:
    """Return the cost by the length of the queue."""
    table = Table(
        "pending", "groups", "busy", "cycle s", "solve s", "starts", "gap %", "short gangs"
    )
    for measured in by_length.values():
        for cycle in measured.cycles:
            table.add_row(
                f"{cycle.pending:,}",
                f"{cycle.groups:,}",
                f"{cycle.busy:.2f}",
                f"{cycle.seconds:.3f}",
                f"{cycle.solve_seconds:.3f}",
                f"{cycle.starts:,}",
                f"{cycle.gap * 100:.3f}",
                f"{cycle.short_gangs:.2f}",
            )
    return table


def plot(by_length: dict[int, Measured]) -> None:
    """Draw the cost of a cycle by the length of the queue."""
    figure, axes = plt.subplots(figsize=(7, 4.2), layout="constrained")
    for busy, label in zip(BUSY, ("a steady day", "everything free at once"), strict=True):
        points = [
            (length, median(c.seconds for c in measured.cycles if c.busy == busy))
            for length, measured in by_length.items()
        ]
        axes.plot(*zip(*points, strict=True), marker="o", label=label)
    axes.set(xscale="log", xlabel="pending jobs", ylabel="seconds a cycle", ylim=(0, None))
    axes.set_title("Deciding costs shapes, not jobs: 8,192 GPUs, 200 organisations", loc="left")
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
    FOLDER.mkdir(parents=True, exist_ok=True)
    figure.savefig(FOLDER / "curve.png", dpi=130)
    plt.close(figure)


def merged(parts: Sequence[Measured]) -> Measured:
    cycles = tuple(cycle for part in parts for cycle in part.cycles)
    return Measured(cycles, max(part.peak_mib for part in parts))


def main() -> None:
    """Measure every length of queue, print the table and the figures, draw the curve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--no-slurm", action="store_true", help="leave slurmctld's rate out")
    options = parser.parse_args()
    if options.one:
        one(options.one)
        return
    by_length: dict[int, Measured] = {}
    for length in track(LENGTHS, "deciding"):
        seeds = range(SEEDS if length == NATIONAL else 1)
        sizes = [Size(length, busy=busy) for busy in BUSY]
        by_length[length] = merged([measured_apart(size, seeds) for size in sizes])
    small = measured_apart(SMALL, range(40))
    Console().print(curve(by_length))
    plot(by_length)
    for figure in figures(by_length, small):
        figure.write()
    if not options.no_slurm:
        rate_figure(by_length).write()


if __name__ == "__main__":
    main()
