"""A workload in step with the cycles, so that a real and a simulated cluster can be compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

from loadtests.head_to_head_cut import CAPACITY_GPUS, CutJob
from loadtests.head_to_head_workload import user_of
from scheduler.simulation.workload import Workload, WorkloadJob

CYCLE_S = 3
# Jobs come and end in the middle between two cycles: what Slurm is late with by less than half a
# cycle is seen by the same cycle as in the simulation, which is never late. Otherwise one job that
# ends a moment after a cycle and not before it would change all decisions from then on.
PHASE_S = CYCLE_S / 2


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
        submit_s=job.at_s // CYCLE_S * CYCLE_S + PHASE_S,
        run_s=cycles * CYCLE_S - PHASE_S,
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
