"""Calls to the service: the channel, the token, deadlines, and repeats that are safe."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import grpc

from scheduler.cli.config_file import load
from scheduler.cli.contexts import Context, Flags, is_loopback, resolve
from scheduler.cli.errors import ServiceError
from scheduler.cli.exit_codes import ExitCode
from scheduler.cli.files import read_bytes
from scheduler.cli.language import language, spoken
from scheduler.cli.session import session
from scheduler.cli.terminal import note
from scheduler.languages import ENGLISH
from scheduler.texts import said

Q = TypeVar("Q")
A = TypeVar("A")

DEADLINE_S = 20.0
# Pauses between tries: about 15 s in all, enough for the service to be restarted.
PAUSES_S = (0.5, 1.0, 2.0, 4.0, 8.0)
# What is told with an answer that did not come.
NOTHING_CHANGED = said("Nothing was changed: it is safe to try again.")
MAX_ANSWER_BYTES = 16 * 1024 * 1024
# A stream may be quiet for hours; this finds out that the other side is gone.
KEEPALIVE_MS = 60_000


class Client:
    """One connection to the service as one user."""

    def __init__(
        self, context: Context, sleep: Callable[[float], None], deadline_s: float = DEADLINE_S
    ) -> None:
        self.server = context.server
        self.deadline_s = deadline_s
        self.channel = open_channel(context)
        self._sleep = sleep
        self._metadata = metadata_of(context, language())

    def call(self, method: grpc.UnaryUnaryMultiCallable[Q, A], request: Q) -> A:
        """Return the answer to a question. Raises ServiceError."""
        try:
            return self._once(method, request)
        except ServiceError as error:
            raise error.advised(NOTHING_CHANGED) from error

    def change(self, method: grpc.UnaryUnaryMultiCallable[Q, A], request: Q, advice: str) -> A:
        """Ask for a change, once; the advice is for who got no answer. Raises ServiceError."""
        try:
            return self._once(method, request)
        except ServiceError as error:
            raise error.advised(advice) from error

    def call_until_answered(self, method: grpc.UnaryUnaryMultiCallable[Q, A], request: Q) -> A:
        """Repeat the request while the service is away; only for what is safe to repeat.

        Raises ServiceError.
        """
        for pause_s in PAUSES_S:
            try:
                return self._once(method, request)
            except ServiceError as error:
                self._pause(error, pause_s)
        return self._once(method, request)

    def _once(self, method: grpc.UnaryUnaryMultiCallable[Q, A], request: Q) -> A:
        try:
            return method(request, timeout=self.deadline_s, metadata=self._metadata)
        except grpc.RpcError as error:
            raise _service_error(error, self.server) from error

    def stream(self, method: grpc.UnaryStreamMultiCallable[Q, A], request: Q) -> Iterator[A]:
        """Yield a stream's answers, beginning anew when it breaks. Raises ServiceError.

        Only for streams that begin with the present state, so that what was yielded may come again,
        and for requests that the caller moves on by what came.
        """
        tries = 0
        while True:
            try:
                for answer in method(request, metadata=self._metadata):
                    tries = 0
                    yield answer
            except grpc.RpcError as broken:
                error = _service_error(broken, self.server)
                if tries == len(PAUSES_S):
                    raise error.advised(NOTHING_CHANGED) from broken
                self._pause(error, PAUSES_S[tries])
                tries += 1
            else:
                return

    def _pause(self, error: ServiceError, pause_s: float) -> None:
        if error.exit_code != ExitCode.UNAVAILABLE:
            raise error
        note(
            said(
                "{message}; trying again in {pause_s:g} s",
                message=spoken(error.message).splitlines()[0],
                pause_s=pause_s,
            )
        )
        self._sleep(pause_s)


def look_first(command: str) -> str:
    """Return the advice for a change of which it is not known whether it was made."""
    return said(
        "It is not known whether it was done: look with `{command}` before you try again.",
        command=command,
    )


@contextmanager
def open_client(flags: Flags) -> Iterator[Client]:
    """Open the connection that flags, environment and stored contexts name."""
    run = session()
    context = resolve(flags, run.environ, load(run.config_file)).checked()
    with connection(context) as client:
        yield client


@contextmanager
def connection(context: Context) -> Iterator[Client]:
    """Open a connection with this context; it is closed at the end."""
    client = Client(context, session().sleep)
    try:
        yield client
    finally:
        client.channel.close()


def channel_options(context: Context) -> list[tuple[str, int]]:
    """Return how gRPC is to keep the connection."""
    return [
        ("grpc.max_receive_message_length", MAX_ANSWER_BYTES),
        ("grpc.initial_reconnect_backoff_ms", 200),
        ("grpc.max_reconnect_backoff_ms", 2000),
        ("grpc.keepalive_time_ms", KEEPALIVE_MS),
        # A proxy of the environment must not be asked for this machine.
        ("grpc.enable_http_proxy", 0 if is_loopback(context.server) else 1),
    ]


def channel_credentials(context: Context) -> grpc.ChannelCredentials | None:
    """Return whom to trust; None is clear text. Raises CliError."""
    return grpc.ssl_channel_credentials(read_bytes(context.tls_ca)) if context.tls_ca else None


def open_channel(context: Context) -> grpc.Channel:
    """Open the connection. Raises CliError."""
    options, credentials = channel_options(context), channel_credentials(context)
    if credentials is None:
        return grpc.insecure_channel(context.server, options)
    return grpc.secure_channel(context.server, credentials, options)


def metadata_of(context: Context, speaks: str) -> tuple[tuple[str, str], ...]:
    """Return what goes with every call: as whom, and in which language if not in English."""
    caller = ("authorization", f"Bearer {context.token}")
    return (caller,) if speaks == ENGLISH else (caller, ("accept-language", speaks))


def _service_error(error: grpc.RpcError, server: str) -> ServiceError:
    # Imported here because a command that succeeds has no use for it.
    from scheduler.cli.service_errors import service_error  # noqa: PLC0415

    return service_error(error, server)
