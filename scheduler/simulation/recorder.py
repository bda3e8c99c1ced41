"""Listens to the engine of a replay and notes when each job held its gang."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from scheduler.domain.jobs import TERMINAL, Job, JobState
from scheduler.domain.records import CycleReport
from scheduler.simulation.finished import FinishedJob, Spell
from scheduler.simulation.workload import WorkloadJob


class Recorder:
    """Knows the spells of every job; seconds count from `epoch`, the workload's second 0."""

    def __init__(self, epoch: datetime) -> None:
        self._epoch = epoch
        self._running_since: dict[int, datetime] = {}
        self._spells: defaultdict[int, list[Spell]] = defaultdict(list)
        self._ended: set[int] = set()
        self._start_bys: dict[int, float] = {}
        self.violations = 0

    @property
    def ended(self) -> int:
        """Return how many jobs have ended for good."""
        return len(self._ended)

    def spells(self, job_id: int) -> tuple[Spell, ...]:
        """Return the spells that have ended."""
        return tuple(self._spells.get(job_id, ()))

    def first_start_s(self, job_id: int) -> float | None:
        """Return when the job first held its gang; None before."""
        if self._spells.get(job_id):
            return self._spells[job_id][0][0]
        since = self._running_since.get(job_id)
        return None if since is None else self._seconds(since)

    def start_by_s(self, job_id: int) -> float | None:
        """Return the bound on the wait of a job that has started; None without one."""
        return self._start_bys.get(job_id)

    def on_cycle(self, report: CycleReport) -> None:
        self.violations += len(report.violations)

    def on_moved(self, jobs: Sequence[Job], at: datetime) -> None:
        for job in jobs:
            if job.state is JobState.RUNNING and job.started_at:
                self._running_since[job.job_id] = job.started_at
                if job.start_by:
                    self._start_bys[job.job_id] = self._seconds(job.start_by)
            elif job.state in TERMINAL:
                self._note_end(job)
            elif job.job_id in self._running_since:
                self._note_spell(job.job_id, self._running_since.pop(job.job_id), at)

    def on_backend(self, name: str, up: bool) -> None:
        """Do nothing: a replay's cluster always answers."""

    def finished(self, jobs: Sequence[WorkloadJob]) -> tuple[FinishedJob, ...]:
        """Return the schedule of the jobs, which were handed in in this order."""
        return tuple(self._finished(number, job) for number, job in enumerate(jobs, start=1))

    def _note_end(self, job: Job) -> None:
        """A replayed job ends by its own; any other end is a fault of the replay or the engine."""
        since = self._running_since.pop(job.job_id, job.started_at)
        if job.state is not JobState.COMPLETED or since is None or job.ended_at is None:
            raise RuntimeError(f"job {job.spec.name} ended as {job.state}: {job.detail}")
        self._note_spell(job.job_id, since, job.ended_at)
        self._ended.add(job.job_id)

    def _note_spell(self, job_id: int, since: datetime, until: datetime) -> None:
        self._spells[job_id].append((self._seconds(since), self._seconds(until)))

    def _seconds(self, moment: datetime) -> float:
        return (moment - self._epoch).total_seconds()

    def _finished(self, number: int, job: WorkloadJob) -> FinishedJob:
        spells = tuple(self._spells[number])
        return FinishedJob(
            *(job.job_id, job.organisation, job.user, job.gpus),
            # The clock counts microseconds; a job must not start before it is submitted.
            submit_s=min(job.submit_s, spells[0][0]),
            start_s=spells[0][0],
            end_s=spells[-1][1],
            run_s=job.run_s,
            recalls=len(spells) - 1,
            spells=spells if len(spells) > 1 else (),
            recallable=job.recallable,
            start_by_s=self._start_bys.get(number),
        )
