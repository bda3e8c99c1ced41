"""Looking closely at a job, why it waits, taking it back, and following it."""

from __future__ import annotations

import json
from typing import Any

import grpc
import pytest

from scheduler.v1.cluster_service_pb2 import GetClusterResponse
from scheduler.v1.job_service_pb2 import (
    JOB_STATE_SUBMITTED,
    JOB_STATE_SUBMITTING,
    WAIT_REASON_KEPT_BACK,
    WAIT_REASON_NOT_ENOUGH_FREE_GPUS,
    WAIT_REASON_RESERVED,
    WAIT_REASON_USER_LIMIT,
    Blocker,
    CancelJobRequest,
    GetJobRequest,
    WatchJobsRequest,
)
from tests.cli.conftest import Tendik
from tests.cli.service import Service, fault, reason
from tests.cli.world import a_job, a_running_job, a_waiting, an_element, an_ended_job

USER_LIMIT = Blocker(
    reason=WAIT_REASON_USER_LIMIT, meaning="too many", detail="4 of 4", advice="wait"
)
LACKS_H200, LACKS_A100 = (
    Blocker(
        reason=WAIT_REASON_NOT_ENOUGH_FREE_GPUS, meaning="too few", detail=detail, advice="wait"
    )
    for detail in ("alem/h200 has 2", "alem/a100 has 1")
)
KEPT_BACK, RESERVED = (
    Blocker(reason=reason) for reason in (WAIT_REASON_KEPT_BACK, WAIT_REASON_RESERVED)
)


def test_show_tells_all_fields_that_have_a_value(tendik: Tendik, service: Service) -> None:
    service.jobs = [a_running_job()]

    shown = tendik("show", "1041").stdout

    for text in ("eval", "running", "8 GPUs (on 2 nodes)", "2h00m", "alem/h200", "5512", "speech"):
        assert text in shown
    assert "outcome" not in shown


def test_the_script_is_shown_only_where_it_is_asked_for(tendik: Tendik, service: Service) -> None:
    service.jobs = [a_job(script="#!/bin/sh\ntrue\n")]

    assert tendik("show", "1042", "--script").stdout.endswith("\n\n#!/bin/sh\ntrue\n")
    assert service.last(GetJobRequest).include_script
    assert json.loads(tendik("show", "1042", "--script", "-o", "json").stdout)["script"]
    assert "script" not in json.loads(tendik("show", "1042", "-o", "json").stdout)


def test_an_element_is_named_by_array_and_index(tendik: Tendik, service: Service) -> None:
    service.jobs = [an_element(index) for index in (3, 2, 1, 0)]

    assert tendik("show", "1050_2").stdout.startswith("job           1050_2\njob id        1052\n")
    assert tendik("show", "1050_9").exit_code == 4
    assert tendik("show", "1050").stderr == "job 1050 is element 1050_0 of an array\n"


@pytest.mark.parametrize("word", ["", "x", "0", "-1", "1042_", "1e3", "jobs/", "9" * 30])
def test_a_word_that_names_no_job_is_refused(tendik: Tendik, word: str) -> None:
    assert tendik("show", "--", word).exit_code == 2


def test_why_gives_reason_numbers_advice_share_and_place(tendik: Tendik, service: Service) -> None:
    service.jobs = [a_job(), a_job(900)]

    told = " ".join(tendik("why", "1042").stdout.split())

    assert "reason others first meaning free GPUs went to other jobs: floors first" in told
    assert "numbers astana-university holds 12 of 16.0 entitled GPUs" in told
    assert "advice it starts as your share of the cluster comes up" in told
    assert "alem/h200 16.0 12 28 - -" in told
    assert "earlier jobs of astana-university that wait too: 1" in told
    assert "of 2 other organisations with waiting jobs, 0 hold less" in told


def test_why_says_that_nothing_can_start_while_slurm_is_away(
    tendik: Tendik, service: Service
) -> None:
    service.jobs = [a_job()]
    assert "Slurm does not answer" not in tendik("why", "1042").stdout

    service.cluster = GetClusterResponse(backend="slurm", backend_up=False)

    told = " ".join(tendik("why", "1042").stdout.split())
    assert "- Slurm does not answer: no job can start until it does" in told


def test_why_tells_all_that_is_in_the_way_and_each_pools_numbers(
    tendik: Tendik, service: Service
) -> None:
    service.jobs = [a_job(waiting=a_waiting(USER_LIMIT, LACKS_H200, LACKS_A100))]

    told = " ".join(tendik("why", "1042").stdout.split())

    assert "reason 1 of 2: user limit meaning too many numbers 4 of 4 advice wait" in told
    assert "reason 2 of 2: not enough free GPUs meaning too few numbers alem/h200 has 2 " in told
    assert "numbers alem/a100 has 1 advice wait" in told


