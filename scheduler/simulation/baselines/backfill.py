"""Backfilling: which jobs of an ordered queue start now without delaying those before them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate
from math import inf

from scheduler.simulation.baselines.machine import Machine, Running
from scheduler.simulation.workload import WorkloadJob


def easy(queue: Sequence[WorkloadJob], machine: Machine, now_s: float) -> list[WorkloadJob]:
    """Return what starts by EASY backfilling (Lifka, 1995): only the first that waits is promised.

    Jobs start in order until one does not fit. The others start when they end, by their
    walltimes, before it can start, or when the GPUs that it leaves over are enough.
    """
    free, begun = machine.free_gpus, 0
    while begun < len(queue) and queue[begun].gpus <= free:
        free -= queue[begun].gpus
        begun += 1
    starts = list(queue[:begun])
    if begun == len(queue) or not free:
        return starts
    runs = [*machine.running.values(), *(Running(job, now_s) for job in starts)]
    shadow_s, extra = _promise(queue[begun], free, runs)
    for job in queue[begun + 1 :]:
        in_time = now_s + job.walltime_s <= shadow_s
        if job.gpus <= (free if in_time else min(free, extra)):
            free -= job.gpus
            extra -= 0 if in_time else job.gpus
            starts.append(job)
    return starts


def _promise(head: WorkloadJob, free: int, runs: Iterable[Running]) -> tuple[float, int]:
    """Return when the head can start, by walltimes, and the GPUs that are then left over."""
    for run in sorted(runs, key=lambda run: run.expected_end_s):
        free += run.job.gpus
        if free >= head.gpus:
            return run.expected_end_s, free - head.gpus
    raise ValueError(f"{head.job_id} needs more GPUs than the cluster has")


def planned(
    queue: Sequence[WorkloadJob], machine: Machine, now_s: float, most_places: float = inf
) -> list[WorkloadJob]:
    """Return what starts by Slurm's backfilling: no job with a place in time is delayed.

    Each job in turn gets the earliest place that the running jobs' walltimes and the places
    given before leave; those whose place is now start. Only the first `most_places` later places
    are kept: with all of them it is conservative backfilling, with one about EASY.
    """
    plan = Plan(machine, now_s)
    smallest = list(accumulate((job.gpus for job in reversed(queue)), min))[::-1]
    starts: list[WorkloadJob] = []
    for job, smallest_left in zip(queue, smallest, strict=True):
        # Nobody else can start now, so where the rest would go does not matter.
        if smallest_left > plan.free_now:
            break
        start_s = plan.earliest_s(job.gpus, job.walltime_s)
        if start_s <= now_s:
            starts.append(job)
        elif most_places > 0:
            most_places -= 1
        else:
            continue
        plan.keep(start_s, job.walltime_s, job.gpus)
    return starts


class Plan:
    """The free GPUs over time: from `times_s[i]` until the next time `free[i]` are free."""

    def __init__(self, machine: Machine, now_s: float) -> None:
        self._times_s = [now_s]
        self._free = [machine.free_gpus]
        # Expected ends lie in the future: a job ends by itself or at its walltime.
        for run in sorted(machine.running.values(), key=lambda run: run.expected_end_s):
            if run.expected_end_s > self._times_s[-1]:
                self._times_s.append(run.expected_end_s)
                self._free.append(self._free[-1])
            self._free[-1] += run.job.gpus

    @property
    def free_now(self) -> int:
        return self._free[0]

    def earliest_s(self, gpus: int, for_s: float) -> float:
        """Return the earliest time from which so many GPUs are free for so long."""
        start: int | None = None
        for place, free in enumerate(self._free):
            if free < gpus:
                start = None
            elif start is None:
                start = place
            if start is not None and self._until(place) >= self._times_s[start] + for_s:
                return self._times_s[start]
        raise ValueError(f"{gpus} GPUs are more than the cluster has")

    def keep(self, start_s: float, for_s: float, gpus: int) -> None:
        """Take GPUs out of the plan for a time."""
        first, end = self._cut(start_s), self._cut(start_s + for_s)
        for place in range(first, end):
            self._free[place] -= gpus

    def _until(self, place: int) -> float:
        return self._times_s[place + 1] if place + 1 < len(self._times_s) else inf

    def _cut(self, at_s: float) -> int:
        """Return the place that begins at this time, dividing the one that holds it if need be."""
        place = bisect_right(self._times_s, at_s) - 1
        if self._times_s[place] != at_s:
            place += 1
            self._times_s.insert(place, at_s)
            self._free.insert(place, self._free[place - 1])
        return place
