"""How many jobs a second slurmctld's own backfill considers on this machine, as sdiag tells it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from rich.console import Console
from rich.progress import track

from loadtests.head_to_head.cluster import OwnSlurm, own_slurm
from loadtests.national_worlds import GANG_GPUS, GANG_WEIGHTS, NODE, WALLTIMES_S
from loadtests.stack import ROOT

FOLDER = ROOT / "build" / "sdiag"
BASE_PORT = 27400
ACCOUNT = "backfilled"
JOBS = 2000
CYCLES = 5
# 2,000 jobs take some 4 s a cycle; a cluster that needs five times that for each is not well.
PATIENCE_S = 200
START_PATIENCE_S = 60
NODES = 8
SMALL = (1, 2, 4, 8)
QUIET = "--output=/dev/null"

_CYCLE_US = re.compile(r"^\s*Last cycle: (\d+)", re.MULTILINE)
_DEPTH = re.compile(r"^\s*Last depth cycle: (\d+)", re.MULTILINE)
_COUNT = re.compile(r"^\s*Total cycles: (\d+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class BackfillCycle:
    """One pass of backfill: `number` since the start, jobs it considered, working time."""

    number: int
    jobs: int
    seconds: float

    @property
    def jobs_per_second(self) -> float:
        return self.jobs / self.seconds if self.seconds else 0.0


def backfill_jobs_per_second(folder: Path = FOLDER) -> float:
    """Return the best rate of five passes over 2,000 jobs that wait for GPUs.

    Gangs and walltimes are mixed as in the queue of a nation; all GPUs are held by small jobs.
    A cluster of its own is started for it and ended, about a minute in all. The cycle time of
    sdiag leaves out the sleeps within a pass, so the rate is what slurmctld could do at most.
    Raises TimeoutError when backfill does not come round.
    """
    with own_slurm(folder, "deep-backfill", (ACCOUNT,), BASE_PORT) as slurm:
        fill_queue(slurm)
        return max(cycle.jobs_per_second for cycle in full_cycles(slurm))


def fill_queue(slurm: OwnSlurm) -> None:
    """Hold all GPUs for hours, then queue jobs behind that. Raises TimeoutError."""
    random = Random(0)
    for node in (f"n{number}" for number in range(1, NODES + 1)):
        left = NODE.gpus
        while left:
            gpus = min(left, random.choice(SMALL))
            left -= gpus
            slurm.sbatch(
                ACCOUNT, script_of(gpus, random, "sleep 80000"), f"--nodelist={node}", QUIET
            )
    _wait_until_held(slurm)
    for _ in track(range(JOBS), "jobs queued for backfill"):
        gpus = random.choices(GANG_GPUS, GANG_WEIGHTS)[0]
        slurm.sbatch(ACCOUNT, script_of(gpus, random, ":"), QUIET)


def _wait_until_held(slurm: OwnSlurm) -> None:
    deadline = time.monotonic() + START_PATIENCE_S
    while slurm.programs.answer("squeue", "--noheader", "--states=PD").strip():
        if time.monotonic() > deadline:
            raise TimeoutError(
                f"the jobs that take all GPUs do not all run after {START_PATIENCE_S} s"
            )
        time.sleep(0.5)


def script_of(gpus: int, random: Random, command: str) -> str:
    """Return a script for whole nodes, or for a part of one."""
    nodes = max(1, gpus // NODE.gpus)
    minutes = random.choice(WALLTIMES_S) // 60
    asked = f"--nodes={nodes} --gpus-per-node={gpus // nodes} --mem=1G --time={minutes}"
    return f"#!/bin/sh\n#SBATCH {asked}\n{command}\n"


def full_cycles(slurm: OwnSlurm) -> Iterator[BackfillCycle]:
    """Yield passes that came to the end of the queue. Raises TimeoutError."""
    seen: set[int] = set()
    deadline = time.monotonic() + PATIENCE_S
    while len(seen) < CYCLES:
        if time.monotonic() > deadline:
            raise TimeoutError(f"backfill made {len(seen)} full passes in {PATIENCE_S} s")
        time.sleep(0.5)
        cycle = cycle_in(slurm.programs.answer("sdiag"))
        if cycle is not None and cycle.jobs >= JOBS and cycle.number not in seen:
            seen.add(cycle.number)
            yield cycle


def cycle_in(sdiag: str) -> BackfillCycle | None:
    """Return the last pass that sdiag's text tells of; None when there was none."""
    count, depth, microseconds = (
        pattern.search(sdiag.partition("Backfilling stats")[2])
        for pattern in (_COUNT, _DEPTH, _CYCLE_US)
    )
    if not (count and depth and microseconds):
        return None
    return BackfillCycle(int(count[1]), int(depth[1]), int(microseconds[1]) / 1e6)


def main() -> None:
    """Print the rate."""
    Console().print(f"backfill considers {backfill_jobs_per_second():,.0f} jobs/s")


if __name__ == "__main__":
    main()
