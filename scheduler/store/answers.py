"""Where a commit leaves what became of a request: one answer each, or many awaited at once."""

from __future__ import annotations

import asyncio
from typing import Protocol

from scheduler.domain.jobs import Job
from scheduler.errors import TendikError

Results = list[tuple[Job, ...] | TendikError]


class Answer(Protocol):
    """What a future is to whoever fulfils it; belongs to the event loop."""

    def done(self) -> bool: ...

    def set_result(self, result: tuple[Job, ...], /) -> None: ...

    def set_exception(self, exception: BaseException, /) -> None: ...


class Answers:
    """The answers to a batch's requests, in their order, and one future for all of them.

    A refusal is a result in its place; any other failure is that of the whole batch.
    """

    def __init__(self, count: int) -> None:
        self.all: asyncio.Future[Results] = asyncio.get_running_loop().create_future()
        self.slots = tuple(_Slot(self, number) for number in range(count))
        self._results: list[tuple[Job, ...] | TendikError | None] = [None] * count
        self._missing = count

    def put(self, number: int, result: tuple[Job, ...] | TendikError) -> None:
        self._results[number] = result
        self._missing -= 1
        if not self._missing and not self.all.done():
            self.all.set_result([result for result in self._results if result is not None])


class _Slot:
    """The place of one answer among many."""

    __slots__ = ("_answers", "_number")

    def __init__(self, answers: Answers, number: int) -> None:
        self._answers = answers
        self._number = number

    def done(self) -> bool:
        return self._answers.all.done()

    def set_result(self, result: tuple[Job, ...], /) -> None:
        self._answers.put(self._number, result)

    def set_exception(self, exception: BaseException, /) -> None:
        if isinstance(exception, TendikError):
            self._answers.put(self._number, exception)
        elif not self._answers.all.done():
            self._answers.all.set_exception(exception)
