"""From what the command line's code and gRPC say went wrong to this package's errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import grpc

from scheduler.cli.errors import CliError, ServiceError
from scheduler.cli.exit_codes import ExitCode
from scheduler.cli.service_errors import service_error
from scheduler.client.errors import (
    Conflict,
    InvalidRequest,
    LimitReached,
    NotFound,
    NotPermitted,
    Problem,
    ServiceFault,
    TendikError,
    Unavailable,
    WrongUse,
)
from scheduler.texts import said

# Which reasons and which gRPC statuses come to which code stands in `exit_codes`, for all clients.
ERRORS: Mapping[ExitCode, type[TendikError]] = {
    ExitCode.USAGE: WrongUse,
    ExitCode.INVALID: InvalidRequest,
    ExitCode.NOT_FOUND: NotFound,
    ExitCode.NOT_PERMITTED: NotPermitted,
    ExitCode.QUOTA: LimitReached,
    ExitCode.UNAVAILABLE: Unavailable,
    ExitCode.CONFLICT: Conflict,
    ExitCode.INTERNAL: ServiceFault,
}


def failure_of_call(error: grpc.RpcError, server: str) -> TendikError:
    """Return the error of a call that was refused, or got no answer."""
    return _failure(service_error(error, server))


def closed() -> TendikError:
    """Return the error of whoever asks a client that was closed, or is answered by one."""
    return WrongUse(said("this client was closed; open another one"), ExitCode.USAGE.name)


@contextmanager
def local_failures() -> Iterator[None]:
    """Raise what the command line's code raises in the block as TendikError."""
    try:
        yield
    except CliError as error:
        raise _failure(error) from None


@contextmanager
def said_in(language: str) -> Iterator[None]:
    """Let what the block raises say its sentence in the language."""
    try:
        yield
    except TendikError as error:
        error.say_in(language)
        raise


def _failure(error: CliError) -> TendikError:
    code = ExitCode(error.exit_code)
    if not isinstance(error, ServiceError):
        return ERRORS[code](error.message, code.name)
    problems = tuple(
        Problem(problem.field, problem.message, problem.line or None) for problem in error.problems
    )
    return ERRORS[code](error.message, error.reason or code.name, problems)
