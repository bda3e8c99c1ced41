"""The marked jobs that Slurm has seen, so that no attempt is submitted a second time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from scheduler.backend.slurm_state import MarkerOfOwner, SlurmJob, first_ids
from scheduler.ports import Clock

# slurmctld is sure to remember a job that ended no longer ago than this: keep its MinJobAge longer.
REMEMBERED = timedelta(seconds=60)
# How far back slurmdbd is asked for attempts that an earlier process made.
LOOKED_BACK = timedelta(days=2)


class KnownMarkers:
    """Knows markers from slurmctld's queue, and from slurmdbd what the queue forgot meanwhile."""

    def __init__(
        self,
        clock: Clock,
        recorded_since: Callable[[datetime], Sequence[SlurmJob]],
        installation: str,
    ) -> None:
        self._clock = clock
        self._installation = installation
        self._recorded_since = recorded_since
        self._looked_at: datetime | None = None
        self._recorded: dict[MarkerOfOwner, int] = {}

    def known(self, queue: Iterable[SlurmJob]) -> dict[MarkerOfOwner, int]:
        """Return the first Slurm id of each marker with its owner, given slurmctld's jobs now.

        Raises BackendUnavailable when slurmdbd must be asked and does not answer.
        """
        now = self._clock.now()
        if self._looked_at is None or now - self._looked_at > REMEMBERED:
            since = (self._looked_at or now - LOOKED_BACK) - REMEMBERED
            # A record of a live job proves nothing: slurmctld may have forgotten that job.
            ended = (job for job in self._recorded_since(since) if not job.is_live)
            self._recorded = first_ids(ended, self._installation) | self._recorded
        self._looked_at = now
        return self._recorded | first_ids(queue, self._installation)
