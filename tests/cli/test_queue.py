"""The queue: whose jobs, which states, and how they are shown."""

from __future__ import annotations

import json

from scheduler.cli.job_words import ENDED, LIVE
from scheduler.cli.queue import ranges
from scheduler.v1.job_service_pb2 import (
    JOB_STATE_COMPLETED,
    JOB_STATE_UNSPECIFIED,
    JobState,
    ListJobsRequest,
    Waiting,
)
from tests.cli.conftest import Tendik
from tests.cli.service import Service
from tests.cli.world import a_job, a_running_job, an_element, an_ended_job


def test_by_default_it_shows_my_live_jobs(tendik: Tendik, service: Service) -> None:
    service.jobs = [a_job(), a_running_job(), an_ended_job(), a_job(1, user="dana")]

    result = tendik("queue")

    lines = [line.split() for line in result.stdout.splitlines()]
    assert [line[0] for line in lines] == ["JOB", "1042", "1041"]
    assert lines[1][2:] == ["pending", "16", "12m", "others", "first"]
    assert lines[2][2:] == ["running", "8", "1h03m", "alem/h200", "on", "n01,", "n02"]


def test_all_asks_for_everything_the_caller_may_see(tendik: Tendik, service: Service) -> None:
    service.jobs = [a_job(), a_job(1041, user="dana", organisation="steppe-robotics")]

    result = tendik("queue", "--all", "--state", "any")

    sent = service.last(ListJobsRequest)
    assert (sent.user, sent.organisation, list(sent.states)) == ("", "", [])
    assert "ORGANISATION" in result.stdout
    assert "dana" in result.stdout


def test_org_means_mine_or_the_one_named(tendik: Tendik, service: Service) -> None:
    tendik("queue", "--org")
    assert service.last(ListJobsRequest).organisation == "astana-university"

    tendik("queue", "--org", "health-agency", "--state", "running")
    sent = service.last(ListJobsRequest)
    assert (sent.organisation, sent.user) == ("health-agency", "")
    assert list(sent.states) == [JobState.JOB_STATE_RUNNING]


def test_elements_that_wait_alike_share_a_row(tendik: Tendik, service: Service) -> None:
    service.jobs = [an_element(index) for index in (6, 5, 4, 3, 1, 0)]

    row = tendik("queue").stdout.splitlines()[1]

    assert row.startswith("1050_[0-1,3-6]  sweep  pending  6 x 1")


def test_json_keeps_every_job_apart_and_hides_nothing(tendik: Tendik, service: Service) -> None:
    service.jobs = [an_element(1), an_element(0)]

    jobs = json.loads(tendik("queue", "-o", "json").stdout)

    assert [job["array"]["index"] for job in jobs] == [1, 0]
    assert jobs[0]["submit_time"].endswith("Z")
    assert jobs[0]["start_time"] is None


def test_all_pages_are_read_up_to_the_limit(tendik: Tendik, service: Service) -> None:
    service.jobs = [a_job(job_id) for job_id in range(2500, 0, -1)]

    everything = json.loads(tendik("queue", "--limit", "5000", "-o", "json").stdout)
    few = tendik("queue", "--limit", "2")

    assert [job["job_id"] for job in everything] == list(range(2500, 0, -1))
    assert len(few.stdout.splitlines()) == 3
    assert "only the newest 2 jobs are shown" in few.stderr


def test_an_empty_queue_says_so_outside_the_data(tendik: Tendik) -> None:
    result = tendik("queue")

    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "no such jobs\n")


def test_a_name_cannot_write_to_the_terminal(tendik: Tendik, service: Service) -> None:
    service.jobs = [a_job(display_name="x\x1b[2J\ny")]

    assert "x\N{REPLACEMENT CHARACTER}[2J\N{REPLACEMENT CHARACTER}y" in tendik("queue").stdout


def test_a_reason_of_no_cycle_is_shown_in_its_own_words(tendik: Tendik, service: Service) -> None:
    service.jobs = [a_job(waiting=Waiting(meaning="submitted again after a lost answer"))]

    assert "submitted again after a lost answer" in tendik("queue").stdout


def test_every_state_is_either_live_or_ended() -> None:
    assert {*LIVE, *ENDED} == set(JobState.values()) - {JOB_STATE_UNSPECIFIED}
    assert JOB_STATE_COMPLETED in ENDED


def test_numbers_are_written_as_ranges() -> None:
    assert ranges([0, 1, 2, 5, 7, 8]) == "0-2,5,7-8"
