"""From a gRPC error and its details to what the user reads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

import grpc
from google.rpc import error_details_pb2  # type: ignore[import-untyped]  # no stubs
from grpc_status import rpc_status

from scheduler.cli.errors import Problem, ServiceError
from scheduler.cli.exit_codes import exit_code
from scheduler.texts import said

# How the service writes where a violation is: "script:12 --gpus".
PLACE = re.compile(r"script:(?P<line>\d+) (?P<field>.*)", re.DOTALL)


def service_error(error: grpc.RpcError, server: str) -> ServiceError:
    """Return the error for the user; `server` is named when it did not answer."""
    # Every error of a call is the call as well, which the stubs deny.
    call = cast("grpc.Call", error)
    told = _details(call)
    status = call.code().name
    message = call.details() or status
    if told.reason:
        code = exit_code(told.reason, status)
        found = ServiceError(told.localized or message, code, told.reason, tuple(told.problems))
        found.mend = told.mend
        return found
    return ServiceError(_without_reason(call.code(), message, server), exit_code("", status))


def _without_reason(code: grpc.StatusCode, message: str, server: str) -> str:
    """Return words for an error that the service itself did not write."""
    match code:
        case grpc.StatusCode.UNAVAILABLE:
            # gRPC's text is a chain of "where: what"; its end is the cause.
            cause = message.rpartition(": ")[2]
            return said(
                "no answer from {server}: {cause}\nIs the service running, and is this its "
                "address? See `tendik context show`; --server HOST:PORT names another.",
                server=server,
                cause=cause,
            )
        case grpc.StatusCode.DEADLINE_EXCEEDED:
            return said("{server} did not answer in time", server=server)
        case grpc.StatusCode.UNIMPLEMENTED:
            return said(
                "{server} does not know this call; is it a Tendik service of this version?",
                server=server,
            )
        case _:
            return f"{server}: {message}"


@dataclass(slots=True)
class _Details:
    """What an error carries beside its English message; empty where it carries none."""

    reason: str = ""
    mend: str = ""
    localized: str = ""
    problems: list[Problem] = field(default_factory=list)


def _details(error: grpc.Call) -> _Details:
    """Return the stable reason, what mends it, and all in the reader's language."""
    told = _Details()
    try:
        status = rpc_status.from_call(error)
    except ValueError:
        return told
    for detail in status.details if status else ():
        info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
        localized = error_details_pb2.LocalizedMessage()
        if detail.Unpack(info):
            told.reason, told.mend = info.reason, info.metadata["mend"]
        elif detail.Unpack(bad):
            told.problems += _problems(bad)
        elif detail.Unpack(localized):
            told.localized = localized.message
    return told


def _problems(bad: error_details_pb2.BadRequest) -> Iterator[Problem]:
    for violation in bad.field_violations:
        place = PLACE.fullmatch(violation.field)
        line, name = (int(place["line"]), place["field"]) if place else (0, violation.field)
        english = violation.description.removeprefix(f"line {line}: ").removeprefix(f"{name}: ")
        yield Problem(name, violation.localized_message.message or english, line)
