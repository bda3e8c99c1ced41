"""Running jobs wait again under their numbers; ended ones are submitted anew by their scripts."""

from __future__ import annotations

from scheduler.cli.exit_codes import ExitCode
from scheduler.v1.job_service_pb2 import JOB_STATE_COMPLETED, RequeueJobRequest, SubmitJobRequest
from tests.cli.conftest import Tendik
from tests.cli.service import Service
from tests.cli.shims.conftest import Program, program
from tests.cli.world import a_job, a_running_job, ago, an_element, an_ended_job

__all__ = ["program"]
SCRIPT = "#!/bin/sh\n#SBATCH --gpus=8\n"


def test_an_ended_job_runs_once_more_as_a_new_one(tendik: Tendik, service: Service) -> None:
    service.jobs = [an_ended_job(script=SCRIPT, flags=["--time=5"], working_directory="/data")]
    service.submitted = [a_job(1060)]

    assert tendik("requeue", "1040").stdout == "Submitted job 1060: 1040 once more\n"

    request = service.last(SubmitJobRequest)
    assert (request.script, list(request.flags)) == (SCRIPT, ["--time=5"])
    assert (request.working_directory, request.project) == ("/data", "speech")
    assert request.request_id


def test_an_element_runs_once_more_without_the_others(tendik: Tendik, service: Service) -> None:
    end = ago(minutes=1)
    service.jobs = [an_element(3, state=JOB_STATE_COMPLETED, end_time=end, script=SCRIPT)]
    service.submitted = [an_element(3, 1060)]

    assert tendik("requeue", "1050_3").stdout == "Submitted job 1060_3: 1050_3 once more\n"
    assert list(service.last(SubmitJobRequest).flags) == ["--array=3"]


def test_a_running_job_ends_and_waits_again_under_its_number(
    tendik: Tendik, service: Service
) -> None:
    running = a_running_job()
    service.jobs = [running]

    result = tendik("requeue", "1041")

    request = service.last(RequeueJobRequest)
    assert result.stdout == "Job 1041 ends now, and waits again under its number\n"
    assert (request.name, request.start_time) == ("jobs/1041", running.start_time)
    assert service.of(SubmitJobRequest) == []


def test_a_job_that_waits_is_left_alone_and_stops_no_other(
    tendik: Tendik, service: Service
) -> None:
    service.jobs = [a_job(), an_ended_job(script=SCRIPT)]

    result = tendik("requeue", "1042", "1040")

    assert result.exit_code == ExitCode.CONFLICT
    assert "job 1042 is pending, and has no run that could be ended" in result.stderr
    assert "`tendik cancel 1042` takes it back" in result.stderr
    assert len(service.of(SubmitJobRequest)) == 1


def test_an_ended_job_does_not_wait_again_for_what_is_over(
    tendik: Tendik, service: Service
) -> None:
    waited = SCRIPT + "#SBATCH --dependency=afterok:1039\n"
    service.jobs = [an_ended_job(script=waited)]

    tendik("requeue", "1040")

    assert list(service.last(SubmitJobRequest).flags) == ["--dependency="]


def test_somebody_elses_job_does_not_become_ones_own(tendik: Tendik, service: Service) -> None:
    service.jobs = [an_ended_job(script=SCRIPT, user="bolat")]

    assert "is bolat's, and would become yours" in tendik("requeue", "1040").stderr
    assert service.of(SubmitJobRequest) == []


def test_scontrol_requeues_what_runs_and_what_has_ended(program: Program, service: Service) -> None:
    service.jobs = [a_job(), a_running_job(), an_ended_job(script=SCRIPT)]
    service.submitted = [a_job(1060)]

    assert "Job is pending execution" in program("scontrol", "requeue", "1042,1041").err
    assert service.of(RequeueJobRequest) == []
    assert program("scontrol", "requeue", "1041").err == ""
    assert service.last(RequeueJobRequest).name == "jobs/1041"
    assert "job 1040 was submitted anew as job 1060" in program("scontrol", "requeue", "1040").err
