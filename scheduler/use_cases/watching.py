"""Telling watchers of changes: one reader of the store's events serves all of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from scheduler.domain.jobs import Job
from scheduler.domain.records import JobEvent
from scheduler.errors import Draining, InvalidRequest, TendikError, Violation
from scheduler.identity import Caller
from scheduler.ports import JobStore
from scheduler.texts import said
from scheduler.use_cases.jobs import Jobs
from scheduler.use_cases.watcher import Watcher

MAX_WATCHED_JOBS = 1000
POLL_INTERVAL_S = 0.25
EVENTS_PER_POLL = 1000


@dataclass(frozen=True, slots=True)
class Reading:
    """What one poll saw, in this order: jobs that changed, then what newcomers begin with."""

    last_event_id: int
    page_was_full: bool
    changed: tuple[tuple[JobEvent, Job], ...]
    beginnings: tuple[tuple[Watcher, tuple[Job, ...] | TendikError], ...]


class Watching:
    """Streams jobs as they change.

    A job is always shown as it is when it is read, so a state never goes back and the newest one
    always arrives; changes that follow each other within a poll interval may be shown as one.
    The store is polled only while somebody watches.
    """

    def __init__(
        self, store: JobStore, jobs: Jobs, poll_interval_s: float = POLL_INTERVAL_S
    ) -> None:
        self._store = store
        self._jobs = jobs
        self._poll_interval_s = poll_interval_s
        self._watchers: set[Watcher] = set()
        self._newcomers: list[Watcher] = []
        self._arrival = asyncio.Event()
        self._poller: asyncio.Task[None] | None = None
        self._draining = False

    async def watch(self, caller: Caller, job_ids: Collection[int] = ()) -> AsyncGenerator[Job]:
        """Yield the present state of these jobs, or of the caller's live ones, then changes.

        Raises NotFound, InvalidRequest, FellBehind, Draining, StoreUnavailable.
        """
        watcher = self._joined(caller, job_ids)
        try:
            async for job in watcher.jobs():
                yield job
        finally:
            self._watchers.discard(watcher)

    async def drain(self) -> None:
        """End every stream with Draining and let nobody join."""
        self._draining = True
        self._end_all(Draining(said("the service is stopping; watch again in a moment")))
        if self._poller is not None:
            self._poller.cancel()
            await asyncio.wait({self._poller})

    def _joined(self, caller: Caller, job_ids: Collection[int]) -> Watcher:
        if self._draining:
            raise Draining(said("the service is stopping; watch again in a moment"))
        if len(job_ids) > MAX_WATCHED_JOBS:
            message = said(
                "at most {most} jobs can be watched by name, not {asked}; name fewer",
                most=MAX_WATCHED_JOBS,
                asked=len(job_ids),
            )
            raise InvalidRequest(Violation("names", message))
        watcher = Watcher(caller, job_ids)
        self._watchers.add(watcher)
        self._newcomers.append(watcher)
        self._arrival.set()
        if self._poller is None or self._poller.done():
            self._poller = asyncio.create_task(self._poll(), name="watching")
        return watcher

    async def _poll(self) -> None:
        try:
            last = await asyncio.to_thread(self._store.last_event_id)
            while self._watchers:
                reading = await self._read(last)
                last = reading.last_event_id
                self._tell(reading)
                if not reading.page_was_full:
                    await self._pause()
        except Exception as error:
            # Readers are told, so that they come again; silence would look like a quiet cluster.
            self._end_all(error)

    async def _pause(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._arrival.wait(), self._poll_interval_s)

    async def _read(self, last: int) -> Reading:
        self._arrival.clear()
        newcomers = [watcher for watcher in self._newcomers if watcher in self._watchers]
        self._newcomers = []
        return await asyncio.to_thread(self._reading, last, tuple(self._watchers), newcomers)

    def _reading(
        self, last: int, watchers: Sequence[Watcher], newcomers: Sequence[Watcher]
    ) -> Reading:
        events = self._store.events(last, EVENTS_PER_POLL)
        wanted = {
            event.job_id: event
            for event in events
            if any(watcher.wants(event) for watcher in watchers)
        }
        return Reading(
            events[-1].event_id if events else last,
            len(events) == EVENTS_PER_POLL,
            tuple((event, self._store.job(job_id)) for job_id, event in wanted.items()),
            tuple((watcher, self._beginning(watcher)) for watcher in newcomers),
        )

    def _beginning(self, watcher: Watcher) -> tuple[Job, ...] | TendikError:
        try:
            if watcher.job_ids:
                return self._jobs.several(watcher.caller, sorted(watcher.job_ids))
            return self._jobs.own_live(watcher.caller)
        except TendikError as refusal:
            return refusal

    def _tell(self, reading: Reading) -> None:
        begun = {watcher for watcher, _ in reading.beginnings}
        for event, job in reading.changed:
            for watcher in self._others(begun):
                if watcher.wants(event):
                    watcher.offer(job)
        for watcher, beginning in reading.beginnings:
            if isinstance(beginning, TendikError):
                watcher.end(beginning)
            else:
                watcher.begin(beginning)

    def _others(self, begun: Collection[Watcher]) -> Iterator[Watcher]:
        """Yield the watchers that have begun before: a newcomer's beginning is newer anyway."""
        waiting = {*begun, *self._newcomers}
        return (watcher for watcher in self._watchers if watcher not in waiting)

    def _end_all(self, because: Exception) -> None:
        for watcher in self._watchers:
            watcher.end(because)
