"""Takes the steps of operations as a coroutine, which others run beside."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from typing import Any, TypeVar, cast

import grpc
import grpc.aio

from scheduler.cli.client import DEADLINE_S, channel_credentials, channel_options, metadata_of
from scheduler.cli.contexts import Context
from scheduler.client.failures import closed, failure_of_call, local_failures, said_in
from scheduler.client.steps import (
    Ask,
    Done,
    Flow,
    Hear,
    Listen,
    Operation,
    Pause,
    Step,
    Stubs,
    Tell,
    resumed,
)
from scheduler.languages import ENGLISH

T = TypeVar("T")


class AioDriver:
    """One connection as one user, on the event loop that runs when it is made."""

    def __init__(
        self,
        context: Context,
        sleep: Callable[[float], Awaitable[None]],
        language: str = ENGLISH,
    ) -> None:
        with said_in(language), local_failures():
            self._channel = _opened(context)
        # The stubs serve both kinds of channels; how a call is taken is all that differs.
        self._stubs = Stubs(cast("grpc.Channel", self._channel))
        self._metadata = metadata_of(context, language)
        self._language = language
        self._server = context.server
        self._sleep = sleep
        self._is_closed = False

    async def close(self) -> None:
        self._is_closed = True
        await self._channel.close()

    async def run(self, operation: Operation[T]) -> T:
        """Return the operation's result. Raises TendikError."""
        with said_in(self._language), closing(operation):
            step = resumed(operation, None)
            while not isinstance(step, Done):
                step = resumed(operation, await self._outcome(step))
        return step.result

    async def each(self, flow: Flow[T]) -> AsyncIterator[T]:
        """Yield what the flow tells. Raises TendikError."""
        with said_in(self._language), closing(flow):
            step = resumed(flow, None)
            while not isinstance(step, Done):
                if isinstance(step, Tell):
                    yield step.item
                    step = resumed(flow, None)
                else:
                    step = resumed(flow, await self._outcome(step))

    async def _outcome(self, step: Step) -> Any:
        try:
            return await self._taken(step)
        except grpc.RpcError as error:
            return closed() if self._is_closed else failure_of_call(error, self._server)
        except (grpc.aio.UsageError, asyncio.CancelledError):
            # gRPC's words for a channel that was closed; the latter is the caller's wish too.
            if not self._is_closed or _is_cancelled():
                raise
            return closed()

    async def _taken(self, step: Step) -> Any:
        match step:
            case Ask(method, request):
                call: Any = method(self._stubs)
                return await call(request, timeout=DEADLINE_S, metadata=self._metadata)
            case Listen(method, request, timeout_s):
                return method(self._stubs)(request, timeout=timeout_s, metadata=self._metadata)
            case Hear(stream):
                part = await cast("Any", stream).read()
                return None if part is grpc.aio.EOF else part
            case Pause(seconds):
                return await self._sleep(seconds)


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _opened(context: Context) -> grpc.aio.Channel:
    options, credentials = channel_options(context), channel_credentials(context)
    if credentials is None:
        return grpc.aio.insecure_channel(context.server, options)
    return grpc.aio.secure_channel(context.server, credentials, options)
