"""Ended jobs and what they used, and what is free now."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from scheduler.cli.times import When
from scheduler.v1.cluster_service_pb2 import GetClusterResponse
from scheduler.v1.job_service_pb2 import (
    JOB_STATE_CANCELLED,
    JOB_STATE_COMPLETED,
    JOB_STATE_FAILED,
    Job,
    ListJobsRequest,
)
from tests.cli.conftest import Tendik
from tests.cli.service import Service
from tests.cli.world import CLUSTER, a_job, ago, an_ended_job

DONE = JOB_STATE_COMPLETED


def ended_ago(job_id: int, **span: float) -> Job:
    """Return an 8-GPU job that ran for an hour until then."""
    start = {"hours": span.get("hours", 0) + 1, "days": span.get("days", 0)}
    times = {"submit_time": ago(**start), "start_time": ago(**start), "end_time": ago(**span)}
    return an_ended_job(job_id, state=DONE, outcome="", **times)


def test_ended_jobs_come_newest_end_first_with_what_they_used(
    tendik: Tendik, service: Service
) -> None:
    service.jobs = [ended_ago(7, days=1), ended_ago(6, hours=1), a_job(5)]

    result = tendik("history")

    rows = [line.split() for line in result.stdout.splitlines()[1:]]
    assert [row[0] for row in rows] == ["6", "7"]
    assert rows[0][3:7] == ["completed", "8", "1h00m", "8.0"]
    assert result.stderr == "2 jobs (2 completed), 16.0 GPU-hours\n"


def test_only_what_ended_in_the_time_asked_for_is_told(tendik: Tendik, service: Service) -> None:
    service.jobs = [ended_ago(number, days=number) for number in (1, 3, 5, 9)]

    told = json.loads(tendik("history", "--since", "6d", "--until", "2d", "-o", "json").stdout)

    assert [job["job_id"] for job in told] == [3, 5]


def test_no_page_is_asked_for_beyond_what_can_matter(tendik: Tendik, service: Service) -> None:
    service.jobs = [
        ended_ago(number, days=1 if number > 2000 else 400) for number in range(5000, 0, -1)
    ]

    result = tendik("history", "--since", "2d", "--limit", "10")

    assert len(service.of(ListJobsRequest)) == 4
    assert result.stderr.splitlines() == [
        "3,000 jobs (3,000 completed), 24,000.0 GPU-hours",
        "only the newest 10 jobs are shown; --limit shows more",
    ]


def test_a_job_that_waited_for_long_is_found_by_its_end(tendik: Tendik, service: Service) -> None:
    service.jobs = [an_ended_job(9, submit_time=ago(days=40), start_time=ago(hours=3))]

    assert tendik("history", "-o", "name").stdout == "9\n"


def test_states_are_asked_of_the_service(tendik: Tendik, service: Service) -> None:
    service.jobs = [an_ended_job(state=JOB_STATE_CANCELLED, start_time=None)]

    result = tendik("history", "--state", "failed", "--state", "cancelled", "--user", "aliya")

    sent = service.last(ListJobsRequest)
    assert list(sent.states) == [JOB_STATE_FAILED, JOB_STATE_CANCELLED]
    assert sent.user == "aliya"
    assert result.stderr == "1 job (1 cancelled), 0.0 GPU-hours\n"


def test_nothing_ended_is_said_outside_the_data(tendik: Tendik) -> None:
    result = tendik("history")

    assert (result.stdout, result.stderr) == ("", "no such jobs\n")


@pytest.mark.parametrize(
    ("word", "span"),
    [("90m", timedelta(minutes=90)), ("7d", timedelta(days=7)), ("2w", timedelta(days=14))],
)
def test_a_moment_may_be_so_long_ago(word: str, span: timedelta) -> None:
    assert abs(datetime.now(UTC) - span - When().convert(word, None, None)).total_seconds() < 5


def test_a_moment_may_be_a_date_in_local_time_or_in_a_zone() -> None:
    local = datetime(2026, 1, 31, 9, 30).astimezone()

    assert When().convert("2026-01-31T09:30", None, None) == local
    assert When().convert("2026-01-31T09:30Z", None, None).hour == 9


def test_a_word_that_is_no_moment_is_refused_with_examples(tendik: Tendik) -> None:
    result = tendik("history", "--since", "yesterday")

    assert result.exit_code == 2
    assert "'yesterday' is no time; write 90m, 12h, 7d, 2w or 2026-01-31" in result.stderr


def test_gpus_shows_what_is_free_in_each_pool(tendik: Tendik) -> None:
    head, row = (line.split() for line in tendik("gpus").stdout.splitlines())

    assert dict(zip(head, row, strict=True)) == {
        "POOL": "alem/h200",
        "CAPACITY": "64",
        "HELD": "54",
        "FOREIGN": "4",
        "FREE": "6",
        "WANTED": "88",
    }


def test_gpus_says_when_its_numbers_are_old(tendik: Tendik, service: Service) -> None:
    service.cluster = GetClusterResponse(pools=CLUSTER.pools, backend_up=False)

    assert "these are the numbers that it told last" in tendik("gpus").stderr
