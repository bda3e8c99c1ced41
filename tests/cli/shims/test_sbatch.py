"""sbatch submits as Slurm's own does: what it prints, what it sends, and how it ends."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from scheduler.cli.shims.sbatch_line import SbatchLine, read_line
from scheduler.v1.job_service_pb2 import JOB_STATE_COMPLETED, SubmitJobRequest
from tests.cli.service import Service
from tests.cli.shims.conftest import Program
from tests.cli.world import an_element, an_ended_job


def test_the_answer_is_slurms_sentence_or_the_number_alone(program: Program, script: str) -> None:
    assert program("sbatch", script) == (0, "Submitted batch job 1042\n", "")
    assert program("sbatch", "--parsable", script) == (0, "1042\n", "")


def test_an_array_is_told_by_its_number(program: Program, service: Service, script: str) -> None:
    service.submitted = [an_element(0), an_element(1)]

    assert program("sbatch", script).out == "Submitted batch job 1050\n"


def test_options_go_to_the_service_which_reads_them(
    program: Program, service: Service, script: str, environ: dict[str, str]
) -> None:
    environ["CONDA_PREFIX"] = "/conda"

    program("sbatch", "-A", "nlp", "-G4", "-t", "5", "-N=2", "--job-na", "x y", "-Q", script)

    sent = service.last(SubmitJobRequest)
    assert sent.script == Path(script).read_text()
    own = ["--account=nlp", "--gpus=4", "--time=5", "--nodes=2", "--job-name=x y", "--quiet"]
    assert list(sent.flags) == own
    assert sent.working_directory == str(Path.cwd())
    assert sent.environment["CONDA_PREFIX"] == "/conda"


def test_a_wrapped_command_becomes_slurms_script(program: Program, service: Service) -> None:
    program("sbatch", "--gpus=1", "--wrap=python -c 'x'")

    sent = service.last(SubmitJobRequest)
    assert sent.script == (
        "#!/bin/sh\n# This script was created by sbatch --wrap.\n\npython -c 'x'\n"
    )
    assert list(sent.flags) == ["--job-name=wrap", "--gpus=1"]


def test_without_a_file_the_script_is_standard_input(
    program: Program, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("#!/bin/sh\ntrue\n"))

    assert program("sbatch", "-G1").code == 0
    assert service.last(SubmitJobRequest).script == "#!/bin/sh\ntrue\n"


def test_a_comment_that_is_not_kept_is_said(program: Program, script: str) -> None:
    told = program("sbatch", "--comment", "rule_all", script)

    assert (told.code, told.out) == (0, "Submitted batch job 1042\n")
    assert "--comment is not kept" in told.err


def test_a_test_submits_nothing(program: Program, service: Service, script: str) -> None:
    told = program("sbatch", "--test-only", script)

    sent = service.last(SubmitJobRequest)
    assert (told.code, told.out) == (0, "")
    assert sent.validate_only
    assert not sent.environment


def test_who_waits_ends_with_the_worst_jobs_code(
    program: Program, service: Service, script: str
) -> None:
    service.submitted = [an_element(0), an_element(1)]
    place = {"array": service.submitted[0].array}
    service.changes = [
        an_ended_job(1050, exit_code=3, **place),
        an_ended_job(1051, state=JOB_STATE_COMPLETED, exit_code=0),
    ]

    assert program("sbatch", "-W", script).code == 3


REFUSED = {
    "no such file": (("/nowhere",), "sbatch: error: Unable to open file /nowhere\n"),
    "no such option": (("--bogus", "x"), "sbatch: error: --bogus is not an option of sbatch"),
    "no value": (("--time",), "sbatch: error: option '--time' requires an argument\n"),
    "arguments": (("a.sh", "b"), "sbatch: error: arguments for the script are not passed on: b"),
    "a script beside --wrap": (("--wrap", "x", "a.sh"), "sbatch: error: Script arguments not"),
}


@pytest.mark.parametrize(("words", "complaint"), REFUSED.values(), ids=REFUSED.keys())
def test_a_wrong_call_is_refused_by_name(
    program: Program, words: tuple[str, ...], complaint: str
) -> None:
    told = program("sbatch", *words)

    assert (told.code, told.out) == (1, "")
    assert told.err.startswith(complaint)


def test_joined_letters_and_values_are_read_as_slurm_reads_them() -> None:
    line = read_line(["-QkN2", "-k=off", "--no-kill", "--", "a.sh"])

    assert line == SbatchLine(
        ["--quiet", "--no-kill=N2", "--no-kill=off", "--no-kill"], script="a.sh"
    )
