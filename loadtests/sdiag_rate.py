"""How many jobs a second slurmctld's own backfill considers on this machine, as sdiag tells it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import track

from loadtests.head_to_head.cluster import OwnSlurm
from loadtests.national_slurm import ACCOUNT, national_slurm, open_partitions
from loadtests.national_worlds import Size, a_nation
from loadtests.stack import ROOT
from scheduler.domain.jobs import HoldingJob, PendingJob
from scheduler.domain.queue import age_of
from scheduler.domain.resources import Amount, Pool
from scheduler.domain.snapshot import Snapshot

FOLDER = ROOT / "build" / "sdiag"
BASE_PORT = 27400
PENDING, SEED = 2000, 0
CYCLES = 5
PATIENCE_S = 1200
QUIET = "--output=/dev/null"
SCRIPT = "#!/bin/sh\n:\n"

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


def backfill_jobs_per_second(pending: int = PENDING, folder: Path = FOLDER) -> float:
    """Return the best rate of five passes over the queue of a nation.

    Nodes, what is held on them, and how the jobs that wait are drawn are the allocator's
    benchmark's, but for the length of the queue: 50,000 take very long to submit, and more jobs
    only make slurmctld slower. The cycle time of sdiag leaves out the sleeps within a pass, so the
    rate is what slurmctld could do at most. A cluster of its own is started for it and ended.
    Raises TimeoutError when backfill does not come round.
    """
    world = a_nation(Size(pending), SEED)
    queue = queued(world)
    with national_slurm(folder, world, BASE_PORT) as slurm:
        types = {pool.name: pool.gpu_type for pool in world.pools}
        holders: set[int] = set()
        for running in track(world.holding, "jobs that hold GPUs"):
            arguments = holding_arguments(running, types[running.placement.pool])
            holders.add(slurm.sbatch(ACCOUNT, SCRIPT, QUIET, *arguments))
        for waiting in track(queue, "jobs queued for backfill"):
            slurm.sbatch(ACCOUNT, SCRIPT, QUIET, *pending_arguments(waiting, world.pools))
        open_partitions(slurm, world)
        _wait_until_held(slurm, holders)
        considered = sum(len(partitions_of(job, world.pools)) for job in queue)
        return max(cycle.jobs_per_second for cycle in full_cycles(slurm, considered))


def _wait_until_held(slurm: OwnSlurm, holders: Set[int]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holders <= _with_nodes(slurm):
        if time.monotonic() > deadline:
            raise TimeoutError(f"the jobs that hold GPUs do not all have them after {PATIENCE_S} s")
        time.sleep(0.5)


def _with_nodes(slurm: OwnSlurm) -> Set[int]:
    found = slurm.programs.answer("squeue", "--noheader", "--states=CF,R", "--format=%A")
    return set(map(int, found.split()))


def queued(world: Snapshot) -> Sequence[PendingJob]:
    """Return all that wait, in the order in which they were submitted."""
    return sorted((job for group in world.queue for job in group.jobs), key=age_of)


def holding_arguments(job: HoldingJob, gpu_type: str) -> Iterator[str]:
    """Say what the job runs on, and where."""
    placement = job.placement
    yield f"--partition={placement.pool.partition('/')[0]}"
    yield f"--nodelist={','.join(placement.nodes)}"
    yield from _size(placement.gang.nodes, placement.gang.per_node, gpu_type, job.walltime_s)


def pending_arguments(job: PendingJob, pools: Sequence[Pool]) -> Iterator[str]:
    """Say what the job asks for; where any pool of its type will do, all are named."""
    asks = job.request
    nodes = asks.nodes or 1
    cpus = asks.cpus_per_task * (asks.tasks_per_node or 1)
    yield f"--partition={','.join(partitions_of(job, pools))}"
    yield from _size(
        nodes, Amount(asks.gpus // nodes, cpus, cpus * 4096), asks.gpu_type, asks.walltime_s
    )


def partitions_of(job: PendingJob, pools: Sequence[Pool]) -> Sequence[str]:
    """Return where the job may run."""
    return [pool.partition for pool in pools if job.request.suits_pool(pool)]


def _size(nodes: int, per_node: Amount, gpu_type: str, walltime_s: int) -> Iterator[str]:
    yield f"--nodes={nodes}"
    yield f"--gpus-per-node={gpu_type}:{per_node.gpus}"
    yield "--ntasks-per-node=1"
    yield f"--cpus-per-task={per_node.cpus}"
    yield f"--mem={per_node.memory_mib}M"
    yield f"--time={walltime_s // 60}"


def full_cycles(slurm: OwnSlurm, considered: int) -> Iterator[BackfillCycle]:
    """Yield passes over at least half of what was queued, and no more. Raises TimeoutError.

    slurmctld counts a job once for each partition that it names, and ends a pass before its time
    when much has changed meanwhile. One over more began before all GPUs were held.
    """
    seen: set[int] = set()
    deadline = time.monotonic() + PATIENCE_S
    while len(seen) < CYCLES:
        if time.monotonic() > deadline:
            raise TimeoutError(f"backfill made {len(seen)} full passes in {PATIENCE_S} s")
        time.sleep(0.5)
        cycle = cycle_in(slurm.programs.answer("sdiag"))
        if (
            cycle is not None
            and considered // 2 <= cycle.jobs <= considered
            and cycle.number not in seen
        ):
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
