"""The jobs that wait and those that hold GPUs, kept from tick to tick by the store's events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from scheduler.domain.jobs import HoldingJob
from scheduler.domain.queue import JobGroup, PendingQueue
from scheduler.domain.records import LiveChanges
from scheduler.engine.dependents import Dependents
from scheduler.ports import Clock, JobStore

# Someone may mend the database by hand, without an event: it is noticed within this time.
READ_IN_FULL_EVERY = timedelta(hours=1)


class LiveJobs:
    """Knows what `pending` and `holding` of the store would say, at the price of what changed.

    Reads everything first, and again where its memory may be wrong: after `forget`, when the
    store has lost events, and once an hour.
    """

    def __init__(self, store: JobStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._queue = PendingQueue()
        self._holding: dict[int, HoldingJob] = {}
        self._in_order: tuple[HoldingJob, ...] | None = ()
        self.dependents = Dependents()
        self._up_to = 0
        self._read_at: datetime | None = None

    def refresh(self) -> None:
        """Take in what happened since the last call. Raises StoreUnavailable."""
        if self._read_at is None or self._clock.now() - self._read_at >= READ_IN_FULL_EVERY:
            self._read_in_full()
        changes = self._store.live_changes(self._up_to)
        if changes.up_to < self._up_to:
            self._read_in_full()
        else:
            self._take_in(changes)

    def forget(self) -> None:
        """Let the next `refresh` read everything: what is known may be wrong."""
        self._read_at = None

    def promised(self, start_bys: Mapping[int, datetime]) -> None:
        """Take in the bounds on waits that were recorded: they have no event."""
        for job_id, moment in start_bys.items():
            if job_id in self._queue:
                self._queue.add(replace(self._queue[job_id], start_by=moment))

    def is_waiting(self, job_id: int) -> bool:
        """Return whether the job was pending as of the last refresh."""
        return job_id in self._queue

    def queue(self) -> tuple[JobGroup, ...]:
        """Return the pending jobs as of the last refresh, the group with the oldest first."""
        return self._queue.groups()

    def holding(self) -> tuple[HoldingJob, ...]:
        """Return the jobs whose gangs are charged as of the last refresh, by job_id."""
        if self._in_order is None:
            self._in_order = tuple(self._holding[job_id] for job_id in sorted(self._holding))
        return self._in_order

    def _read_in_full(self) -> None:
        """Read the id first: what happens during the reads is then read again as a change."""
        up_to, read_at = self._store.last_event_id(), self._clock.now()
        queue = PendingQueue(self._store.pending())
        holding = {job.job_id: job for job in self._store.holding()}
        self.dependents = Dependents(self._store.dependents())
        self._queue, self._holding, self._in_order = queue, holding, None
        self._up_to, self._read_at = up_to, read_at

    def _take_in(self, changes: LiveChanges) -> None:
        self.dependents.take_in(changes)
        for waiting in changes.pending:
            self._queue.add(waiting)
            self._no_longer_holds(waiting.job_id)
        for charged in changes.holding:
            self._queue.discard(charged.job_id)
            self._holding[charged.job_id] = charged
            self._in_order = None
        for job_id in changes.gone:
            self._queue.discard(job_id)
            self._no_longer_holds(job_id)
        self._up_to = changes.up_to

    def _no_longer_holds(self, job_id: int) -> None:
        if self._holding.pop(job_id, None) is not None:
            self._in_order = None
