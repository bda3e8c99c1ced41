"""Cuts a trace into a workload for the development Slurm: few organisations, minutes, 64 GPUs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil, exp, log
from pathlib import Path

from loadtests.head_to_head.made_up import made_up_workload
from scheduler.simulation.traces import read_trace, workload_of
from scheduler.simulation.workload import Workload, WorkloadJob

CAPACITY_GPUS = 64
GPUS_PER_NODE = 8
ORGANISATIONS = 12
# What is made up where there is no trace is always the same.
SEED = 2026
JOBS = 400
GANG_GPUS = 16
# With a tenth lost to gaps, about 8 minutes of a full cluster.
WORK_GPU_S = CAPACITY_GPUS * 420
# All is submitted within this time, so that 1.4 times what the cluster can do arrives in it.
SUBMISSIONS_S = 300
# A start costs Slurm up to a second, and an honest schedule cannot be seen in shorter jobs. The
# longest one may take a third of the run.
SHORTEST_S, LONGEST_S = 2, 150
# Slurm's time limits are whole minutes, and a job that ends in time must not be cut off.
LIMIT_SLACK_S = 10
LONGEST_LIMIT_MINUTES = 15
# The windows of a trace that are looked at: jobs in each, from short to long, and their distance.
WINDOWS_JOBS = (600, 1200, 2400, 4800, 9600, 19200)
STRIDE_JOBS = 100
# Nobody brings more than a quarter of the jobs, and some gangs must be big.
MOST_JOBS_OF_ONE = JOBS // 4
FEWEST_GANGS = 10


@dataclass(frozen=True, slots=True)
class CutJob:
    """One job of the workload; `at_s` counts from the first submission."""

    name: str
    organisation: str
    at_s: int
    gpus: int
    duration_s: int
    limit_minutes: int

    @property
    def nodes(self) -> int:
        return ceil(self.gpus / GPUS_PER_NODE)

    @property
    def work_gpu_s(self) -> int:
        return self.gpus * self.duration_s


class TraceUnfit(Exception):
    """A trace has no window from which a workload can be cut."""


def workload(trace: Path | None) -> tuple[str, tuple[CutJob, ...]]:
    """Return the name of the workload and its jobs. Raises TraceUnfit or InvalidRequest."""
    if trace is None:
        whole = made_up_workload(SEED)
    else:
        name = trace.name.removesuffix(".csv.gz")
        rows = read_trace(trace)
        whole = workload_of(name, rows, max(row.gpus for row in rows))
    jobs = cut(whole)
    return f"{len(jobs)} jobs cut from {whole.name}", jobs


def cut(trace: Workload) -> tuple[CutJob, ...]:
    """Return the same workload for the same trace. Raises TraceUnfit.

    Of the shortest windows that have twelve organisations and big gangs, the one is taken in which
    the organisations' work is spread most evenly. Times are compressed by one factor for
    durations and one for submissions; sizes are scaled from the trace's largest job to 64 GPUs.
    """
    sized = scaled([job for job in trace.jobs if job.run_s])
    found = next((best for jobs in WINDOWS_JOBS if (best := best_window(sized, jobs))), None)
    if found is None:
        raise TraceUnfit(
            f"no window of up to {WINDOWS_JOBS[-1]} jobs has {JOBS} jobs of {ORGANISATIONS} "
            f"organisations with {FEWEST_GANGS} gangs of {GANG_GPUS} GPUs or more"
        )
    return compressed(found)


def scaled(trace: Sequence[WorkloadJob]) -> tuple[WorkloadJob, ...]:
    """Scale sizes down so that the largest job fits; above a node, gangs are whole nodes."""
    largest = max((job.gpus for job in trace), default=CAPACITY_GPUS)
    scale = min(1.0, CAPACITY_GPUS / largest)
    return tuple(replace(job, gpus=whole_nodes(ceil(job.gpus * scale))) for job in trace)


def whole_nodes(gpus: int) -> int:
    return gpus if gpus <= GPUS_PER_NODE else GPUS_PER_NODE * ceil(gpus / GPUS_PER_NODE)


def best_window(trace: Sequence[WorkloadJob], jobs: int) -> tuple[WorkloadJob, ...]:
    """Return the window with the evenest work; empty when none is fit."""
    starts = range(0, max(1, len(trace) - jobs + 1), STRIDE_JOBS)
    windows = [thinned(trace[start : start + jobs]) for start in starts]
    return max((window for window in windows if is_fit(window)), key=evenness, default=())


def thinned(window: Sequence[WorkloadJob]) -> tuple[WorkloadJob, ...]:
    """Keep the organisations with most work, a part of each one's jobs, and 400 jobs in all."""
    work = work_of(window)
    chosen = sorted(work, key=lambda name: (-work[name], name))[:ORGANISATIONS]
    by_organisation: dict[str, list[WorkloadJob]] = defaultdict(list)
    for job in window:
        by_organisation[job.organisation].append(job)
    parts = (evenly(by_organisation[name], MOST_JOBS_OF_ONE) for name in chosen)
    kept = sorted((job for part in parts for job in part), key=lambda job: job.submit_s)
    return tuple(evenly(kept, JOBS))


