"""`tendik grant`, `tendik budget` and `tendik admin fund`, as people see them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import grpc
import pytest

from scheduler.v1.budget_service_pb2 import (
    AwardGrantRequest,
    CloseGrantRequest,
    CreateFundRequest,
    DeclineGrantRequest,
    ListBudgetEntriesRequest,
    ListGrantsRequest,
    RequestGrantRequest,
    ReviewGrantRequest,
    WithdrawGrantRequest,
)
from tests.cli.budget_world import DECLINED, HOUR_S, REQUESTED, REVIEWED, a_grant
from tests.cli.conftest import Tendik
from tests.cli.service import Service, fault, reason

ASK = (
    *("grant", "request", "--project", "speech", "--fund", "ai-fund", "--why", "a model"),
    *("--until", "2027-01-31T00:00:00+00:00"),
)


def test_a_fund_is_created_and_listed_with_what_is_left(tendik: Tendik, service: Service) -> None:
    made = tendik("admin", "fund", "create", "x", "--hours", "2.5", "--carry-over", "25")
    listed = tendik("admin", "fund", "list").stdout.splitlines()

    sent = service.last(CreateFundRequest).fund
    assert (sent.fund_id, sent.gpu_seconds, sent.carry_over_percent) == ("x", 9000, 25)
    assert made.stdout == "Created fund x of 2.50 GPU-hours\n"
    assert listed[1].split() == ["ai-fund", "AI", "Fund", "10,000.00", "1,200.00", "8,800.00",
                                 "25", "%"]  # fmt: skip


def test_a_grant_is_asked_for_in_hours_and_by_days(tendik: Tendik, service: Service) -> None:
    result = tendik(*ASK, "--hours", "1000", "--from", "2026-12-01T00:00:00+00:00")

    sent = service.last(RequestGrantRequest)
    assert (sent.fund_id, sent.project_id, sent.gpu_seconds) == ("ai-fund", "speech", 3_600_000)
    assert sent.start_time.ToDatetime(UTC) == datetime(2026, 12, 1, tzinfo=UTC)
    assert sent.expire_time.ToDatetime(UTC) == datetime(2027, 1, 31, tzinfo=UTC)
    assert (sent.order, sent.why, sent.organisation_id) == (100, "a model", "")
    assert "tendik grant show 1" in result.stdout


def test_a_grant_begins_now_unless_it_is_said(tendik: Tendik, service: Service) -> None:
    tendik(*ASK, "--hours", "1")

    assert not service.last(RequestGrantRequest).HasField("start_time")


@pytest.mark.parametrize("hours", ["lots", "0", "-5", "nan", "inf", "1e12", "0.0001"])
def test_what_is_no_number_of_hours_is_refused_here(
    tendik: Tendik, service: Service, hours: str
) -> None:
    result = tendik(*ASK, "--hours", hours)

    assert result.exit_code == 2
    assert "is no number of GPU-hours; write 0.5 or 2500" in result.stderr
    assert service.of(RequestGrantRequest) == []


def test_each_step_names_the_revision_that_was_read(tendik: Tendik, service: Service) -> None:
    tendik("grant", "review", "1", "--comment", "sound", "--hours", "2")
    tendik("grant", "award", "1")
    for step in ("decline", "withdraw", "close"):
        tendik("grant", step, "1", "--why", "so be it")

    reviewed, given = service.last(ReviewGrantRequest), service.last(AwardGrantRequest)
    assert (reviewed.comment, reviewed.gpu_seconds, reviewed.revision) == ("sound", 7200, 3)
    assert (given.gpu_seconds, given.revision) == (0, 3)
    for kind in (DeclineGrantRequest, WithdrawGrantRequest, CloseGrantRequest):
        assert (service.last(kind).revision, service.last(kind).why) == (3, "so be it")


@pytest.mark.parametrize(
    "words", [("review", "1"), ("decline", "1"), ("withdraw", "1"), ("close", "1")]
)
def test_a_decision_needs_words(tendik: Tendik, words: tuple[str, str]) -> None:
    result = tendik("grant", *words)

    assert result.exit_code == 2
    assert "Missing option" in result.stderr


def test_a_grant_is_shown_with_all_that_happened_to_it(tendik: Tendik) -> None:
    told = tendik("grant", "show", "1").stdout.splitlines()

    assert "charged  500.50 GPU-hours" in told
    assert "used     75 %" in told
    assert told[-3].startswith("requested ")
    assert told[-3].endswith("by aliya, 1,000.00 GPU-hours: a model of Kazakh speech")
    assert told[-1].endswith("by daniyar, 800.00 GPU-hours")


def test_a_request_shows_what_was_asked_for(tendik: Tendik, service: Service) -> None:
    service.grants = [a_grant(steps=[REQUESTED])]

    told = tendik("grant", "show", "1").stdout

    assert "asked for  1,000.00 GPU-hours" in told
    assert "charged" not in told


def test_a_budget_tells_who_pays_first_and_warns(tendik: Tendik, service: Service) -> None:
    service.grants = [
        a_grant(1, charged=700, held=50, order=100),
        a_grant(2, charged=800, order=1, fund="exams"),
        a_grant(3, steps=[REQUESTED, DECLINED]),
    ]

    told = tendik("budget").stdout.splitlines()

    assert told[0] == "speech of astana-university has 50.00 GPU-hours left"
    assert [line.split()[:3] for line in told[2:4]] == [
        ["1", "2", "exams"],
        ["2", "1", "ai-fund"],
    ]
    assert told[4:6] == [
        "warning: 100 % of grant 2 is charged or held",
        "warning: 94 % of grant 1 is charged or held",
    ]
    assert service.last(ListGrantsRequest).project_id == "speech"


NEXT = {
    "nobody asked for anything": ([], "No grant pays now. Ask for more: tendik grant request"),
    "a request waits": ([a_grant(4, steps=[REQUESTED])], "Grant 4 is asked for"),
    "a review was made": ([a_grant(4, steps=[REQUESTED, REVIEWED])], "Grant 4 is asked for"),
    "a grant is about to begin": ([a_grant(5, starts=2)], "Grant 5 of 800.00 GPU-hours begins"),
    "enough is left": ([a_grant(charged=10)], "Enough is left; there is nothing to do."),
    "little is left": ([a_grant(charged=700)], "Little is left, and a review takes its time. Ask"),
    "all is held": ([a_grant(held=800)], "Nothing is left: wait until jobs end that hold it. Ask"),
    "little is left and more is asked for": (
        [a_grant(charged=700), a_grant(2, steps=[REQUESTED])],
        "Grant 2 is asked for",
    ),
    "a grant expires soon": ([a_grant(charged=10, expires=9)], "Use grant 1: 790.00 GPU-hours of"),
    "a request of before is late": (
        [a_grant(1, steps=[REQUESTED], starts=-9, expires=-1)],
        "No grant pays now. Ask",
    ),
}


@pytest.mark.parametrize(("grants", "says"), NEXT.values(), ids=NEXT.keys())
def test_a_budget_says_what_to_do_next(
    tendik: Tendik, service: Service, grants: list[object], says: str
) -> None:
    service.grants = grants  # type: ignore[assignment]  # a list of messages

    assert tendik("budget").stdout.splitlines()[-1].startswith(says)


def test_a_budget_is_shown_of_a_project_that_is_named_alone(
    tendik: Tendik, service: Service
) -> None:
    tendik("budget", "vision", "--org", "steppe")
    named = service.last(ListGrantsRequest)
    tendik("budget", "show", "statement")

    assert (named.organisation_id, named.project_id) == ("steppe", "vision")
    assert service.last(ListGrantsRequest).project_id == "statement"


def test_programs_learn_whose_turn_it_is(tendik: Tendik, service: Service) -> None:
    service.grants = [a_grant(1), a_grant(2, order=1), a_grant(3, starts=2)]

    told = json.loads(tendik("budget", "-o", "json").stdout)

    assert [(grant["grant"], grant["pays"]) for grant in told["grants"]] == [
        (2, 1),
        (1, 2),
        (3, None),
    ]
    assert told["left_gpu_seconds"] == 1600 * HOUR_S


def test_a_statement_has_every_line_with_its_balance(tendik: Tendik, service: Service) -> None:
    told = tendik("budget", "statement").stdout.splitlines()

    assert len(service.of(ListBudgetEntriesRequest)) == 3
    assert told[1] == "left before: 0.00; left after: 199.50"
    assert [line.split()[5:] for line in told[4:9]] == [
        ["award", "-", "+800.00", "800.00", "800.00"],
        ["hold", "1042", "-640.00", "160.00", "160.00"],
        ["release", "1042", "+640.00", "800.00", "800.00"],
        ["charge", "1042", "-500.50", "299.50", "299.50"],
        ["hold", "1043", "-100.00", "199.50", "199.50"],
    ]
    assert "75 % of grant 1 was first charged or held" in told[-1]
    assert "release      1  +640.00" in told


def test_a_statement_of_a_period_begins_with_what_was_left(tendik: Tendik) -> None:
    told = json.loads(tendik("budget", "statement", "--since", "3d", "-o", "json").stdout)

    assert [line["entry"] for line in told["lines"]] == [9]
    assert told["opening_left_gpu_seconds"] == told["grants"][0]["opening"]["left_gpu_seconds"]
    assert told["opening_left_gpu_seconds"] == 299.5 * HOUR_S
    assert told["closing_left_gpu_seconds"] == 199.5 * HOUR_S
    assert [one["percent"] for one in told["grants"][0]["warnings"]] == [75]


def test_a_statement_is_written_to_a_file(tendik: Tendik, tmp_path: Path) -> None:
    file = tmp_path / "statement"

    for form in ("table", "json", "html"):
        result = tendik("budget", "statement", "-o", form, "--to", str(file))
        assert (result.exit_code, result.stdout) == (0, "")
        assert "199.50" in file.read_text("utf-8") or form == "json"


def test_a_page_is_harmless_whatever_things_are_called(tendik: Tendik, service: Service) -> None:
    service.grants = [a_grant(fund="<script>alert(1)</script>")]

    page = tendik("budget", "statement", "--output", "html").stdout

    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_a_page_speaks_the_readers_language(tendik: Tendik, environ: dict[str, str]) -> None:
    environ["TENDIK_LANGUAGE"] = "kk"

    page = tendik("budget", "statement", "-o", "html").stdout

    assert '<html lang="kk">' in page


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ("OWN_GRANT", 5),
        ("NOT_A_STEP_OF_GRANT", 8),
        ("FUND_EXCEEDED", 6),
        ("BUDGET_EXCEEDED", 6),
        ("STALE_VERSION", 8),
    ],
)
def test_a_refusal_has_an_exit_code_of_its_kind(
    tendik: Tendik, service: Service, told: str, code: int
) -> None:
    service.faults += [None, fault(grpc.StatusCode.UNKNOWN, "no", reason(told))]

    assert tendik("grant", "award", "1").exit_code == code
