"""Reading what a job wrote, piece by piece, as long as it runs if that is wanted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from scheduler.domain.file_names import output_path
from scheduler.domain.jobs import TERMINAL, Job, JobState
from scheduler.domain.output import OutputNews, OutputStatus, Piece, Wanted
from scheduler.errors import BackendUnavailable, Draining, InvalidRequest, Violation
from scheduler.identity import Caller
from scheduler.ports import OutputReader
from scheduler.texts import said
from scheduler.use_cases.jobs import Jobs
from scheduler.use_cases.output_cursor import Cursor, start_of_lines
from scheduler.use_cases.output_places import OutputPlaces, Place

# What is asked for at once: to begin a reader takes as long as to read so much.
PIECE_BYTES = 1024 * 1024
# Threads of its own: a file server that hangs must not keep those that read the store.
READS_AT_ONCE = 8
BEGUN = frozenset({JobState.RUNNING, JobState.SETTLING}) | TERMINAL


@dataclass(frozen=True, slots=True)
class OutputRequest:
    """Which output, from where, and whether to go on to the job's end.

    With `tail_lines` it begins with so many of the file's last lines, whatever the offset.
    """

    job_id: int
    of_errors: bool = False
    offset: int = 0
    tail_lines: int = 0
    follow: bool = False

    def __post_init__(self) -> None:
        for name in ("offset", "tail_lines"):
            if getattr(self, name) < 0:
                raise InvalidRequest(Violation(name, said("must not be negative")))


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much at once; the pause between two looks doubles while nothing comes."""

    streams_of_user: int = 4
    streams: int = 64
    bytes_of_call: int = 16 * 1024 * 1024
    pause_s: float = 1.0
    longest_pause_s: float = 4.0


class Outputs:
    """Streams the output of callers' own jobs; a reader that is slow holds one piece of memory."""

    def __init__(self, jobs: Jobs, reader: OutputReader | None, bounds: Bounds = Bounds()) -> None:
        self._jobs = jobs
        self._reader = reader
        self._bounds = bounds
        self._places = OutputPlaces(bounds.streams_of_user, bounds.streams)
        self._threads = ThreadPoolExecutor(READS_AT_ONCE, "output")
        self._draining = asyncio.Event()

    async def read(self, caller: Caller, request: OutputRequest) -> AsyncGenerator[OutputNews]:
        """Yield the output from its offset to its end; followed, to the end of the job.

        Raises NotFound for a job that is not the caller's, OutputUnreadable, TooManyStreams,
        Draining, BackendUnavailable, StoreUnavailable.
        """
        with self._places.place_for(caller) as place:
            job = await asyncio.to_thread(self._jobs.get_own, caller, request.job_id)
            cursor = Cursor(await self._first_byte(job, request, place), self._bounds.bytes_of_call)
            pause_s = self._bounds.pause_s
            while True:
                before = cursor.offset
                async for news in self._look(job, request, cursor, place):
                    yield news
                if cursor.is_over:
                    return
                pause_s = self._bounds.pause_s if cursor.offset != before else 2 * pause_s
                await self._pause(min(pause_s, self._bounds.longest_pause_s))
                # Read before the file: once a job has ended, nothing comes after the next look.
                job = await asyncio.to_thread(self._jobs.get_own, caller, request.job_id)

    def drain(self) -> None:
        """End every stream with Draining, and let nobody begin one."""
        self._draining.set()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _first_byte(self, job: Job, request: OutputRequest, place: Place) -> int:
        if not request.tail_lines or not may_have_written(job):
            return request.offset
        size = (await self._piece(job, request, 0, 0, place)).size_bytes
        begin = max(0, size - PIECE_BYTES)
        last = await self._piece(job, request, begin, PIECE_BYTES, place)
        return begin + start_of_lines(last.data, request.tail_lines)

    async def _look(
        self, job: Job, request: OutputRequest, cursor: Cursor, place: Place
    ) -> AsyncGenerator[OutputNews]:
        """Yield all that is there now, or that nothing is."""
        is_last = not request.follow or job.state in TERMINAL
        if not may_have_written(job):
            path = output_path(job, of_errors=request.of_errors)
            for news in cursor.nothing(OutputStatus.NOT_STARTED, path, is_last_look=is_last):
                yield news
            return
        cursor.is_at_end = False
        while not (cursor.is_over or cursor.is_at_end):
            limit = min(PIECE_BYTES, cursor.left_bytes)
            piece = await self._piece(job, request, cursor.offset, limit, place)
            for news in cursor.take(piece, is_last_look=is_last):
                yield news

    async def _piece(
        self, job: Job, request: OutputRequest, offset: int, limit: int, place: Place
    ) -> Piece:
        if self._reader is None:
            raise BackendUnavailable(said("this service reads no output"))
        if self._draining.is_set():
            raise _draining()
        path = output_path(job, of_errors=request.of_errors)
        wanted = Wanted(job.unix_account, path, offset, limit)
        place.read = self._threads.submit(self._reader.read, wanted)
        return await asyncio.wrap_future(place.read)

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._draining.wait(), seconds)
            raise _draining()


def may_have_written(job: Job) -> bool:
    """Say whether a run of the job may have begun; earlier ones of one that was put back have."""
    return job.attempt > 0 and (job.state in BEGUN or job.recalls + job.requeues > 0)


def _draining() -> Draining:
    return Draining(said("the service is stopping; read on in a moment"))
