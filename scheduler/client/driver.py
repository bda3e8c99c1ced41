"""Takes the steps of operations one after the other, and waits for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any, TypeVar, cast

import grpc

from scheduler.cli.client import DEADLINE_S, metadata_of, open_channel
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


class Driver:
    """One connection as one user; threads may share it."""

    def __init__(
        self, context: Context, sleep: Callable[[float], None], language: str = ENGLISH
    ) -> None:
        with said_in(language), local_failures():
            self._channel = open_channel(context)
        self._stubs = Stubs(self._channel)
        self._metadata = metadata_of(context, language)
        self._language = language
        self._server = context.server
        self._sleep = sleep
        self._is_closed = False

    def close(self) -> None:
        self._is_closed = True
        self._channel.close()

    def run(self, operation: Operation[T]) -> T:
        """Return the operation's result. Raises TendikError."""
        with said_in(self._language), closing(operation):
            step = resumed(operation, None)
            while not isinstance(step, Done):
                step = resumed(operation, self._outcome(step))
        return step.result

    def each(self, flow: Flow[T]) -> Iterator[T]:
        """Yield what the flow tells. Raises TendikError."""
        with said_in(self._language), closing(flow):
            step = resumed(flow, None)
            while not isinstance(step, Done):
                if isinstance(step, Tell):
                    yield step.item
                    step = resumed(flow, None)
                else:
                    step = resumed(flow, self._outcome(step))

    def _outcome(self, step: Step) -> Any:
        try:
            return self._taken(step)
        except grpc.RpcError as error:
            return closed() if self._is_closed else failure_of_call(error, self._server)
        except ValueError:
            # gRPC's word for a channel that was closed.
            if not self._is_closed:
                raise
            return closed()

    def _taken(self, step: Step) -> Any:
        match step:
            case Ask(method, request):
                return method(self._stubs)(request, timeout=DEADLINE_S, metadata=self._metadata)
            case Listen(method, request, timeout_s):
                return method(self._stubs)(request, timeout=timeout_s, metadata=self._metadata)
            case Hear(stream):
                return next(cast("Any", stream), None)
            case Pause(seconds):
                return self._sleep(seconds)
