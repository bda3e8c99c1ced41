"""Errors as gRPC statuses: one table of codes, and the details that each error carries."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from itertools import accumulate

import grpc
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2  # type: ignore[import-untyped]  # no stubs
from grpc_status import rpc_status

from scheduler.budget_errors import BudgetExceeded, FundExceeded, NotAStepOfGrant, OwnGrant
from scheduler.errors import (
    AccessEnded,
    AlreadyExists,
    BackendUnavailable,
    CanaryInForce,
    DeadlineExceeded,
    Draining,
    ExplainerUnavailable,
    FellBehind,
    HeldTooOften,
    InvalidPolicy,
    InvalidRegister,
    InvalidRequest,
    NeedsProposal,
    NotAccepted,
    NotAStep,
    NotAuthenticated,
    NotFound,
    NotLeading,
    NotPermitted,
    NotRunning,
    OutputUnreadable,
    Overloaded,
    OwnProposal,
    QuotaExceeded,
    RequestIdReused,
    StaleVersion,
    StoreUnavailable,
    TendikError,
    TooManyStreams,
    Violation,
    place_of,
)
from scheduler.rpc.language import current_language, to_the_caller
from scheduler.texts import Said, said

DOMAIN = "tendik"
RETRY_AFTER_S = 1
# All that follows travels as headers, and gRPC drops the whole status when these pass 8 KiB.
# The message as it is sent, where a byte that is no plain letter becomes three.
MAX_MESSAGE_BYTES = 1200
MAX_DESCRIPTION_BYTES = 600
MAX_VALUE_BYTES = 250
MAX_DETAIL_BYTES = 2600
# A Cyrillic letter takes two bytes.
MAX_LOCALIZED_BYTES = 800

CODES: Mapping[type[TendikError], grpc.StatusCode] = {
    TendikError: grpc.StatusCode.INTERNAL,
    InvalidRequest: grpc.StatusCode.INVALID_ARGUMENT,
    InvalidPolicy: grpc.StatusCode.INVALID_ARGUMENT,
    InvalidRegister: grpc.StatusCode.INVALID_ARGUMENT,
    QuotaExceeded: grpc.StatusCode.RESOURCE_EXHAUSTED,
    BudgetExceeded: grpc.StatusCode.RESOURCE_EXHAUSTED,
    FundExceeded: grpc.StatusCode.RESOURCE_EXHAUSTED,
    OwnGrant: grpc.StatusCode.PERMISSION_DENIED,
    NotAStepOfGrant: grpc.StatusCode.FAILED_PRECONDITION,
    NotFound: grpc.StatusCode.NOT_FOUND,
    AlreadyExists: grpc.StatusCode.ALREADY_EXISTS,
    RequestIdReused: grpc.StatusCode.ALREADY_EXISTS,
    NotAuthenticated: grpc.StatusCode.UNAUTHENTICATED,
    AccessEnded: grpc.StatusCode.PERMISSION_DENIED,
    NotPermitted: grpc.StatusCode.PERMISSION_DENIED,
    StaleVersion: grpc.StatusCode.ABORTED,
    NotRunning: grpc.StatusCode.FAILED_PRECONDITION,
    NeedsProposal: grpc.StatusCode.FAILED_PRECONDITION,
    OwnProposal: grpc.StatusCode.PERMISSION_DENIED,
    NotAStep: grpc.StatusCode.FAILED_PRECONDITION,
    CanaryInForce: grpc.StatusCode.FAILED_PRECONDITION,
    NotAccepted: grpc.StatusCode.FAILED_PRECONDITION,
    StoreUnavailable: grpc.StatusCode.UNAVAILABLE,
    Overloaded: grpc.StatusCode.RESOURCE_EXHAUSTED,
    BackendUnavailable: grpc.StatusCode.UNAVAILABLE,
    ExplainerUnavailable: grpc.StatusCode.UNAVAILABLE,
    OutputUnreadable: grpc.StatusCode.FAILED_PRECONDITION,
    TooManyStreams: grpc.StatusCode.RESOURCE_EXHAUSTED,
    HeldTooOften: grpc.StatusCode.RESOURCE_EXHAUSTED,
    NotLeading: grpc.StatusCode.UNAVAILABLE,
    Draining: grpc.StatusCode.UNAVAILABLE,
    FellBehind: grpc.StatusCode.RESOURCE_EXHAUSTED,
    DeadlineExceeded: grpc.StatusCode.DEADLINE_EXCEEDED,
}
# The same request may well be granted in a moment: these come with a time to wait.
PASSING = (
    StoreUnavailable,
    Overloaded,
    BackendUnavailable,
    ExplainerUnavailable,
    Draining,
    FellBehind,
)


def status_of(error: TendikError) -> grpc.Status:
    """Return the status that tells a client of the error."""
    message = str(error) or error.reason
    return _status(CODES[type(error)], message, *_details(error), *_localized(error.sentence))


def unexpected_status(error_id: str) -> grpc.Status:
    """Return the status for a fault of ours: the log has the rest under this id."""
    message = said("internal error; tell the operators its id: {error_id}", error_id=error_id)
    info = error_details_pb2.ErrorInfo(
        reason=TendikError.reason, domain=DOMAIN, metadata={"error_id": error_id}
    )
    return _status(CODES[TendikError], message, info, *_localized(message))


def _status(code: grpc.StatusCode, message: str, *details: Message) -> grpc.Status:
    proto = status_pb2.Status(code=code.value[0], message=_cut_as_sent(message, MAX_MESSAGE_BYTES))
    for detail in details:
        proto.details.add().Pack(detail)
    status: grpc.Status = rpc_status.to_status(proto)
    return status


def _localized(sentence: Said) -> Iterator[Message]:
    """Yield the sentence for a caller who said which of our languages he reads."""
    if language := current_language():
        message = _cut_to_bytes(to_the_caller(sentence), MAX_LOCALIZED_BYTES)
        yield error_details_pb2.LocalizedMessage(locale=language, message=message)


def _details(error: TendikError) -> Iterator[Message]:
    yield error_details_pb2.ErrorInfo(reason=error.reason, domain=DOMAIN, metadata=_fields(error))
    match error:
        case InvalidRequest(violations=violations):
            yield _bad_request(violations)
        case QuotaExceeded():
            yield _quota_failure(error)
        case NotFound(kind=kind, name=name) | AlreadyExists(kind=kind, name=name):
            yield error_details_pb2.ResourceInfo(
                resource_type=kind, resource_name=_cut_to_bytes(name, MAX_VALUE_BYTES)
            )
        case _ if isinstance(error, PASSING):
            yield error_details_pb2.RetryInfo(retry_delay=Duration(seconds=RETRY_AFTER_S))


def _fields(error: TendikError) -> dict[str, str]:
    """Return the error's own fields in words; the first violation's place stands for all."""
    if isinstance(error, InvalidRequest):
        first = error.violations[:1]
        return {
            "place": _cut_to_bytes(error.place, MAX_VALUE_BYTES),
            "line": "".join(str(violation.line) for violation in first),
            "violations": str(len(error.violations)),
            "mend": to_the_caller(error.mend),
        }
    texts = {name: str(value) for name, value in vars(error).items()} | {"place": str(error.place)}
    fields = {name: _cut_to_bytes(text, MAX_VALUE_BYTES) for name, text in texts.items()}
    return {**fields, "mend": to_the_caller(error.mend)}


def _bad_request(violations: tuple[Violation, ...]) -> error_details_pb2.BadRequest:
    """Return as many violations as a status can carry, and how many were left out."""
    details = error_details_pb2.BadRequest()
    for number, violation in enumerate(violations):
        details.field_violations.append(_field_violation(violation))
        if details.ByteSize() > MAX_DETAIL_BYTES and number:
            details.field_violations.pop()
            left = Violation(
                "request", said("{left} more; mend these first", left=len(violations) - number)
            )
            details.field_violations.append(_field_violation(left))
            break
    return details


def _field_violation(violation: Violation) -> error_details_pb2.BadRequest.FieldViolation:
    found = error_details_pb2.BadRequest.FieldViolation(
        field=_cut_to_bytes(place_of(violation), MAX_VALUE_BYTES),
        description=_cut_to_bytes(str(violation), MAX_DESCRIPTION_BYTES),
    )
    for localized in _localized(violation.message):
        found.localized_message.CopyFrom(localized)
    return found


def _quota_failure(error: QuotaExceeded) -> error_details_pb2.QuotaFailure:
    violation = error_details_pb2.QuotaFailure.Violation(
        subject=error.subject,
        description=f"{error.what}: limit {error.limit}, used {error.used}, asked {error.asked}",
    )
    return error_details_pb2.QuotaFailure(violations=[violation])


def _cut_to_bytes(text: str, most_bytes: int) -> str:
    """Return the text, or its beginning where that takes more bytes than it may."""
    whole = text.encode()
    if len(whole) <= most_bytes:
        return text
    return whole[: most_bytes - len("…".encode())].decode(errors="ignore") + "…"


def _cut_as_sent(text: str, most_bytes: int) -> str:
    """Return the text, or its beginning where gRPC would make more bytes of it than it may."""
    sizes = list(accumulate(map(_size_as_sent, text[: most_bytes + 1])))
    if not sizes or sizes[-1] <= most_bytes:
        return text
    return text[: bisect_right(sizes, most_bytes - _size_as_sent("…"))] + "…"


def _size_as_sent(letter: str) -> int:
    is_plain = " " <= letter <= "~" and letter != "%"
    return 1 if is_plain else 3 * len(letter.encode())
