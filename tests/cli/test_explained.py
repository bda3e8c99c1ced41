"""What the program says of an explanation: who goes first, and what would start the job."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from scheduler.cli.times import local
from scheduler.v1 import job_service_pb2 as jobs
from tests.cli.conftest import Tendik
from tests.cli.service import Service, fault, reason
from tests.cli.world import a_job, a_waiting, an_element

HELD = jobs.Blocker(reason=jobs.WAIT_REASON_HELD_BY_USER, meaning="held")
LACKS_H200 = jobs.Blocker(
    reason=jobs.WAIT_REASON_NOT_ENOUGH_FREE_GPUS, meaning="too few", detail="alem/h200 has 2"
)
EXPLAINED = jobs.Explanation(
    blockers=[LACKS_H200],
    ahead=[
        jobs.Ahead(
            precedence=jobs.PRECEDENCE_ORGANISATION_SHARE,
            meaning="organisations of your class that use less of it go first",
            organisation=name,
            jobs=count,
            gpus=count,
        )
        for name, count in (("kbtu", 7), ("abai", 5))
    ],
    counterfactuals=[
        jobs.Counterfactual(sentence="with 6 GPUs instead of 8 it starts now", flags=["--gpus=6"]),
        jobs.Counterfactual(sentence="without its constraint it starts now"),
    ],
)
LATER = jobs.Counterfactual(
    sentence="with a walltime of 2:00:00 instead of 8:00:00 it starts 5:50:00 earlier",
    flags=["--time=2:00:00"],
    start_time=Timestamp(seconds=int(datetime(2026, 3, 2, 14, 10, tzinfo=UTC).timestamp())),
)


def test_why_tells_who_goes_first_and_what_would_start_it(tendik: Tendik, service: Service) -> None:
    service.jobs, service.explanation = [a_job()], EXPLAINED

    told = " ".join(tendik("why", "1042").stdout.split())

    assert "- 12 jobs that could use its pools would be served before it" in told
    assert "- 12 (kbtu 7, abai 5): organisations of your class that use less of it go first" in told
    assert "starts now: tendik resubmit 1042 --gpus=6 - without its constraint it starts" in told


def test_what_would_start_it_later_is_told_by_the_readers_own_clock(
    tendik: Tendik, service: Service
) -> None:
    service.jobs, service.explanation = [a_job()], jobs.Explanation(counterfactuals=[LATER])

    told = " ".join(tendik("why", "1042").stdout.split())

    assert "starts it now" not in told
    assert "What would start it earlier, if nobody new comes and nobody goes first:" in told
    assert f"- at {local(LATER.start_time)}: {LATER.sentence}: tendik resubmit" in told
    assert told.endswith("--time=2:00:00")


def test_programs_are_told_when_a_change_would_start_the_job(
    tendik: Tendik, service: Service
) -> None:
    both = jobs.Explanation(counterfactuals=[EXPLAINED.counterfactuals[0], LATER])
    service.jobs, service.explanation = [a_job()], both

    told = json.loads(tendik("why", "1042", "--format", "json").stdout)

    changes = told["explanation"]["counterfactuals"]
    assert [change["start_time"] for change in changes] == [None, "2026-03-02T14:10:00Z"]


def test_why_says_what_it_knows_where_nobody_can_explain(tendik: Tendik, service: Service) -> None:
    service.jobs = [a_job()]
    away = fault(grpc.StatusCode.UNAVAILABLE, "ask again", reason("EXPLAINER_UNAVAILABLE"))
    service.faults.extend([None] * 4 + [away])

    told = tendik("why", "1042")

    assert told.exit_code == 0
    assert "others first" in told.stdout
    assert "is not known now: ask again" in told.stderr


def test_advice_is_given_for_a_script_before_it_is_submitted(
    tendik: Tendik, service: Service, script: str
) -> None:
    service.explanation = EXPLAINED

    told = " ".join(tendik("advise", script).stdout.split())

    assert "would ask for 16 GPUs (on 2 nodes) for 2h00m" in told
    assert f"it starts now: tendik submit {script} --gpus=6" in told


def test_a_waiting_job_is_submitted_anew_only_after_the_old_one_is_gone(
    tendik: Tendik, service: Service
) -> None:
    service.jobs = [a_job(script="#!/bin/bash\n", flags=["--gpus=8"], working_directory="/data")]
    service.submitted = [a_job(1050, 6)]

    told = tendik("resubmit", "1042", "--gpus=6")

    assert told.stdout.startswith("Submitted job 1050 in place of 1042: 6 GPUs")
    kinds = [type(request).__name__ for request in service.requests]
    assert kinds[-3:] == ["SubmitJobRequest", "CancelJobRequest", "SubmitJobRequest"]
    checked, sent = service.of(jobs.SubmitJobRequest)
    assert (checked.validate_only, sent.validate_only) == (True, False)
    assert (list(sent.flags), sent.working_directory) == (["--gpus=8", "--gpus=6"], "/data")


@pytest.mark.parametrize(
    ("hours", "told"),
    [(1, "16 GPUs for 1h00m instead of 16 GPUs for 2h00m"), (2, "16 GPUs for 2h00m")],
)
def test_what_is_another_is_told_of_a_job_submitted_anew(
    tendik: Tendik, service: Service, hours: int, told: str
) -> None:
    service.jobs = [a_job(script="#!/bin/bash\n", flags=["--gpus=16"], working_directory="/data")]
    service.submitted = [a_job(1050)]
    service.submitted[0].resources.walltime.seconds = hours * 3600
    service.jobs[0].resources.nodes = service.submitted[0].resources.nodes = 0

    lines = tendik("resubmit", "1042", f"--time={hours}:00:00").stdout.splitlines()

    assert lines == [f"Submitted job 1050 in place of 1042: {told}"]


def test_a_job_that_began_meanwhile_is_not_submitted_anew(tendik: Tendik, service: Service) -> None:
    service.jobs = [a_job(state=jobs.JOB_STATE_RUNNING)]

    told = tendik("resubmit", "1042", "--gpus=6")

    assert told.exit_code == 8
    assert "waits no more: it is running" in told.stderr
    assert service.of(jobs.SubmitJobRequest) == []


def test_the_advice_is_for_the_command_that_was_asked_about(
    tendik: Tendik, service: Service, script: str
) -> None:
    service.explanation = EXPLAINED

    told = " ".join(tendik("advise", "--project=nlp", script, "--mem", "9 G").stdout.split())

    assert f"tendik submit --project nlp {script} --mem '9 G' --gpus=6" in told


def test_an_element_of_an_array_is_told_no_command_that_would_be_refused(
    tendik: Tendik, service: Service
) -> None:
    service.jobs, service.explanation = [an_element(1)], EXPLAINED

    assert "resubmit" not in tendik("why", "1050_1").stdout


NOT_ANEW = {
    "somebody else's": (a_job(user="bek"), "job 1042 is bek's"),
    "an element of an array": (a_job(array=jobs.ArrayPlace(array_job_id=1042)), "of an array"),
    "a held one": (a_job(waiting=a_waiting(HELD)), "is held; release it first"),
}


@pytest.mark.parametrize(("job", "complaint"), NOT_ANEW.values(), ids=NOT_ANEW.keys())
def test_what_would_not_be_the_same_job_is_not_submitted_anew(
    tendik: Tendik, service: Service, job: jobs.Job, complaint: str
) -> None:
    service.jobs = [job]

    told = tendik("resubmit", "1042", "--gpus=6")

    assert told.exit_code == 2
    assert complaint in told.stderr
    assert service.of(jobs.CancelJobRequest) == []


def test_where_the_new_job_is_refused_after_all_the_old_script_is_named(
    tendik: Tendik, service: Service
) -> None:
    service.jobs = [a_job(script="#!/bin/bash\n")]
    full = fault(grpc.StatusCode.RESOURCE_EXHAUSTED, "too many", reason("QUOTA_EXCEEDED"))
    service.faults.extend([None] * 4 + [full])

    told = tendik("resubmit", "1042", "--gpus=6")

    assert told.exit_code == 6
    assert "Its script is kept: tendik show 1042 --script" in told.stderr
