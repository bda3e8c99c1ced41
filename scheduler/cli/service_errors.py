"""From a gRPC error and its details to what the user reads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import cast

import grpc
from google.rpc import error_details_pb2  # type: ignore[import-untyped]  # no stubs
from grpc_status import rpc_status

from scheduler.cli.errors import Problem, ServiceError
from scheduler.cli.exit_codes import exit_code

# How the service writes where a violation is: "script:12 --gpus".
PLACE = re.compile(r"script:(?P<line>\d+) (?P<field>.*)", re.DOTALL)


def service_error(error: grpc.RpcError, server: str) -> ServiceError:
    """Return the error for the user; `server` is named when it did not answer."""
    # Every error of a call is the call as well, which the stubs deny.
    call = cast("grpc.Call", error)
    reason, problems = _details(call)
    status = call.code().name
    message = call.details() or status
    if reason:
        return ServiceError(message, exit_code(reason, status), reason, problems)
    return ServiceError(_without_reason(call.code(), message, server), exit_code("", status))


def _without_reason(code: grpc.StatusCode, message: str, server: str) -> str:
    """Return words for an error that the service itself did not write."""
    match code:
        case grpc.StatusCode.UNAVAILABLE:
            # gRPC's text is a chain of "where: what"; its end is the cause.
            cause = message.rpartition(": ")[2]
            return (
                f"no answer from {server}: {cause}\nIs the service running, and is this its "
                "address? See `tendik context show`; --server HOST:PORT names another."
            )
        case grpc.StatusCode.DEADLINE_EXCEEDED:
            return f"{server} did not answer in time"
        case grpc.StatusCode.UNIMPLEMENTED:
            return f"{server} does not know this call; is it a Tendik service of this version?"
        case _:
            return f"{server}: {message}"


def _details(error: grpc.Call) -> tuple[str, tuple[Problem, ...]]:
    """Return the stable reason and the violations, empty when there are none."""
    try:
        status = rpc_status.from_call(error)
    except ValueError:
        return "", ()
    reason, problems = "", list[Problem]()
    for detail in status.details if status else ():
        info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
        if detail.Unpack(info):
            reason = info.reason
        elif detail.Unpack(bad):
            problems += _problems(bad)
    return reason, tuple(problems)


def _problems(bad: error_details_pb2.BadRequest) -> Iterator[Problem]:
    for violation in bad.field_violations:
        place = PLACE.fullmatch(violation.field)
        line, field = (int(place["line"]), place["field"]) if place else (0, violation.field)
        message = violation.description.removeprefix(f"line {line}: ").removeprefix(f"{field}: ")
        yield Problem(field, message, line)
