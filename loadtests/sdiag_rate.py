"""How many jobs a second slurmctld's own backfill considers on this machine, as sdiag tells it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import track

from loadtests.head_to_head_cluster import OwnSlurm, own_slurm
from loadtests.stack import ROOT

FOLDER = ROOT / "build" / "sdiag"
BASE_PORT = 27400
ACCOUNT = "backfilled"
JOBS = 2000
CYCLES = 5
# 2,000 jobs take some 4 s a cycle; a cluster that needs thrice that for each is not well.
PATIENCE_S = 120
SIZES = (1, 2, 4, 8)
LIMITS_MINUTES = (5, 10, 15, 20, 30)
START_PATIENCE_S = 30
BLOCKER = "#!/bin/sh\n#SBATCH --nodes=8 --gpus-per-node=8 --mem=1G --time=60\nsleep 3600\n"
QUIET = "--output=/dev/null"

_CYCLE_US = re.compile(r"^\s*Last cycle: (\d+)", re.MULTILINE)
_DEPTH = re.compile(r"^\s*Last depth cycle \(try sched\): (\d+)", re.MULTILINE)
_COUNT = re.compile(r"^\s*Total cycles: (\d+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class BackfillCycle:
    """One pass of backfill: `number` since the start, jobs it tried to place, working time."""

    number: int
    jobs: int
    seconds: float

    @property
    def jobs_per_second(self) -> float:
        return self.jobs / self.seconds if self.seconds else 0.0


def backfill_jobs_per_second(folder: Path = FOLDER) -> float:
    """Return the best rate of five passes over 2,000 jobs that wait for GPUs.

    A cluster of its own is started for it and ended, about a minute in all. The cycle time of
    sdiag leaves out the sleeps within a pass, so the rate is what slurmctld could do at most.
    Raises TimeoutError when backfill does not come round.
    """
    with own_slurm(folder, "fair-tree", (ACCOUNT,), BASE_PORT) as slurm:
        fill_queue(slurm)
        return max(cycle.jobs_per_second for cycle in full_cycles(slurm))


def fill_queue(slurm: OwnSlurm) -> None:
    """Take all GPUs for an hour, then queue jobs of 20 kinds behind that. Raises TimeoutError."""
    slurm.sbatch(ACCOUNT, BLOCKER, QUIET)
    deadline = time.monotonic() + START_PATIENCE_S
    while not slurm.programs.answer("squeue", "--noheader", "--states=R").strip():
        if time.monotonic() > deadline:
            raise TimeoutError(
                f"the job that takes all GPUs does not run after {START_PATIENCE_S} s"
            )
        time.sleep(0.5)
    for number in track(range(JOBS), "jobs queued for backfill"):
        gpus = SIZES[number % len(SIZES)]
        minutes = LIMITS_MINUTES[number % len(LIMITS_MINUTES)]
        script = f"#!/bin/sh\n#SBATCH --gpus={gpus} --nodes=1 --mem=1G --time={minutes}\n:\n"
        slurm.sbatch(ACCOUNT, script, QUIET)


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