def evenly(jobs: Sequence[WorkloadJob], most: int) -> Iterator[WorkloadJob]:
    """Yield at most so many of the jobs, spread evenly over them."""
    count = min(len(jobs), most)
    return (jobs[number * len(jobs) // count] for number in range(count))


def is_fit(window: Sequence[WorkloadJob]) -> bool:
    gangs = sum(job.gpus >= GANG_GPUS for job in window)
    organisations = {job.organisation for job in window}
    whole = len(window) == JOBS and len(organisations) == ORGANISATIONS
    return whole and gangs >= FEWEST_GANGS and window[0].submit_s < window[-1].submit_s


def work_of(window: Iterable[WorkloadJob]) -> Mapping[str, float]:
    work: dict[str, float] = defaultdict(float)
    for job in window:
        work[job.organisation] += job.gpus * job.run_s
    return work


def evenness(window: Sequence[WorkloadJob]) -> float:
    """Return how many organisations share the work, in effect: the exponential of its entropy."""
    amounts = work_of(window).values()
    parts = [amount / sum(amounts) for amount in amounts]
    return exp(-sum(part * log(part) for part in parts))


def compressed(window: Sequence[WorkloadJob]) -> tuple[CutJob, ...]:
    """Shrink the times of a window, and rename its organisations by their work, most first."""
    per_s = duration_factor(window)
    first_s, last_s = window[0].submit_s, window[-1].submit_s
    work = work_of(window)
    ranks = sorted(work, key=lambda name: (-work[name], name))
    names = {name: f"org{rank:02}" for rank, name in enumerate(ranks, 1)}
    return tuple(
        CutJob(
            name=f"cut-{number:03}",
            organisation=names[job.organisation],
            at_s=round((job.submit_s - first_s) * SUBMISSIONS_S / (last_s - first_s)),
            gpus=job.gpus,
            duration_s=short(job.run_s, per_s),
            limit_minutes=limit_minutes(job, per_s),
        )
        for number, job in enumerate(window)
    )


def duration_factor(window: Sequence[WorkloadJob]) -> float:
    """Return the compression at which the window's work is `WORK_GPU_S`, by bisection."""
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        work = sum(job.gpus * short(job.run_s, middle) for job in window)
        low, high = (middle, high) if work < WORK_GPU_S else (low, middle)
    return high


def short(run_s: float, per_s: float) -> int:
    return min(LONGEST_S, max(SHORTEST_S, round(run_s * per_s)))


def limit_minutes(job: WorkloadJob, per_s: float) -> int:
    """Return the walltime asked for, compressed, in Slurm's whole minutes."""
    least_s = short(job.run_s, per_s) + LIMIT_SLACK_S
    return min(LONGEST_LIMIT_MINUTES, ceil(max(job.walltime_s * per_s, least_s) / 60))
