"""Made-up workloads, each for one question about fairness; the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping

from scheduler.simulation.workload import HOUR_S, Workload, WorkloadJob, seeded

CAPACITY_GPUS = 64
BURST_HOURS = 6


def small_jobs_and_a_gang(seed: int, hours: int = 12) -> Workload:
    """A stream of 1-GPU jobs that would fill the cluster for ever, and one gang of all its GPUs.

    The stream offers a tenth more than the cluster can do, for so many hours; the gang of another
    organisation comes after one hour. A scheduler without reservations never starts it meanwhile.
    A longer stream begins as a shorter one of the same seed.
    """
    chance = seeded(f"stream {seed}")
    run_s = 600
    rate_per_s = 1.1 * CAPACITY_GPUS / run_s
    jobs = list(_poisson("stream", rate_per_s, hours * HOUR_S, lambda: (1, run_s), chance))
    gang = WorkloadJob("gang", "gang", "gang-user", CAPACITY_GPUS, HOUR_S, HOUR_S, 2 * HOUR_S)
    return _workload("small-jobs-and-a-gang", [*jobs, gang])


def idle_then_burst(seed: int) -> Workload:
    """Three organisations press all the time; a fourth idles for a day and then bursts.

    The burst is what its quarter of the cluster could have done in six hours, in 8-GPU gangs.
    """
    chance = seeded(f"burst {seed}")
    jobs: list[WorkloadJob] = []
    for name in ("alpha", "beta", "gamma"):
        sizes = _draw(chance, (1, 2, 4, 8), (600, 7200))
        jobs += _poisson(name, 64 / 3 * 1.1 / (3.75 * 3900), 36 * HOUR_S, sizes, chance)
    run_s, gang_gpus = 1800, 8
    count = CAPACITY_GPUS // 4 * BURST_HOURS * HOUR_S // (run_s * gang_gpus)
    jobs += [
        WorkloadJob(f"burst-{n}", "burst", "burst-user", gang_gpus, 24 * HOUR_S, run_s, HOUR_S)
        for n in range(count)
    ]
    return _workload("idle-then-burst", jobs)


def twelve_overloaded(seed: int) -> Workload:
    """Twelve organisations of unlike habits that together want a quarter more than there is.

    Each wants between half and thrice its even share, in gangs of its own sizes.
    """
    chance = seeded(f"twelve {seed}")
    jobs: list[WorkloadJob] = []
    appetites = [chance.uniform(0.5, 3.0) for _ in range(12)]
    for number, appetite in enumerate(appetites):
        sizes = chance.choice(((1,), (1, 2, 4), (4, 8), (8, 16, 32)))
        gpus = 1.25 * CAPACITY_GPUS * appetite / sum(appetites)
        rate_per_s = gpus / (sum(sizes) / len(sizes) * 2100)
        draw = _draw(chance, sizes, (600, 3600))
        jobs += _poisson(f"org{number:02}", rate_per_s, 24 * HOUR_S, draw, chance)
    return _workload("twelve-overloaded", jobs)


SYNTHETIC: Mapping[str, Callable[[int], Workload]] = {
    "small-jobs-and-a-gang": small_jobs_and_a_gang,
    "idle-then-burst": idle_then_burst,
    "twelve-overloaded": twelve_overloaded,
}


def _draw(
    chance: random.Random, gpus: tuple[int, ...], run_s: tuple[int, int]
) -> Callable[[], tuple[int, int]]:
    return lambda: (chance.choice(gpus), chance.randint(*run_s))


def _poisson(
    organisation: str,
    rate_per_s: float,
    until_s: float,
    draw: Callable[[], tuple[int, int]],
    chance: random.Random,
) -> Iterator[WorkloadJob]:
    """Yield jobs of drawn (GPUs, seconds) at independent times; walltimes are twice the work."""
    at_s, number = chance.expovariate(rate_per_s), 0
    while at_s < until_s:
        gpus, run_s = draw()
        job_id, user = f"{organisation}-{number}", f"{organisation}-user"
        yield WorkloadJob(job_id, organisation, user, gpus, round(at_s, 3), run_s, 2 * run_s)
        at_s, number = at_s + chance.expovariate(rate_per_s), number + 1


def _workload(name: str, jobs: list[WorkloadJob]) -> Workload:
    in_order = sorted(jobs, key=lambda job: (job.submit_s, job.job_id))
    return Workload(name, CAPACITY_GPUS, tuple(in_order))
