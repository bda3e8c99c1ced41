"""Which moves of a job are its first start, and how long it waited until then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from scheduler.domain.jobs import TERMINAL, Job, JobState


class FirstStarts:
    """Remembers the running jobs it saw start, so that a requeued one is not seen to start again.

    It holds one number for each live job that has started. A job that is first seen when it has
    ended counts only if it started after this process began: an earlier one saw the others.
    """

    def __init__(self) -> None:
        self._started: set[int] = set()
        self._began_at: datetime | None = None

    def begin(self, at: datetime) -> None:
        """Take the first moment told as the process's beginning."""
        self._began_at = self._began_at or at

    def waits(self, jobs: Sequence[Job], at: datetime) -> Iterator[tuple[Job, float]]:
        """Yield each job that starts for the first time with the seconds it had waited."""
        self.begin(at)
        for job in jobs:
            start = self._first_start(job, at)
            if start is not None:
                yield job, max(0.0, (start - job.submitted_at).total_seconds())
            if job.state in TERMINAL:
                self._started.discard(job.job_id)

    def _first_start(self, job: Job, at: datetime) -> datetime | None:
        if job.job_id in self._started:
            return None
        if job.state is JobState.RUNNING:
            self._started.add(job.job_id)
            return job.started_at or at
        return job.started_at if job.state in TERMINAL and self._is_ours(job.started_at) else None

    def _is_ours(self, start: datetime | None) -> bool:
        return start is not None and self._began_at is not None and start >= self._began_at
