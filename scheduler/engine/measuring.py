"""Asks what ended jobs used, and keeps the answer with them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import islice

import structlog

from scheduler.domain.jobs import TERMINAL, Job
from scheduler.domain.records import JobQuery
from scheduler.engine.world import World
from scheduler.errors import BackendUnavailable

log = structlog.get_logger()
# Seen on 22.05: rows appear about 5 s late, and those of steps with them.
LATE = timedelta(seconds=15)
# What nobody has recorded by then stays unknown.
GIVEN_UP_AFTER = timedelta(hours=1)
# A slurmdbd that does not answer holds a tick up for seconds: it is seldom asked.
AFTER_A_FAILURE = timedelta(minutes=5)
JOBS_AT_ONCE = 500
_NEWEST_ENDED = JobQuery(states=TERMINAL, limit=1000)
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Measurer:
    """Remembers which jobs ended lately and are still to be asked about.

    A restart finds those among the newest jobs in the store. What is never learnt costs a user
    some advice, and nothing else.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._wanted: dict[int, Job] | None = None
        self._not_before = _LONG_AGO

    def go_on(self, moved: Iterable[Job]) -> None:
        """Ask about the jobs that ended, when it is time. Raises StoreUnavailable, NotLeading."""
        every_s = self._world.patience.measure_every_s
        if not every_s:
            return
        if self._wanted is None:
            self._wanted = _unmeasured(reversed(self._world.store.jobs(_NEWEST_ENDED)))
        self._wanted |= _unmeasured(moved)
        now = self._world.clock.now()
        if now < self._not_before:
            return
        recent = {i: job for i, job in self._wanted.items() if now - _end(job) < GIVEN_UP_AFTER}
        try:
            self._wanted = self._asked(recent, now)
            self._not_before = now + timedelta(seconds=every_s)
        except BackendUnavailable as error:
            self._not_before = now + AFTER_A_FAILURE
            log.warning("use_unreadable", error=str(error))

    def _asked(self, wanted: dict[int, Job], now: datetime) -> dict[int, Job]:
        """Ask about some of the jobs, and return those that are still wanted.

        Those of which nothing is known yet are asked about last the next time.
        """
        late = (job_id for job_id, job in wanted.items() if now - _end(job) >= LATE)
        due = {job_id: wanted[job_id] for job_id in islice(late, JOBS_AT_ONCE)}
        if not due:
            return wanted
        # Slurm gives ids again: only the marker tells whose figures they are.
        attempts = {(job.slurm_id, job_id, job.attempt) for job_id, job in due.items()}
        runs = self._world.backend.measured([job.slurm_id for job in due.values()])
        found = {
            run.job_id: run.measured
            for run in runs
            if (run.slurm_id, run.job_id, run.attempt) in attempts
        }
        self._world.store.keep_measured(found, self._world.leadership.demand())
        others = {job_id: job for job_id, job in wanted.items() if job_id not in due}
        return others | {job_id: job for job_id, job in due.items() if job_id not in found}


def _unmeasured(jobs: Iterable[Job]) -> dict[int, Job]:
    return {job.job_id: job for job in jobs if _has_run(job) and job.measured is None}


def _has_run(job: Job) -> bool:
    return job.state in TERMINAL and bool(job.slurm_id) and job.started_at is not None


def _end(job: Job) -> datetime:
    return job.ended_at or _LONG_AGO
