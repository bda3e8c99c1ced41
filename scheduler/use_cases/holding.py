"""How often a job may be held: each hold and each release stays in its history for good."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from threading import Lock

from scheduler.errors import HeldTooOften

MOST_HOLDS = 5
WITHIN = timedelta(minutes=1)


class HoldPace:
    """Counts holds by job, in windows that begin with a hold; each process knows its own."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._ends_at: datetime | None = None
        self._holds: Counter[int] = Counter()

    def count(self, job_id: int, now: datetime) -> None:
        """Count a hold. Raises HeldTooOften where the window has had its holds of the job."""
        with self._lock:
            if self._ends_at is None or now >= self._ends_at:
                self._ends_at = now + WITHIN
                self._holds.clear()
            if self._holds[job_id] >= MOST_HOLDS:
                raise HeldTooOften(job_id, MOST_HOLDS, int(WITHIN.total_seconds()))
            self._holds[job_id] += 1
