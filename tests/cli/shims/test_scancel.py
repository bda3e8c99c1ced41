"""scancel takes back what is named or described, and sends no signals."""

from __future__ import annotations

import grpc
import pytest

from scheduler.v1.job_service_pb2 import CancelJobRequest
from tests.cli.service import Service, fault, reason
from tests.cli.shims.conftest import Program
from tests.cli.world import a_job, a_running_job, an_element, an_ended_job


@pytest.fixture(autouse=True)
def a_queue(service: Service) -> None:
    elements = [an_element(index) for index in (3, 2, 1)]
    service.jobs = [*elements, a_job(1042), a_running_job(1041), an_ended_job(1040)]


CALLS = {
    "a job": (("1042",), ["jobs/1042"]),
    "several": (("1042", "1041"), ["jobs/1042", "jobs/1041"]),
    "an array": (("1050",), ["jobs/1051", "jobs/1052", "jobs/1053"]),
    "an element": (("1050_2",), ["jobs/1052"]),
    "some elements": (("1050_[1,3]",), ["jobs/1051", "jobs/1053"]),
    "one that has ended": (("1040",), []),
    "by name": (("-n", "eval"), ["jobs/1041"]),
    "by state": (("-t", "RUNNING", "-u", "aliya"), ["jobs/1041"]),
    "those named that suit": (("--state=PD", "1041", "1042"), ["jobs/1042"]),
    "one's own": (("--me", "-nsweep"), ["jobs/1051", "jobs/1052", "jobs/1053"]),
    "a step": (("1042.0",), []),
}


@pytest.mark.parametrize(("words", "names"), CALLS.values(), ids=CALLS.keys())
def test_those_that_are_meant_are_cancelled(
    program: Program, service: Service, words: tuple[str, ...], names: list[str]
) -> None:
    assert program("scancel", "-Q", *words) == (0, "", "")
    assert [request.name for request in service.of(CancelJobRequest)] == names


def test_a_job_that_is_not_there_is_named_and_no_failure(program: Program) -> None:
    complaint = "scancel: error: Kill job error on job id 99: Invalid job id specified\n"

    assert program("scancel", "99") == (0, "", complaint)


def test_nobody_named_is_an_error(program: Program) -> None:
    assert program("scancel") == (1, "", "scancel: error: No job identification provided\n")


@pytest.mark.parametrize(
    "words",
    [["0"], ["0_0"], ["-n", ""], ["-u", ""], ["-p", ","], ["--me", "-n", ""], ["-A", ""]],
    ids=" ".join,
)
def test_a_word_that_names_nothing_ends_nothing(
    program: Program, service: Service, words: list[str]
) -> None:
    assert program("scancel", *words).code == 1
    assert service.of(CancelJobRequest) == []


def test_a_job_that_may_not_be_cancelled_keeps_none_of_the_others(
    program: Program, service: Service
) -> None:
    refusal = fault(grpc.StatusCode.PERMISSION_DENIED, "not yours", reason("NOT_PERMITTED"))
    # Each job is first looked for as an array and as a job.
    service.faults.extend((None, None, None, None, refusal))
    told = program("scancel", "1041", "1042")

    assert told.code == 1
    assert "not yours" in told.err
    assert [one.name for one in service.of(CancelJobRequest)] == ["jobs/1041", "jobs/1042"]


def test_a_signal_is_refused_by_name_and_ends_nothing(program: Program, service: Service) -> None:
    told = program("scancel", "--signal", "TERM", "1041")

    assert told.code == 1
    assert "--signal" in told.err
    assert service.of(CancelJobRequest) == []
