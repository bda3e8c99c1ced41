"""Does an endless stream of small jobs starve a gang of the whole cluster? (P10).

A gang is in time when it starts before its bound, and while the stream still presses: no gang is
saved by the stream's end. What it costs is measured over a stated time, beside the same stream
without it.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median

from loadtests.figures import Figure
from loadtests.seeds import of_all
from scheduler.allocator.greedy import allocate_greedily
from scheduler.allocator.solve import CpSatAllocator
from scheduler.simulation.finished import FinishedJob
from scheduler.simulation.measures import utilisation
from scheduler.simulation.replay import EQUAL, Setup, replay, replay_until_started
from scheduler.simulation.synthetic import small_jobs_and_a_gang
from scheduler.simulation.workload import HOUR_S, Workload

SEEDS = 1000
# The gang comes after an hour; by the rules below its bound is 15 hours or more.
STREAM_HOURS = 16
# What the gang costs is measured from when the cluster is full until then, one gang of an hour
# in it: over a longer time it would be a smaller part.
FROM_S, UNTIL_S = HOUR_S / 2, 4 * HOUR_S
RULES = f'{EQUAL}[wait]\nguard = "1h"\n[user_limits]\nmax_walltime = "1h"\n'
GANG = "gang"
# Every cycle a minute: a live one is quicker, and idles less for the same gang.
SETUP = Setup(allocate_greedily, policy=RULES, cycle_s=60.0, node_gpus=8)
SEARCHED = replace(SETUP, allocate=CpSatAllocator(), fallback=allocate_greedily)
# Each tenth seed is asked of the searching allocator, too, and replayed with and without the gang
# to know what it costs.
LOOKED_INTO = 10


@dataclass(frozen=True, slots=True)
class Outcome:
    """One seed's gang: how long it waited, its bound, and the part of the GPU time it cost.

    `waited_s` is None where it did not start before the stream's end.
    """

    seed: int
    waited_s: float | None
    bound_s: float
    violations: int
    lost: float | None = None

    @property
    def is_in_time(self) -> bool:
        return self.waited_s is not None and self.waited_s <= self.bound_s


def outcomes(seed: int) -> Sequence[Outcome]:
    """Ask the greedy allocator about a seed and, now and then, the searching one as well."""
    workload = small_jobs_and_a_gang(seed, STREAM_HOURS)
    found = outcome(seed, workload, SETUP)
    if seed % LOOKED_INTO:
        return (found,)
    return (replace(found, lost=cost(workload)), outcome(seed, workload, SEARCHED))


def outcome(seed: int, workload: Workload, setup: Setup) -> Outcome:
    """Replay the stream until the gang has started."""
    gang = next(job for job in workload.jobs if job.job_id == GANG)
    started = replay_until_started(workload, setup, GANG)
    if started is None or started.start_by_s is None:
        return Outcome(seed, None, 0.0, 0)
    bound_s = started.start_by_s - gang.submit_s
    return Outcome(seed, started.start_s - gang.submit_s, bound_s, started.violations)


def cost(workload: Workload) -> float:
    """Return the part of the GPU time that the gang cost; what it holds itself is not lost."""
    jobs = tuple(job for job in workload.jobs if job.submit_s < UNTIL_S)
    stream = tuple(job for job in jobs if job.job_id != GANG)
    return busy(replace(workload, jobs=stream)) - busy(replace(workload, jobs=jobs))


def busy(workload: Workload) -> float:
    """Return the part of the GPUs held from when the cluster is full until the stated time."""
    jobs: Sequence[FinishedJob] = replay(workload, SETUP).jobs
    return utilisation(jobs, workload.capacity_gpus, (FROM_S, UNTIL_S))


def figures(found: Sequence[Outcome]) -> Iterator[Figure]:
    in_time = sum(one.is_in_time for one in found) / len(found)
    waits = [one.waited_s / HOUR_S for one in found if one.waited_s is not None]
    seeds = len({one.seed for one in found})
    detail = f"{seeds} seeds, {len(found) - seeds} of them searched as well: waited "
    detail += f"{median(waits):.2f} h (most {max(waits):.2f}), " if waits else "for ever, "
    detail += f"bound at least {min(one.bound_s for one in found) / HOUR_S:.1f} h"
    yield Figure("starvation_in_time", in_time, "of gangs", "= 1", in_time == 1, detail)
    yield from price([one.lost for one in found if one.lost is not None])
    broken = sum(one.violations for one in found)
    yield Figure(
        "starvation_violations", broken, "", "= 0", broken == 0, "audit of every cycle to the start"
    )


def price(lost: Sequence[float]) -> Iterator[Figure]:
    """Yield what one gang costs, in points of utilisation over the stated time."""
    if lost:
        hours = (UNTIL_S - FROM_S) / HOUR_S
        mean = sum(lost) / len(lost) * 100
        detail = (
            f"of utilisation over {hours} h with one such gang of 1 h, mean of {len(lost)} seeds; "
            f"most {max(lost) * 100:.2f}; {mean / 100 * hours * 64:.1f} GPU-hours a gang"
        )
        yield Figure("starvation_points_lost", mean, "points", "<= 3", mean <= 3, detail)


def main() -> None:
    """Ask every seed, and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    seeds = parser.parse_args().seeds
    asked = of_all(outcomes, range(seeds), "streams against a gang")
    for figure in figures([one for found in asked for one in found]):
        figure.write()


if __name__ == "__main__":
    main()
