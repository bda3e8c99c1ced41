"""Requests that wait for their commit: bounded, and no organisation stands before another."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from threading import Lock

from scheduler.domain.records import NewJobs
from scheduler.errors import Overloaded
from scheduler.store.answers import Answer
from scheduler.store.intake import job_count
from scheduler.texts import said

Batch = list[tuple[NewJobs, Answer]]

# Beyond this a caller's deadline passes before its turn comes; say so at once instead.
MAX_REQUESTS = 10_000
MAX_BYTES = 128 * 1024 * 1024
# One commit's share of the database's writing time, so that others get theirs in between.
MAX_BATCH_JOBS = 1_000
MAX_BATCH_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much may wait in all: requests, and the bytes of their scripts and environments."""

    requests: int = MAX_REQUESTS
    script_bytes: int = MAX_BYTES


BOUNDS = Bounds()


@dataclass(slots=True)
class _Line:
    """One organisation's requests, oldest first."""

    waiting: deque[tuple[NewJobs, Answer]] = field(default_factory=deque)
    script_bytes: int = 0


class WaitingRoom:
    """Lets in as many of an organisation's requests as there are places free for everybody.

    So whoever floods it alone gets half of it, two get a third each, and there is always room for
    one who comes late. A batch takes one of each organisation in turn, oldest first. May be used
    from several threads.
    """

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._lines: OrderedDict[str, _Line] = OrderedDict()
        self._requests = 0
        self._script_bytes = 0
        self._lock = Lock()

    def __bool__(self) -> bool:
        return bool(self._requests)

    def enter(self, new: NewJobs, answer: Answer) -> None:
        """Put the request at the end of its organisation's line. Raises Overloaded."""
        organisation, size = new.tenant.organisation, _size_of(new)
        with self._lock:
            line = self._lines.get(organisation) or _Line()
            self._check(organisation, line, size)
            self._lines[organisation] = line
            line.waiting.append((new, answer))
            self._count(line, 1, size)

    def next_batch(self) -> Batch:
        """Take out what the next commit stores; empty when nobody waits."""
        batch: Batch = []
        jobs = size = 0
        with self._lock:
            while self._lines and jobs < MAX_BATCH_JOBS and size < MAX_BATCH_BYTES:
                new, answer = self._next()
                batch.append((new, answer))
                jobs += job_count(new)
                size += _size_of(new)
        return batch

    def _check(self, organisation: str, line: _Line, size: int) -> None:
        if len(line.waiting) >= self._bounds.requests - self._requests:
            raise Overloaded(organisation, said("requests"), self._bounds.requests, self._requests)
        if line.script_bytes + size > self._bounds.script_bytes - self._script_bytes:
            raise Overloaded(
                organisation,
                said("bytes of scripts"),
                self._bounds.script_bytes,
                self._script_bytes,
            )

    def _next(self) -> tuple[NewJobs, Answer]:
        """Take the oldest request of the organisation whose turn it is, the next one's then."""
        organisation, line = next(iter(self._lines.items()))
        first = line.waiting.popleft()
        self._count(line, -1, -_size_of(first[0]))
        if line.waiting:
            self._lines.move_to_end(organisation)
        else:
            del self._lines[organisation]
        return first

    def _count(self, line: _Line, requests: int, script_bytes: int) -> None:
        self._requests += requests
        self._script_bytes += script_bytes
        line.script_bytes += script_bytes


def _size_of(new: NewJobs) -> int:
    variables = new.spec.environment.items()
    return len(new.spec.script) + sum(len(name) + len(value) for name, value in variables)
