"""Every error has a code, and carries the details its readers need."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from contextvars import copy_context
from pathlib import Path

import grpc
import pytest
from google.rpc import (  # type: ignore[import-untyped]  # no stubs
    error_details_pb2 as details,
)
from google.rpc import status_pb2

from scheduler.errors import (
    InvalidRequest,
    NotFound,
    OutputUnreadable,
    QuotaExceeded,
    StoreUnavailable,
    TendikError,
    Violation,
)
from scheduler.rpc.language import call_is_in
from scheduler.rpc.status import CODES, status_of
from scheduler.texts import Said

API_GUIDE = Path(__file__).resolve().parents[2] / "docs" / "api.md"


def kinds(parent: type[TendikError] = TendikError) -> Iterator[type[TendikError]]:
    yield parent
    for child in parent.__subclasses__():
        yield from kinds(child)


def detail(error: TendikError, kind: type) -> details.ErrorInfo:
    status = status_pb2.Status()
    status.ParseFromString(dict(status_of(error).trailing_metadata)["grpc-status-details-bin"])
    found = kind()
    assert any(packed.Unpack(found) for packed in status.details if packed.Is(kind.DESCRIPTOR))  # type: ignore[attr-defined]  # no stubs
    return found


def test_every_error_is_in_the_table() -> None:
    assert set(kinds()) == set(CODES)


def test_every_reason_names_one_error() -> None:
    reasons = [kind.reason for kind in CODES]

    assert len(set(reasons)) == len(reasons)


def test_the_guide_lists_every_reason_with_its_code() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \| `([A-Z_]+)` \|", API_GUIDE.read_text("utf-8"), re.M)

    assert dict(rows) == {kind.reason: code.name for kind, code in CODES.items()}


def test_a_violation_tells_the_scripts_line() -> None:
    error = InvalidRequest(Violation("--gpus", Said("must be a number; write --gpus=4"), 12))
    first = detail(error, details.BadRequest).field_violations[0]

    assert first.field == "script:12 --gpus"
    assert first.description == "line 12: --gpus: must be a number; write --gpus=4"
    assert detail(error, details.ErrorInfo).metadata["place"] == "script:12 --gpus"


def test_a_limit_tells_who_limit_and_used() -> None:
    error = QuotaExceeded(Said("organisation steppe"), Said("GPUs in alem/h200"), 16, 12, 8)
    failure = detail(error, details.QuotaFailure).violations[0]

    assert failure.subject == "organisation steppe"
    assert failure.description == "GPUs in alem/h200: limit 16, used 12, asked 8"
    assert dict(detail(error, details.ErrorInfo).metadata) == {
        "subject": "organisation steppe",
        "what": "GPUs in alem/h200",
        "limit": "16",
        "used": "12",
        "asked": "8",
        "place": "organisation steppe",
        "mend": "ask for less, or wait until jobs end that hold it",
    }


def test_a_missing_thing_tells_its_kind_and_name() -> None:
    info = detail(NotFound("job", "7"), details.ResourceInfo)

    assert (info.resource_type, info.resource_name) == ("job", "7")


def test_an_unavailable_store_tells_when_to_come_again() -> None:
    assert detail(StoreUnavailable(Said("locked")), details.RetryInfo).retry_delay.seconds == 1


@pytest.mark.parametrize("count", [1, 10, 5000])
def test_a_status_always_fits_into_the_headers(count: int) -> None:
    wrong = (
        Violation("--gpus" + "ю" * 500, Said("т" * 5000), line) for line in range(1, count + 1)
    )
    status = status_of(InvalidRequest(*wrong))

    size = sum(len(value) for _, value in status.trailing_metadata)
    assert size * 4 / 3 + len(status.details.encode()) * 3 < 8192 + 4096
    assert size < 6000


WIDE = {
    "a path that is not read": OutputUnreadable("😀" * 600, Said("中" * 600)),
    "a thing that is missing": NotFound("project", "ю%" * 600),
    "a script": InvalidRequest(*(Violation("--x" + "中" * 300, Said("😀" * 900), 1) for _ in "ab")),
    "a long script": InvalidRequest(*(Violation("--gpus", Said("ю" * 40), n) for n in range(999))),
}


def status_in(language: str, error: TendikError) -> grpc.Status:
    call_is_in(language)
    return status_of(error)


@pytest.mark.parametrize("error", WIDE.values(), ids=WIDE.keys())
@pytest.mark.parametrize("language", ["", "kk"])
def test_a_status_of_wide_letters_fits_as_it_is_sent(error: TendikError, language: str) -> None:
    """A byte of the message that is no plain letter is sent as three, the details as base64."""
    status = copy_context().run(status_in, language, error)

    plain = set(string.printable) - set(string.whitespace) - {"%"} | {" "}
    message = sum(1 if one in plain else 3 * len(one.encode()) for one in status.details)
    sent = sum(len(key) + 32 + 4 * len(value) / 3 for key, value in status.trailing_metadata)
    assert message + sent < 8192 - 200
    assert len(status.details) > 60


def test_violations_that_do_not_fit_are_counted() -> None:
    wrong = InvalidRequest(*(Violation("--gpus", Said("x" * 100), line) for line in range(1, 101)))
    shown = detail(wrong, details.BadRequest).field_violations

    assert 10 < len(shown) < 100
    assert shown[-1].description == f"request: {101 - len(shown)} more; mend these first"
