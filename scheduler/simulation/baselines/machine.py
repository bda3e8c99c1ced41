"""A cluster that is one number of GPUs, and the loop that lets a scheduler run jobs on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from math import inf
from typing import Protocol

from scheduler.simulation.finished import FinishedJob
from scheduler.simulation.workload import Workload, WorkloadJob


@dataclass(frozen=True, slots=True)
class Running:
    """A started job; a scheduler knows its walltime's end only."""

    job: WorkloadJob
    start_s: float

    @property
    def expected_end_s(self) -> float:
        return self.start_s + self.job.walltime_s


@dataclass(slots=True)
class Machine:
    """The GPUs that are free, and what runs on the others."""

    capacity_gpus: int
    free_gpus: int
    running: dict[str, Running] = field(default_factory=dict)
    _ends: list[tuple[float, str]] = field(default_factory=list)

    def start(self, job: WorkloadJob, now_s: float) -> None:
        if job.gpus > self.free_gpus:
            raise ValueError(f"{job.job_id} needs {job.gpus} GPUs, {self.free_gpus} are free")
        self.free_gpus -= job.gpus
        self.running[job.job_id] = Running(job, now_s)
        heappush(self._ends, (now_s + job.run_s, job.job_id))

    def next_end_s(self) -> float:
        return self._ends[0][0] if self._ends else inf

    def end_one(self) -> Running:
        """End the job that ends first."""
        ended = self.running.pop(heappop(self._ends)[1])
        self.free_gpus += ended.job.gpus
        return ended


class Scheduler(Protocol):
    """Decides which waiting jobs start; it learns of nothing but submissions and ends."""

    def submitted(self, job: WorkloadJob) -> None: ...

    def ended(self, run: Running, now_s: float) -> None: ...

    def starts(self, machine: Machine, now_s: float) -> Sequence[WorkloadJob]:
        """Return what starts now, in order; all of it fits. The scheduler forgets it."""
        ...

    def wake_s(self) -> float:
        """Return when it wants to be asked again though nothing happened; infinite when not."""
        ...


def simulate(
    workload: Workload, scheduler: Scheduler, tell: Callable[[int], None] = lambda _: None
) -> tuple[FinishedJob, ...]:
    """Return the schedule of the whole workload; `tell` hears how many jobs have ended."""
    machine = Machine(workload.capacity_gpus, workload.capacity_gpus)
    finished: list[FinishedJob] = []
    coming = list(reversed(workload.jobs))
    while len(finished) < len(workload.jobs):
        next_submit_s = coming[-1].submit_s if coming else inf
        now_s = min(next_submit_s, machine.next_end_s(), scheduler.wake_s())
        if now_s == inf:
            raise RuntimeError(f"{workload.name}: nothing runs, and nothing that waits is started")
        while machine.next_end_s() <= now_s:
            ended_s = machine.next_end_s()
            run = machine.end_one()
            finished.append(_finished(run, ended_s))
            scheduler.ended(run, ended_s)
        while coming and coming[-1].submit_s <= now_s:
            scheduler.submitted(coming.pop())
        for job in scheduler.starts(machine, now_s):
            machine.start(job, now_s)
        tell(len(finished))
    return tuple(finished)


def _finished(run: Running, end_s: float) -> FinishedJob:
    job = run.job
    return FinishedJob(
        *(job.job_id, job.organisation, job.user, job.gpus),
        submit_s=job.submit_s,
        start_s=run.start_s,
        end_s=end_s,
        run_s=job.run_s,
        recallable=job.recallable,
    )
