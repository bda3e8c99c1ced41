"""Jobs that wait for other jobs, as the client and the programs named as Slurm's tell of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scheduler.v1 import job_service_pb2 as jobs
from scheduler.v1.job_service_pb2 import SubmitJobRequest
from tests.cli.conftest import Tendik
from tests.cli.service import Service
from tests.cli.shims.conftest import Program, program
from tests.cli.world import a_job, a_waiting

__all__ = ["program"]
WAITS = jobs.Blocker(
    reason=jobs.WAIT_REASON_DEPENDENCY,
    meaning="it waits for the jobs of its --dependency",
    detail="afterok:1040 (running)",
)
NEVER = jobs.Blocker(
    reason=jobs.WAIT_REASON_DEPENDENCY_NEVER_SATISFIED,
    meaning="it will never start",
    detail="afterok:1040 (failed)",
)


def a_dependent(blocker: jobs.Blocker = WAITS, **fields: Any) -> jobs.Job:
    return a_job(1042, waiting=a_waiting(blocker), dependency="afterok:1040,singleton", **fields)


@pytest.fixture
def script(tmp_path: Path) -> str:
    path = tmp_path / "train.sh"
    path.write_text("#!/bin/bash\n#SBATCH --gpus=1\ntrue\n")
    return str(path)


def test_a_submit_passes_the_dependency_on_and_says_what_is_waited_for(
    tendik: Tendik, service: Service, script: str
) -> None:
    service.submitted = [a_dependent()]

    told = tendik("submit", "--dependency=afterok:1040,singleton", "-H", script)

    assert told.stdout == "Submitted job 1042 (waits for afterok:1040,singleton)\n"
    flags = service.last(SubmitJobRequest).flags
    assert list(flags)[1:] == ["--dependency=afterok:1040,singleton", "-H"]


def test_a_held_job_is_told_to_be_held(tendik: Tendik, service: Service, script: str) -> None:
    held = jobs.Blocker(reason=jobs.WAIT_REASON_HELD_BY_USER)
    service.submitted = [a_job(1042, waiting=a_waiting(held))]

    assert tendik("submit", "-H", script).stdout == "Submitted job 1042 (held)\n"


def test_every_program_tells_what_is_waited_for(
    tendik: Tendik, program: Program, service: Service
) -> None:
    service.jobs = [a_dependent()]

    why = tendik("why", "1042").stdout
    assert "reason     dependency" in why
    assert "numbers    afterok:1040 (running)" in why
    assert "dependency" in tendik("queue").stdout
    assert "waits for     afterok:1040,singleton" in tendik("show", "1042").stdout
    (listed,) = json.loads(tendik("queue", "-o", "json").stdout)
    assert listed["dependency"] == "afterok:1040,singleton"
    told = program("squeue", "-h", "-o%t %r %E", "-j1042").out
    assert told == "PD Dependency afterok:1040(unfulfilled),singleton(unfulfilled)\n"
    shown = program("scontrol", "show", "job", "1042").out
    assert "Reason=Dependency Dependency=afterok:1040(unfulfilled)," in shown


def test_a_dependency_that_is_lost_is_told_in_slurms_words(
    program: Program, service: Service
) -> None:
    service.jobs = [a_dependent(NEVER)]

    told = program("squeue", "-h", "-o%r|%E", "-j1042").out
    assert told == "DependencyNeverSatisfied|afterok:1040(failed),singleton(failed)\n"


def test_a_job_that_waits_for_nothing_says_so_to_scontrol(
    program: Program, service: Service
) -> None:
    service.jobs = [a_job(1042)]

    assert "Dependency=(null)" in program("scontrol", "show", "job", "1042").out


def test_a_job_that_is_submitted_anew_waits_for_the_same(tendik: Tendik, service: Service) -> None:
    text = "#!/bin/bash\n#SBATCH --gpus=2 -d afterok:1040\ntrue\n"
    service.jobs = [a_dependent(script=text, kill_on_invalid_dependency=True)]
    service.submitted = [a_job(1043)]
    tendik("resubmit", "1042", "--gpus=1")
    again = list(service.last(SubmitJobRequest).flags)
    service.jobs = [a_job(1042, script=text)]
    tendik("resubmit", "1042", "--gpus=1")
    met = list(service.last(SubmitJobRequest).flags)

    same = ["--dependency=afterok:1040,singleton", "--kill-on-invalid-dep=yes", "--gpus=1"]
    assert again == same
    assert met == ["--dependency=", "--kill-on-invalid-dep=no", "--gpus=1"]


def test_advice_does_not_forget_what_is_waited_for_before(
    tendik: Tendik, service: Service, script: str
) -> None:
    service.submitted = [a_dependent()]
    service.explanation = jobs.Explanation(starts=True)

    told = tendik("advise", script, "-d", "afterok:1040,singleton").stdout
    assert "before that    waits for afterok:1040,singleton" in told
    assert "would start    in the next cycle after that" in told
