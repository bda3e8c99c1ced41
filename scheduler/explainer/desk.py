"""Answers what one job waits for: a snapshot of its own, decided about as the engine decides."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from scheduler.domain.explaining import Explanation, Question
from scheduler.domain.queue import grouped
from scheduler.domain.snapshot import Snapshot
from scheduler.engine.live_jobs import LiveJobs
from scheduler.engine.snapshots import Sources, UsageMemory, take_snapshot
from scheduler.errors import NotFound

# The engine knows of each run that ends; here all usage is read anew, which costs the store.
USAGE_READ_EVERY = timedelta(seconds=5)
Explain = Callable[[Snapshot, int], Explanation]


class Desk:
    """Answers questions one after the other, from one thread; keeps the live jobs between them."""

    def __init__(self, sources: Sources, explain: Explain) -> None:
        self._sources = sources
        self._explain = explain
        self._live = LiveJobs(sources.store, sources.clock)
        self._usage = UsageMemory(sources)
        self._usage_read_at: datetime | None = None

    def answer(self, question: Question) -> Explanation | None:
        """Return the explanation; None where no such job waits. Raises StoreUnavailable."""
        snapshot = self._snapshot(question)
        if isinstance(question.about, int):
            return self._about_waiting(snapshot, question.about)
        job = question.about
        queue = tuple(sorted((*snapshot.queue, *grouped([job])), key=lambda group: group.oldest))
        return self._explain(replace(snapshot, queue=queue), job.job_id)

    def _about_waiting(self, snapshot: Snapshot, job_id: int) -> Explanation | None:
        """An answer goes to another process, and an error of ours would not arrive whole."""
        with suppress(NotFound):
            return self._explain(snapshot, job_id)
        return None

    def _snapshot(self, question: Question) -> Snapshot:
        now = self._sources.clock.now()
        if self._usage_read_at is None or now - self._usage_read_at >= USAGE_READ_EVERY:
            self._usage.forget()
            self._usage_read_at = now
        usage = self._usage.buckets(question.policy)
        return take_snapshot(self._sources, question.cluster, question.policy, usage, self._live)
