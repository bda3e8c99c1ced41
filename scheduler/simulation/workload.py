"""A workload to replay: who hands in which jobs when, and how long they would run."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil

MINUTE_S = 60
HOUR_S = 3600
DAY_S = 24 * HOUR_S
# The walltimes that people write; longer ones are whole days.
USUAL_WALLTIMES_S = (
    *(10 * MINUTE_S, 30 * MINUTE_S, HOUR_S, 2 * HOUR_S, 4 * HOUR_S, 8 * HOUR_S, 12 * HOUR_S),
    DAY_S,
)
LEAST_ACCURACY = 0.1


@dataclass(frozen=True, slots=True)
class WorkloadJob:
    """One job: `run_s` is its work, unknown to schedulers and never more than the walltime."""

    job_id: str
    organisation: str
    user: str
    gpus: int
    submit_s: float
    run_s: float
    walltime_s: int
    recallable: bool = False

    def __post_init__(self) -> None:
        if self.gpus < 1 or self.submit_s < 0:
            raise ValueError(f"a job needs a GPU, and to be submitted from second 0 on: {self}")
        if self.walltime_s < 1 or not 0 <= self.run_s <= self.walltime_s:
            raise ValueError(f"a job's work lies between 0 and its walltime: {self}")


@dataclass(frozen=True, slots=True)
class Workload:
    """Jobs in the order of their submission, and the GPUs of the cluster that they press on."""

    name: str
    capacity_gpus: int
    jobs: tuple[WorkloadJob, ...]

    def __post_init__(self) -> None:
        if not self.jobs:
            raise ValueError(f"workload {self.name}: there is no job; choose a wider window")
        largest = max(self.jobs, key=lambda job: job.gpus)
        if largest.gpus > self.capacity_gpus:
            raise ValueError(
                f"workload {self.name}: job {largest.job_id} needs {largest.gpus} GPUs, "
                f"the cluster has {self.capacity_gpus}; raise its capacity or drop the job"
            )

    @property
    def span_s(self) -> float:
        return self.jobs[-1].submit_s - self.jobs[0].submit_s

    @property
    def load(self) -> float:
        """Return the work ÷ what the cluster could do while jobs come; 0 when all come at once."""
        work = sum(job.gpus * job.run_s for job in self.jobs)
        return work / (self.capacity_gpus * self.span_s) if self.span_s else 0.0

    def at_load(self, load: float) -> Workload:
        """Return the workload with the times between submissions scaled to give this load."""
        if load <= 0:
            raise ValueError(f"a load must be positive: {load}")
        factor = self.load / load
        return self._with([replace(job, submit_s=job.submit_s * factor) for job in self.jobs])

    def first(self, jobs: int) -> Workload:
        return self._with(self.jobs[:jobs])

    def window(self, start_s: float, end_s: float) -> Workload:
        """Return what is submitted from `start_s` to before `end_s`; second 0 is then `start_s`."""
        within = [job for job in self.jobs if start_s <= job.submit_s < end_s]
        return self._with([replace(job, submit_s=job.submit_s - start_s) for job in within])

    def compressed(self, times: float) -> Workload:
        """Return the workload with everything, work and walltimes too, so many times as quick."""
        if times <= 0:
            raise ValueError(f"a compression must be positive: {times}")
        return self._with([_compressed(job, times) for job in self.jobs])

    def with_recallable(self, part: float, seed: int) -> Workload:
        """Return the workload with this part of its jobs, drawn by the seed, open to recall."""
        if not 0 <= part <= 1:
            raise ValueError(f"a part lies between 0 and 1: {part}")
        chance = seeded(f"recallable {seed}")
        return self._with([replace(job, recallable=chance.random() < part) for job in self.jobs])

    def _with(self, jobs: Sequence[WorkloadJob]) -> Workload:
        ordered = sorted(jobs, key=lambda job: job.submit_s)
        return replace(self, jobs=tuple(ordered))


def seeded(what_for: str) -> random.Random:
    """Return a source of chance that is the same in every run."""
    return random.Random(what_for)  # noqa: S311 chance for simulations, not for secrets


def _compressed(job: WorkloadJob, times: float) -> WorkloadJob:
    walltime_s = max(1, ceil(job.walltime_s / times))
    return replace(
        job, submit_s=job.submit_s / times, run_s=job.run_s / times, walltime_s=walltime_s
    )


def guessed_walltime_s(run_s: float, chance: random.Random) -> int:
    """Return a walltime as a person might have asked for it who does not know the run time.

    The accuracy, run ÷ asked, is drawn evenly from 0.1 to 1, as it is about even in the logs of
    supercomputers (Mu'alem and Feitelson, 2001); then people write the next usual value.
    """
    asked_s = run_s / chance.uniform(LEAST_ACCURACY, 1.0)
    usual = next((value for value in USUAL_WALLTIMES_S if value >= asked_s), None)
    return usual or ceil(asked_s / DAY_S) * DAY_S
