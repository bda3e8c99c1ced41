"""Follows cycle after cycle, and says of each job that waits when it is expected to start."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from statistics import median

from scheduler.domain.decisions import Allocation
from scheduler.domain.estimates import StartEstimate, TrackRecord, size_of
from scheduler.domain.jobs import PendingJob
from scheduler.domain.queue import jobs_of
from scheduler.domain.snapshot import Snapshot
from scheduler.domain.tenants import Tenant
from scheduler.forecast.calibration import Calibration, Prediction
from scheduler.forecast.runtimes import Runtimes
from scheduler.forecast.scene import Lasting, Scene

# A few courses with runtimes drawn anew show the middle better than one with middle runtimes.
MOST_COURSES = 3
# So many waiting jobs are followed in all courses together, which takes well under a second.
MOST_FOLLOWED = 5000
LONG_QUEUE, PAUSE_S = 1000, 30.0
LEAST_AGE = timedelta(minutes=1)
# The forecast shares the engine's time, and of a longer queue a look costs more than a cycle.
LONGEST_QUEUE = 10_000
# Spreads the draws of each job's courses evenly, and differently for each job.
GOLDEN = 0.618033988749895


@dataclass(frozen=True, slots=True)
class _Run:
    tenant: Tenant
    started_at: datetime
    walltime_s: int


class Forecaster:
    """Makes an estimate for each job in the first cycle that sees it wait and does not start it.

    It is made anew when its P50 has passed, a minute after it was made at the earliest. In a long
    queue it is made within half a minute, and in the longest none is. It learns from what the
    cycles show only: which runs have ended, and which jobs have started. The same cycles give the
    same estimates.
    """

    def __init__(self, runtimes: Runtimes | None = None) -> None:
        self._runtimes = runtimes or Runtimes()
        self._calibration = Calibration()
        self._runs: dict[int, _Run] = {}
        self._cycle = 0
        self._told: frozenset[int] = frozenset()
        self._told_at: datetime | None = None

    def saw(self, snapshot: Snapshot, allocation: Allocation) -> tuple[StartEstimate, ...]:
        """Learn from a cycle, and return the estimates that are made in it, new ones or anew."""
        if sum(len(group.jobs) for group in snapshot.queue) > LONGEST_QUEUE:
            return ()
        waiting = self._learn(snapshot, allocation)
        late = frozenset(filter(partial(self._is_late, snapshot.taken_at), self._told))
        wanted = (waiting - self._told) | late
        if not wanted or self._is_too_soon(len(waiting), snapshot.taken_at):
            return ()
        predictions = list(self._predictions(snapshot, allocation, wanted))
        self._told, self._told_at = waiting, snapshot.taken_at
        return self._calibration.estimates(predictions, snapshot.taken_at)

    def estimate_of(self, job_id: int) -> StartEstimate | None:
        """Return the estimate of a job that waits; None when it could never start."""
        return self._calibration.estimate_of(job_id)

    def track_record(self) -> tuple[TrackRecord, ...]:
        """Return how the newest estimates came out, class by class."""
        return self._calibration.track_record()

    def _learn(self, snapshot: Snapshot, allocation: Allocation) -> frozenset[int]:
        """Learn what has ended, started or been withdrawn, and return who goes on waiting."""
        if snapshot.cycle > self._cycle + 1:
            self._runs.clear()  # nobody looked here when they ended
        self._cycle = snapshot.cycle
        queue = {job.job_id: job for job in jobs_of(snapshot.queue)}
        self._note_runs(snapshot, queue)
        for start in allocation.starts:
            self._note_start(queue[start.job_id], snapshot.taken_at)
        for job_id in self._told - queue.keys():
            self._calibration.withdrawn(job_id)
        waiting = frozenset(queue.keys() - {start.job_id for start in allocation.starts})
        self._told &= waiting
        return waiting

    def _is_too_soon(self, waiting: int, now: datetime) -> bool:
        """Of a long queue the course takes long: new jobs are told together, every few cycles."""
        pause = timedelta(seconds=PAUSE_S if waiting > LONG_QUEUE else 0.0)
        return self._told_at is not None and now < self._told_at + pause

    def _is_late(self, now: datetime, job_id: int) -> bool:
        """Say whether a job waits on beyond its P50, which is old enough to be made anew."""
        told = self._calibration.estimate_of(job_id)
        return told is not None and now >= max(told.p50, told.made_at + LEAST_AGE)

    def _note_start(self, job: PendingJob, at: datetime) -> None:
        self._calibration.started(job.job_id, at)
        self._runs[job.job_id] = _Run(job.tenant, at, job.request.walltime_s)

    def _note_runs(self, snapshot: Snapshot, queue: Mapping[int, PendingJob]) -> None:
        """Learn from the runs that are over; one that waits again was cut short by others."""
        holding = {job.job_id: job for job in snapshot.holding}
        for job_id in self._runs.keys() - holding.keys():
            run = self._runs.pop(job_id)
            if job_id not in queue:
                used_s = (snapshot.taken_at - run.started_at).total_seconds()
                self._runtimes.ended(run.tenant, used_s, run.walltime_s)
        for job_id, job in holding.items():
            if job.started_at is not None:
                self._runs[job_id] = _Run(job.tenant, job.started_at, job.walltime_s)

    def _predictions(
        self, snapshot: Snapshot, allocation: Allocation, wanted: Set[int]
    ) -> Iterable[Prediction]:
        scene = Scene(snapshot, allocation.starts)
        waits_s = self._waits_s(scene, sorted(wanted & scene.waiting.keys()))
        capacity_gpus = snapshot.capacity_gpus()
        for job_id, wait_s in waits_s.items():
            job, shapes = scene.waiting[job_id].job, scene.waiting[job_id].shapes
            size = size_of(shapes[0].gpus, capacity_gpus[shapes[0].pool])
            anew = job_id in self._told
            yield Prediction(job_id, job.tenant.tenant_class, size, wait_s, anew)

    def _waits_s(self, scene: Scene, wanted: Iterable[int]) -> Mapping[int, float]:
        """Return the middle of each job's waits in a few courses."""
        count = max(1, min(MOST_COURSES, MOST_FOLLOWED // max(1, len(scene.waiting))))
        courses = [
            scene.course(self._lasting(number, count)).starts_s(wanted, MOST_FOLLOWED)
            for number in range(count)
        ]
        return {job_id: median(course[job_id] for course in courses) for job_id in wanted}

    def _lasting(self, number: int, count: int) -> Lasting:
        """Return how long jobs run in one of so many courses, which share out all they may run."""

        def lasts_s(tenant: Tenant, walltime_s: int, elapsed_s: float, job_id: int) -> float:
            level = 0.5 if count == 1 else (job_id * GOLDEN + (number + 0.5) / count) % 1.0
            return self._runtimes.runtime_s(tenant, walltime_s, elapsed_s, level)

        return lasts_s
