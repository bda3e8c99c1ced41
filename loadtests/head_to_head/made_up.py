"""A workload for machines without a trace, with the character of one."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from scheduler.simulation.workload import (
    DAY_S,
    Workload,
    WorkloadJob,
    guessed_walltime_s,
    seeded,
)

JOBS = 2400
ORGANISATIONS = 14
CAPACITY_GPUS = 64
# Chances of the sizes: most jobs are small, and some need half of the machine or all of it.
SIZES = {1: 40, 2: 15, 4: 15, 8: 14, 16: 9, 32: 5, 64: 2}
# Half of all jobs run for less than 7 minutes, and a few for as long as anybody may: 18 hours.
MEDIAN_LOG_S, SPREAD_LOG = 6.0, 2.0
SHORTEST_S, LONGEST_S = 30, 64_800


def made_up_workload(seed: int) -> Workload:
    """Return two weeks of bursts of alike jobs; the same ones for the same seed."""
    chance = seeded(f"head to head {seed}")
    jobs: list[WorkloadJob] = []
    while len(jobs) < JOBS:
        jobs.extend(_burst(chance, len(jobs)))
    ordered = sorted(jobs, key=lambda job: (job.submit_s, job.job_id))
    return Workload(f"made up from seed {seed}", CAPACITY_GPUS, tuple(ordered))


def _burst(chance: Random, first: int) -> Iterator[WorkloadJob]:
    """Yield jobs of one size by one organisation, minutes apart; big gangs come in small bursts."""
    organisation = f"made-up-{chance.randrange(ORGANISATIONS):02}"
    at_s = float(chance.randrange(14 * DAY_S))
    gpus = chance.choices(tuple(SIZES), weights=tuple(SIZES.values()))[0]
    mean_jobs = 3 if gpus > 8 else 12
    for number in range(1 + int(chance.expovariate(1 / mean_jobs))):
        at_s += chance.expovariate(1 / 600)
        run_s = float(int(chance.lognormvariate(MEDIAN_LOG_S, SPREAD_LOG)))
        run_s = min(LONGEST_S, max(SHORTEST_S, run_s))
        yield WorkloadJob(
            job_id=f"made-up-{first + number}",
            organisation=organisation,
            user=f"{organisation}-user",
            gpus=gpus,
            submit_s=at_s,
            run_s=run_s,
            walltime_s=guessed_walltime_s(run_s, chance),
        )
