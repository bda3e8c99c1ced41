"""How the service is asked: once, or until it answers where a repeat does no harm."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator
from typing import Generic, TypeVar

import grpc

from scheduler.cli.client import PAUSES_S
from scheduler.client.errors import Unavailable, WaitTimedOut
from scheduler.client.steps import Ask, Hear, Listen, Operation, Pause, Stream, Stubs
from scheduler.texts import said

Q = TypeVar("Q")
A = TypeVar("A")

_log = logging.getLogger("tendik")


def asked(
    method: Callable[[Stubs], grpc.UnaryUnaryMultiCallable[Q, A]], request: Q
) -> Operation[A]:
    """Return the answer to a question, asked once."""
    answer: A = yield Ask(method, request)
    return answer


def until_answered(
    method: Callable[[Stubs], grpc.UnaryUnaryMultiCallable[Q, A]], request: Q
) -> Operation[A]:
    """Repeat the request while the service is away; only for what is safe to repeat."""
    for pause_s in PAUSES_S:
        try:
            return (yield from asked(method, request))
        except Unavailable as away:
            yield from _paused(away, pause_s)
    return (yield from asked(method, request))


class Following(Generic[Q, A]):
    """A stream that begins anew when it breaks: what was heard may come again.

    `timeout_s` is for all of it; None waits without end.
    """

    def __init__(
        self,
        method: Callable[[Stubs], grpc.UnaryStreamMultiCallable[Q, A]],
        request: Q,
        timeout_s: float | None = None,
    ) -> None:
        self._method = method
        self._request = request
        self._ends_at_s = None if timeout_s is None else time.monotonic() + timeout_s
        self._stream: Stream | None = None
        self._breaks = 0

    def heard(self) -> Operation[A | None]:
        """Return the next part, None at the end. Raises WaitTimedOut."""
        while True:
            try:
                part: A | None = yield from self._heard_once()
            except Unavailable as broken:
                self._stream = None
                yield from self._before_the_next(broken)
            else:
                self._breaks = 0
                return part

    def close(self) -> None:
        if self._stream is not None:
            self._stream.cancel()

    def _heard_once(self) -> Operation[A | None]:
        if self._stream is None:
            self._stream = yield Listen(self._method, self._request, self._left_s())
        part: A | None = yield Hear(self._stream)
        return part

    def _before_the_next(self, broken: Unavailable) -> Generator[Pause, None, None]:
        left_s = self._left_s()
        if left_s == 0.0:
            raise WaitTimedOut(said("the time to wait is over"), "WAIT_TIMED_OUT") from None
        if self._breaks == len(PAUSES_S):
            raise broken
        pause_s = PAUSES_S[self._breaks]
        self._breaks += 1
        yield from _paused(broken, pause_s if left_s is None else min(pause_s, left_s))

    def _left_s(self) -> float | None:
        return None if self._ends_at_s is None else max(0.0, self._ends_at_s - time.monotonic())


def _paused(away: Unavailable, pause_s: float) -> Generator[Pause, None, None]:
    _log.warning("%s; trying again in %g s", away.message.splitlines()[0], pause_s)
    yield Pause(pause_s)
