"""Does an endless stream of small jobs starve a gang of the whole cluster? (P10)."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median

from loadtests.figures import Figure
from loadtests.seeds import of_all
from scheduler.allocator.greedy import allocate_greedily
from scheduler.simulation.finished import FinishedJob
from scheduler.simulation.measures import utilisation
from scheduler.simulation.replay import POLICY, Setup, replay
from scheduler.simulation.synthetic import small_jobs_and_a_gang
from scheduler.simulation.workload import HOUR_S, Workload

SEEDS = 1000
# The stream goes on for so long; the gang comes after an hour and runs for one.
HOURS = 4
RULES = f'{POLICY}[wait]\nguard = "1h"\n[user_limits]\nmax_walltime = "1h"\n'
CYCLE_S = 60.0
COMPARED = 10
NODE_GPUS = 8


@dataclass(frozen=True, slots=True)
class Outcome:
    """One seed's gang: how long it waited, its bound, and the part of the GPU time it cost."""

    seed: int
    waited_s: float
    bound_s: float
    lost: float | None
    violations: int

    @property
    def is_in_time(self) -> bool:
        return self.waited_s <= self.bound_s


def outcome(seed: int) -> Outcome:
    """Replay the stream with the gang; every tenth, to know what it cost, without it, too."""
    whole = small_jobs_and_a_gang(seed)
    jobs = tuple(job for job in whole.jobs if job.submit_s < HOURS * HOUR_S)
    with_gang = replace(whole, jobs=jobs)
    setup = Setup(allocate_greedily, policy=RULES, cycle_s=CYCLE_S, node_gpus=NODE_GPUS)
    replayed = replay(with_gang, setup)
    gang = next(job for job in replayed.jobs if job.organisation == "gang")
    bound_s = (gang.start_by_s or gang.submit_s) - gang.submit_s
    lost = cost(with_gang, replayed.jobs, setup) if seed % COMPARED == 0 else None
    return Outcome(seed, gang.start_s - gang.submit_s, bound_s, lost, replayed.violations)


def cost(workload: Workload, jobs: Sequence[FinishedJob], setup: Setup) -> float:
    """Return the part of the GPU time that the gang cost; what it holds itself is not lost."""
    stream = tuple(job for job in workload.jobs if job.organisation != "gang")
    alone = replace(workload, jobs=stream)
    return busy(alone, replay(alone, setup).jobs) - busy(workload, jobs)


def busy(workload: Workload, jobs: Sequence[FinishedJob]) -> float:
    """Return the part of the GPUs held from when the cluster is full until the stream ends."""
    return utilisation(jobs, workload.capacity_gpus, (HOUR_S / 2, HOURS * HOUR_S))


def figures(outcomes: Sequence[Outcome]) -> Iterator[Figure]:
    in_time = sum(one.is_in_time for one in outcomes) / len(outcomes)
    waits = [one.waited_s / HOUR_S for one in outcomes]
    bounds = [one.bound_s / HOUR_S for one in outcomes]
    yield Figure(
        "starvation_in_time",
        in_time,
        "of seeds",
        "= 1",
        in_time == 1,
        f"{len(outcomes)} seeds: waited {median(waits):.2f} h (most {max(waits):.2f}), "
        f"bound at least {min(bounds):.1f} h",
    )
    lost = [one.lost * 100 for one in outcomes if one.lost is not None]
    yield Figure(
        "starvation_points_lost",
        sum(lost) / len(lost),
        "points",
        "<= 3",
        sum(lost) / len(lost) <= 3,
        f"of utilisation over {HOURS} h, mean of {len(lost)} seeds; most {max(lost):.2f}",
    )
    broken = sum(one.violations for one in outcomes)
    yield Figure("starvation_violations", broken, "", "= 0", broken == 0, "audit of every cycle")


def main() -> None:
    """Ask every seed, and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    seeds = parser.parse_args().seeds
    for figure in figures(of_all(outcome, range(seeds), "streams against a gang")):
        figure.write()


if __name__ == "__main__":
    main()
