"""When jobs are expected to start, as the queue, `show`, `why` and `start-times` say it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from scheduler.cli.estimates import start_phrase, start_sentence
from scheduler.v1.job_service_pb2 import Job, StartEstimate
from tests.cli.conftest import Tendik
from tests.cli.service import Service
from tests.cli.world import a_job, a_running_job

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def in_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")


def after(minutes: float) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(NOON + timedelta(minutes=minutes))
    return stamp


def told(p50: float, p90: float) -> StartEstimate:
    return StartEstimate(made_time=after(-5), p50_time=after(p50), p90_time=after(p90))


def a_told_job(p50: float, p90: float) -> Job:
    return a_job(start_estimate=told(p50, p90))


@pytest.mark.parametrize(
    ("job", "phrase"),
    [
        (a_told_job(130, 280), "~14:10, by 16:40"),
        (a_told_job(-1, 280), "by 16:40"),
        (a_told_job(130, 24 * 60), "~14:10, by 02-01 12:00"),
        (a_told_job(130, 365 * 24 * 60), "~14:10, by 2027-01-31 12:00"),
        (a_told_job(-3, -2), "was to be by 11:58"),
        (a_job(), ""),
        (a_running_job(start_estimate=told(130, 280)), ""),
    ],
    ids=["ahead", "the middle passed", "tomorrow", "next year", "late", "untold", "running"],
)
def test_the_queue_says_until_when(job: Job, phrase: str) -> None:
    assert start_phrase(job, NOON) == phrase


def test_a_job_that_waits_longer_than_it_was_told_hears_so() -> None:
    words = start_sentence(a_told_job(-3, -2), NOON)
    assert words == (
        "was expected before 11:57 as likely as not, before 11:58 nine times in ten; "
        "that did not come true"
    )


def test_a_job_that_has_started_keeps_what_it_was_told() -> None:
    words = start_sentence(a_running_job(start_estimate=told(-3, -2)), NOON)
    assert words.endswith("told at 11:55")


def test_a_queue_in_which_nobody_was_told_has_no_such_column(
    tendik: Tendik, service: Service
) -> None:
    service.jobs = [a_job()]
    assert "STARTS" not in tendik("queue").stdout

    service.jobs = [a_told_job(130, 280), a_job(1043)]
    assert "STARTS" in tendik("queue").stdout


def test_why_says_how_often_such_times_came_true(tendik: Tendik, service: Service) -> None:
    service.jobs = [a_told_job(130, 280)]
    assert ("of the last 200 start times that jobs of universities were told, 91% held") in tendik(
        "why", "1042"
    ).stdout


def test_start_times_shows_the_record_of_each_class(tendik: Tendik, service: Service) -> None:
    lines = tendik("start-times").stdout.splitlines()
    assert lines[0].split() == ["CLASS", "TOLD", "BEFORE", "P50", "BEFORE", "P90"]
    assert lines[1].split() == ["universities", "200", "49%", "91%"]

    service.track_records = []
    result = tendik("start-times")
    assert (result.stdout, result.stderr) == ("", "no start time that was told can be judged yet\n")
