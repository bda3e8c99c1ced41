"""Start times told beside those that came, on real Slurm: `squeue --start` alone, and ours."""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Annotated

import structlog
import typer
from rich.progress import track

from loadtests.eta_check.watched import Watched
from loadtests.figures import Figure
from loadtests.head_to_head.alone import add_account, wait_for_empty_queue
from loadtests.head_to_head.cluster import OwnSlurm, own_slurm
from loadtests.head_to_head.cut import CutJob, workload
from loadtests.head_to_head.records import RunRecord, read_records
from loadtests.head_to_head.workload import members_of, next_second
from loadtests.sim_truth import allocator, rig
from loadtests.sim_truth_jobs import in_step, script_of
from loadtests.stack import ROOT
from scheduler.simulation.workload import Workload

FOLDER = ROOT / "build" / "eta-slurm"
# Beside the Slurms of the other measurements, which may be running.
BASE_PORT = 26300
# Slurm's backfill has looked at a job by then; ours is told in the next cycle, which is sooner.
LOOK_AFTER_S = 5
LEAST_SAVED = 0.3
Moments = Mapping[str, float]  # by job, seconds since the run began


@dataclass(frozen=True, slots=True)
class Told:
    """A start time as it was told to one job, when, and the one that came."""

    at_s: float
    start_s: float
    came_s: float

    @property
    def error_s(self) -> float:
        return abs(self.came_s - self.start_s)


def main(
    trace: Annotated[Path | None, typer.Option(help="a trace to cut from; none: made up")] = None,
    jobs: Annotated[int, typer.Option(help="how many jobs of the cut, from the first")] = 400,
) -> None:
    """Run the same jobs on both, 10 minutes each; exit code 1 when the figure does not hold."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    title, whole = workload(trace)
    cut = whole[:jobs]
    slurm, ours = told_by_slurm(cut, in_step(cut)), told_by_us(cut, in_step(cut))
    write(slurm, ours, FOLDER / "told.json")
    figure = figure_of(slurm, ours, f"{len(cut)} of the {title}")
    figure.write()
    sys.exit(not figure.holds)


def figure_of(slurm: Mapping[str, Told], ours: Mapping[str, Told], title: str) -> Figure:
    """Compare the errors for the jobs that both told a start time."""
    both = sorted(slurm.keys() & ours.keys())
    theirs_s = median(slurm[name].error_s for name in both)
    ours_s = median(ours[name].error_s for name in both)
    saved = 1 - ours_s / theirs_s if theirs_s else 0.0
    detail = (
        f"median error {ours_s:.0f} s, of squeue --start {theirs_s:.0f} s, for {len(both)} jobs "
        f"that waited in both; {title}"
    )
    goal = f">= {LEAST_SAVED:.0%}"
    return Figure("eta_slurm_error_saved", saved * 100, "%", goal, saved >= LEAST_SAVED, detail)


def write(slurm: Mapping[str, Told], ours: Mapping[str, Told], path: Path) -> None:
    """Store what both told each job."""
    text = {
        "slurm": {name: asdict(one) for name, one in slurm.items()},
        "ours": {name: asdict(one) for name, one in ours.items()},
    }
    path.write_text(json.dumps(text, indent=1) + "\n", encoding="utf-8")


def told_by_us(cut: Sequence[CutJob], steps: Workload) -> Mapping[str, Told]:
    """Run the service's engine on a Slurm; return the P50 that each waiting job was told first."""
    watched = Watched(allocator())
    accounts = [member.unix_account for member in members_of(cut)]
    with (
        own_slurm(FOLDER / "slurm", "in-order", accounts, BASE_PORT) as slurm,
        rig(slurm, cut, watched) as real,
    ):
        start_s = real.drive(steps.jobs)
        came = came_of(read_records(slurm, cut, start_s))
    told: dict[str, Told] = {}
    for job_id, (first, *_) in watched.told.items():
        one, name = first.estimate, steps.jobs[job_id - 1].job_id
        made_s, p50_s = one.made_at.timestamp() - start_s, one.p50.timestamp() - start_s
        told[name] = Told(made_s, p50_s, came[name])
    return told


def told_by_slurm(cut: Sequence[CutJob], steps: Workload) -> Mapping[str, Told]:
    """Run Slurm alone; return what `squeue --start` first tells of each job after a while."""
    members = members_of(cut)
    accounts = [member.unix_account for member in members]
    with own_slurm(FOLDER / "slurm", "fair-tree", accounts, BASE_PORT) as slurm:
        for member in members:
            add_account(slurm, member)
        start_s = next_second()
        looks = pressed(slurm, steps, start_s)
        came = came_of(read_records(slurm, cut, start_s))
    return {name: Told(at_s, told_s, came[name]) for name, (at_s, told_s) in looks.items()}


def came_of(record: RunRecord) -> Moments:
    return {one.name: one.start_s - record.start_s for one in record.spent}


def pressed(slurm: OwnSlurm, steps: Workload, start_s: int) -> Mapping[str, tuple[float, float]]:
    """Submit all jobs in time and look once a second; return for each job when what was told."""
    looks: dict[str, tuple[float, float]] = {}
    for job in track(steps.jobs, "Slurm alone: submitting"):
        while time.time() < start_s + job.submit_s:
            look(slurm, steps, start_s, looks)
            left_s = start_s + job.submit_s - time.time()
            time.sleep(max(0.0, min(1.0, left_s)))
        slurm.sbatch(job.user, script_of(job), f"--account={job.organisation}")
    while slurm.programs.answer("squeue", "--noheader", "--states=PENDING", "--format=%i").split():
        look(slurm, steps, start_s, looks)
        time.sleep(1.0)
    wait_for_empty_queue(slurm)
    return looks


def look(
    slurm: OwnSlurm, steps: Workload, start_s: int, looks: dict[str, tuple[float, float]]
) -> None:
    """Take down the start times of jobs that have waited long enough and had none before."""
    submitted_s = {job.job_id: job.submit_s for job in steps.jobs}
    now_s = time.time() - start_s
    text = slurm.programs.answer("squeue", "--start", "--noheader", "--format=%j|%S")
    for name, told_s in told_in(text):
        if name not in looks and now_s >= submitted_s[name] + LOOK_AFTER_S:
            looks[name] = now_s, told_s - start_s


def told_in(text: str) -> list[tuple[str, int]]:
    """Return the start times in squeue's lines; a job of which it knows none is left out."""
    rows = [line.strip().split("|") for line in text.splitlines()]
    return [(name, int(told)) for name, told in rows if told.isdigit()]


if __name__ == "__main__":
    typer.run(main)
