"""Is sharing worth it for who idles and then bursts? A private partition is the measure. (P2′)."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from loadtests.figures import Figure
from loadtests.seeds import of_all
from scheduler.allocator.greedy import allocate_greedily
from scheduler.simulation.baselines.machine import simulate
from scheduler.simulation.baselines.simple import FirstCome
from scheduler.simulation.finished import FinishedJob
from scheduler.simulation.replay import EQUAL, Setup, replay
from scheduler.simulation.synthetic import idle_then_burst
from scheduler.simulation.workload import HOUR_S

SEEDS = 200
CYCLE_S = 60.0
NODE_GPUS = 8
OWNER = "burst"
ORGANISATIONS = 4


@dataclass(frozen=True, slots=True)
class Outcome:
    """GPU-hours of the burst over the run, and by the time its private partition was through."""

    seed: int
    shared_gpu_hours: float
    private_gpu_hours: float
    gang_gpu_hours: float
    in_time_part: float

    @property
    def is_no_worse(self) -> bool:
        """Gangs are indivisible: one of them is the ε that the promise leaves open."""
        return self.shared_gpu_hours >= self.private_gpu_hours - self.gang_gpu_hours


def outcome(seed: int) -> Outcome:
    """Replay the shared cluster, and the burst alone on its even part of it.

    The run ends when the others stop to press: what the burst gets later does not count.
    """
    workload = idle_then_burst(seed)
    own = tuple(job for job in workload.jobs if job.organisation == OWNER)
    private = replace(workload, jobs=own, capacity_gpus=workload.capacity_gpus // ORGANISATIONS)
    alone = simulate(private, FirstCome())
    setup = Setup(allocate_greedily, policy=EQUAL, cycle_s=CYCLE_S, node_gpus=NODE_GPUS)
    shared = [job for job in replay(workload, setup).jobs if job.organisation == OWNER]
    end_s, through_s = workload.jobs[-1].submit_s, max(job.end_s for job in alone)
    return Outcome(
        seed,
        gpu_hours(shared, end_s),
        gpu_hours(alone, end_s),
        max(job.gpus * job.run_s for job in own) / HOUR_S,
        gpu_hours(shared, through_s) / gpu_hours(alone, through_s),
    )


def gpu_hours(jobs: Iterable[FinishedJob], until_s: float) -> float:
    return sum(job.gpus * max(0.0, min(job.end_s, until_s) - job.start_s) for job in jobs) / HOUR_S


def figure(outcomes: Sequence[Outcome]) -> Figure:
    part = sum(one.is_no_worse for one in outcomes) / len(outcomes)
    late = min(one.in_time_part for one in outcomes)
    detail = (
        f"{len(outcomes)} seeds; by the time its own partition would have been through with the "
        f"burst, the worst had got {late:.0%} of it"
    )
    return Figure("sharing_no_worse", part, "of seeds", ">= 0.99", part >= 0.99, detail)


def main() -> None:
    """Ask every seed, and write the figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    seeds = parser.parse_args().seeds
    figure(of_all(outcome, range(seeds), "an idle organisation bursts")).write()


if __name__ == "__main__":
    main()
