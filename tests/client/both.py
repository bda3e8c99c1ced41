"""Both clients behind one face, so that one contract is run on either."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any, cast

from scheduler.client import AsyncTendik, Tendik
from scheduler.client.aio_driver import AioDriver
from scheduler.client.driver import Driver
from scheduler.client.login import context_of


def blocking(pauses: list[float]) -> Tendik:
    """Return a client that notes the seconds that it would have slept."""
    return Tendik(Driver(context_of({}), pauses.append))


class Awaited:
    """An AsyncTendik that is called as a Tendik is: each call runs the event loop to its end."""

    def __init__(self, runner: asyncio.Runner, pauses: list[float]) -> None:
        self._runner = runner
        self._tendik = runner.run(_opened(pauses))

    def __getattr__(self, method: str) -> Any:
        def called(*words: Any, **options: Any) -> Any:
            answer = getattr(self._tendik, method)(*words, **options)
            is_flow = isinstance(answer, AsyncIterator)
            return self._each(answer) if is_flow else self._runner.run(answer)

        return called

    def _each(self, flow: Any) -> Iterator[Any]:
        try:
            while True:
                yield self._runner.run(anext(flow))
        except StopAsyncIteration:
            return
        finally:
            self._runner.run(flow.aclose())


def awaited(runner: asyncio.Runner, pauses: list[float]) -> Tendik:
    """Return the other client, called as if it were this one."""
    return cast("Tendik", Awaited(runner, pauses))


async def _opened(pauses: list[float]) -> AsyncTendik:
    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    return AsyncTendik(AioDriver(context_of({}), sleep))
