"""A workload in step with the cycles, so that a real and a simulated cluster can be compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

from loadtests.head_to_head.cut import CAPACITY_GPUS, CutJob
from loadtests.head_to_head.workload import user_of
from scheduler.simulation.workload import Workload, WorkloadJob

CYCLE_S = 3
# Jobs come in the middle between two cycles, so that the next one sees them here and there.
COMES_S = CYCLE_S / 2
# They end this long before the cycle that is to see it. Slurm is late, never early, and the
# simulation is never late: by so much a real end may come after the simulated one and be seen by
# the same cycle. One that is seen by the next cycle changes all decisions from then on. It is
# whole seconds, because usage is charged in these by both.
EARLY_S = 2


def in_step(cut: Sequence[CutJob]) -> Workload:
    """Return the cut's jobs with submissions and run times moved by less than a cycle."""
    return Workload("in step", CAPACITY_GPUS, tuple(_in_step(job) for job in cut))


def _in_step(job: CutJob) -> WorkloadJob:
    cycles = max(1, round(job.duration_s / CYCLE_S))
    return WorkloadJob(
        job_id=job.name,
        organisation=job.organisation,
        user=user_of(job.organisation),
        gpus=job.gpus,
        submit_s=job.at_s // CYCLE_S * CYCLE_S + COMES_S,
        run_s=cycles * CYCLE_S - EARLY_S,
        walltime_s=job.limit_minutes * 60,
    )


def script_of(job: WorkloadJob) -> str:
    """Return a script that asks for what the replay asks for, and no more."""
    return (
        "#!/bin/bash\n"
        f"#SBATCH --job-name={job.job_id}\n"
        f"#SBATCH --gpus={job.gpus}\n"
        f"#SBATCH --time={job.walltime_s // 60}\n"
        "#SBATCH --output=/dev/null\n"
        f"sleep {job.run_s}\n"
    )


Cycles = Mapping[str, int]  # by job, the cycle in which it was started
Runs = Mapping[str, tuple[float, float]]  # by job, its start and end in seconds since cycle 0


def cycles_of(runs: Runs) -> Cycles:
    """Return the cycle before each start: a real one comes a moment after its cycle."""
    return {name: int(start_s // CYCLE_S) for name, (start_s, _) in runs.items()}


def within_one_cycle(real: Cycles, simulated: Cycles) -> float:
    """Return the part of all jobs that both started in the same cycle or in neighbouring ones."""
    return sum(abs(real[name] - simulated[name]) <= 1 for name in real) / len(real)


def same_order(real: Cycles, simulated: Cycles) -> float:
    """Return the part of pairs that started one after the other in the same order in both.

    Pairs that one of them started in one cycle have no order.
    """
    pairs = [(real[a] - real[b]) * (simulated[a] - simulated[b]) for a, b in combinations(real, 2)]
    ordered = [product > 0 for product in pairs if product]
    return sum(ordered) / len(ordered) if ordered else 1.0