def test_json_has_all_blockers_and_those_of_an_older_service(
    tendik: Tendik, service: Service
) -> None:
    service.jobs = [a_job(waiting=a_waiting(USER_LIMIT, LACKS_H200)), a_job(7)]

    many, one = (json.loads(tendik("show", job, "-o", "json").stdout) for job in ("1042", "7"))

    assert [blocker["detail"] for blocker in many["waiting"]["blockers"]] == [
        "4 of 4",
        "alem/h200 has 2",
    ]
    assert many["waiting"]["reason"] == "user_limit"
    assert [blocker["reason"] for blocker in one["waiting"]["blockers"]] == ["others_first"]


def test_a_list_names_the_first_reasons_and_counts_the_others(
    tendik: Tendik, service: Service
) -> None:
    service.jobs = [
        a_job(waiting=a_waiting(USER_LIMIT, LACKS_H200, LACKS_A100)),
        a_job(7, waiting=a_waiting(USER_LIMIT, LACKS_H200, KEPT_BACK, RESERVED)),
    ]

    _, first, second = tendik("queue").stdout.splitlines()

    assert first.endswith("user limit, not enough free GPUs")
    assert second.endswith("user limit, not enough free GPUs and 2 more")


INSTEAD: dict[str, tuple[Any, str]] = {
    "on its way": (
        a_running_job(state=JOB_STATE_SUBMITTING),
        "it was admitted to alem/h200 and is on its way to Slurm",
    ),
    "in Slurm": (a_running_job(state=JOB_STATE_SUBMITTED), "Slurm has it as 5512"),
    "running": (a_running_job(), "in alem/h200 on n01, n02"),
    "asked to end": (a_running_job(cancel_requested=True), "its cancel was asked for"),
    "ended": (an_ended_job(1041), "it waits for nothing"),
}


@pytest.mark.parametrize(("job", "text"), INSTEAD.values(), ids=INSTEAD.keys())
def test_why_tells_the_truth_about_a_job_that_does_not_wait(
    tendik: Tendik, service: Service, job: Any, text: str
) -> None:
    service.jobs = [job]

    told = tendik("why", "1041").stdout

    assert text in told
    assert "reason" not in told


def test_why_in_json_has_job_shares_and_place(tendik: Tendik, service: Service) -> None:
    service.jobs = [a_job()]

    told = json.loads(tendik("why", "1042", "-o", "json").stdout)

    assert told["job"]["waiting"]["reason"] == "others_first"
    assert [share["entitled_gpus"] for share in told["shares"]] == [16.0]
    assert len(told["place"]) == 2


def test_cancel_says_what_became_of_each_job(tendik: Tendik, service: Service) -> None:
    service.jobs = [a_job(), a_running_job(), an_ended_job()]

    result = tendik("cancel", "1042", "1041", "1040", "7")

    assert result.stdout.splitlines() == [
        "Cancelled job 1042",
        "Cancelling job 1041, which is running",
        "Job 1040 had ended already: failed",
    ]
    assert result.exit_code == 4
    assert "no job 'jobs/7'" in result.stderr


def test_an_arrays_number_cancels_all_its_elements(tendik: Tendik, service: Service) -> None:
    service.jobs = [an_element(index) for index in (2, 1, 0)]

    cancelled = json.loads(tendik("cancel", "1050", "-o", "json").stdout)

    assert [job["state"] for job in cancelled] == ["cancelled"] * 3
    assert len(service.of(CancelJobRequest)) == 3


def test_a_cancel_whose_answer_is_lost_is_repeated(
    tendik: Tendik, service: Service, pauses: list[float]
) -> None:
    service.jobs = [an_element(0)]
    lost = fault(grpc.StatusCode.UNAVAILABLE, "busy", reason("STORE_UNAVAILABLE"))
    service.faults.extend([None, lost])

    assert tendik("cancel", "1050").stdout == "Cancelled job 1050_0\n"
    assert len(pauses) == 1


def test_watch_writes_a_line_for_each_change_until_the_end(
    tendik: Tendik, service: Service
) -> None:
    service.jobs = [a_job()]
    same = a_job()
    service.changes = [same, same, a_running_job(1042), an_ended_job(1042)]

    result = tendik("watch", "1042")

    states = [line.split()[3] for line in result.stdout.splitlines()]
    assert states == ["pending", "running", "failed"]
    assert list(service.last(WatchJobsRequest).names) == ["jobs/1042"]


def test_watch_in_json_writes_one_object_a_line(tendik: Tendik, service: Service) -> None:
    service.changes = [a_job(), a_running_job(1042)]

    lines = tendik("watch", "-o", "json").stdout.splitlines()

    assert [json.loads(line)["state"] for line in lines] == ["pending", "running"]
