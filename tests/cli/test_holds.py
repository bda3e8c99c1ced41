"""Holding and releasing: what is asked, what is told, and that an admitted job goes on."""

from __future__ import annotations

import json

from scheduler.v1.job_service_pb2 import HoldJobRequest, ReleaseJobRequest
from tests.cli.conftest import Tendik
from tests.cli.service import Service
from tests.cli.shims.conftest import Program, program
from tests.cli.world import a_job, a_running_job, an_element

__all__ = ["program"]


def test_jobs_and_all_elements_of_arrays_are_held_and_released(
    tendik: Tendik, service: Service
) -> None:
    service.jobs = [a_job(1042), an_element(1), an_element(0)]

    held = tendik("hold", "1042", "1050")
    assert held.stdout.splitlines() == [
        "Holding job 1042",
        "Holding job 1050_1",
        "Holding job 1050_0",
    ]
    assert "Released job 1042" in tendik("release", "1042").stdout
    assert [one.name for one in service.of(HoldJobRequest)] == [
        "jobs/1042",
        "jobs/1051",
        "jobs/1050",
    ]
    assert [one.name for one in service.of(ReleaseJobRequest)] == ["jobs/1042"]


def test_a_held_job_says_so_for_programs_as_well(tendik: Tendik, service: Service) -> None:
    service.jobs = [a_job(1042)]

    (job,) = json.loads(tendik("hold", "1042", "-o", "json").stdout)

    assert job["waiting"]["reason"] == "held_by_user"


def test_a_job_that_runs_is_not_stopped_and_the_user_is_told(
    tendik: Tendik, service: Service
) -> None:
    service.jobs = [a_running_job(1041), a_job(1042)]

    told = tendik("hold", "1041", "1042")

    assert told.exit_code == 8
    assert "job 1041 waits no more: it is running" in told.stderr
    assert told.stdout == "Holding job 1042\n"


def test_scontrol_holds_and_releases_what_waits(program: Program, service: Service) -> None:
    service.jobs = [a_running_job(1041), a_job(1042)]

    assert program("scontrol", "hold", "1042") == (0, "", "")
    assert program("squeue", "-h", "-o%R", "-j1042").out == "(HeldByUser)\n"
    assert program("scontrol", "release", "jobid=1042") == (0, "", "")
    late = program("scontrol", "hold", "1041")
    assert late == (1, "", "Job is no longer pending execution for job 1041\n")
