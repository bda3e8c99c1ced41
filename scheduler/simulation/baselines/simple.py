"""The plain schedulers: first come first served with EASY backfilling, and lowest share first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from heapq import heapify, heappop, heappush
from math import inf, log

from scheduler.simulation.baselines.backfill import easy
from scheduler.simulation.baselines.fair_tree import DecayedUsage
from scheduler.simulation.baselines.machine import Machine, Running
from scheduler.simulation.workload import DAY_S, WorkloadJob


class FirstCome:
    """The queue in the order of submission, with EASY backfilling."""

    def __init__(self) -> None:
        self._waiting: dict[str, WorkloadJob] = {}

    def submitted(self, job: WorkloadJob) -> None:
        self._waiting[job.job_id] = job

    def ended(self, run: Running, now_s: float) -> None:
        """Do nothing: only the order of submission counts."""

    def wake_s(self) -> float:
        return inf

    def starts(self, machine: Machine, now_s: float) -> Sequence[WorkloadJob]:
        starts = easy(list(self._waiting.values()), machine, now_s)
        for job in starts:
            del self._waiting[job.job_id]
        return starts


class LowestShareFirst:
    """The organisation with the least held and used goes first, as long as anything fits.

    Its share is the GPUs that it holds, charged when a job starts, and the mean GPUs of its
    decayed usage, divided by its weight. Its oldest job that fits is started. Nothing is kept
    for a gang that does not fit, so a stream of small jobs starves a big one.
    """

    def __init__(
        self, weights: Mapping[str, float] | None = None, half_life_s: float = 7 * DAY_S
    ) -> None:
        self._weights = weights or {}
        self._memory_s = half_life_s / log(2)
        self._usage = DecayedUsage(half_life_s)
        self._held: Counter[str] = Counter()
        self._waiting: dict[str, dict[str, WorkloadJob]] = {}

    def submitted(self, job: WorkloadJob) -> None:
        self._waiting.setdefault(job.organisation, {})[job.job_id] = job

    def ended(self, run: Running, now_s: float) -> None:
        self._held[run.job.organisation] -= run.job.gpus
        self._usage.charge_end(run, now_s)

    def wake_s(self) -> float:
        return inf

    def starts(self, machine: Machine, now_s: float) -> Sequence[WorkloadJob]:
        self._usage.update(machine.running.values(), now_s)
        free, starts = machine.free_gpus, list[WorkloadJob]()
        used = self._mean_gpus()
        turns = [(self._share(name, used), name) for name in self._waiting]
        heapify(turns)
        while turns:
            _, name = heappop(turns)
            job = next((job for job in self._waiting[name].values() if job.gpus <= free), None)
            if job is None:
                continue
            free -= job.gpus
            starts.append(job)
            self._take(job)
            if name in self._waiting:
                heappush(turns, (self._share(name, used), name))
        return starts

    def _mean_gpus(self) -> Mapping[str, float]:
        means: dict[str, float] = {}
        for (name, _), gpu_seconds in self._usage.gpu_seconds.items():
            means[name] = means.get(name, 0.0) + gpu_seconds / self._memory_s
        return means

    def _share(self, name: str, used: Mapping[str, float]) -> float:
        return (self._held[name] + used.get(name, 0.0)) / self._weights.get(name, 1.0)

    def _take(self, job: WorkloadJob) -> None:
        self._held[job.organisation] += job.gpus
        waiting = self._waiting[job.organisation]
        del waiting[job.job_id]
        if not waiting:
            del self._waiting[job.organisation]
