"""Submitting: what is sent, what is told, and that nothing is submitted twice."""

from __future__ import annotations

import json
import uuid
from pathlib import Path

import grpc

from scheduler.cli.client import PAUSES_S
from scheduler.v1.job_service_pb2 import JOB_STATE_COMPLETED, Job, SubmitJobRequest
from tests.cli.conftest import Tendik
from tests.cli.service import Service, fault, reason
from tests.cli.world import a_job, a_running_job, an_element, an_ended_job

AWAY = fault(grpc.StatusCode.UNAVAILABLE, "the service is stopping", reason("DRAINING"))


def test_the_script_goes_verbatim_with_flags_directory_and_id(
    tendik: Tendik, service: Service, script: str
) -> None:
    result = tendik("submit", "-G", "4", script, "--time=2:00:00", "--project", "nlp")

    sent = service.last(SubmitJobRequest)
    assert (result.exit_code, result.stdout) == (0, "Submitted job 1042\n")
    assert sent.script == Path(script).read_text()
    assert list(sent.flags) == ["--job-name=train.sh", "-G", "4", "--time=2:00:00"]
    assert (sent.project, sent.working_directory) == ("nlp", str(Path.cwd()))
    assert uuid.UUID(sent.request_id).version == 4


def test_a_script_may_come_from_standard_input(tendik: Tendik, service: Service) -> None:
    for words in (["submit", "-"], ["submit", "-G1"]):
        tendik(*words, stdin="#!/bin/sh\ntrue\n")

        assert service.last(SubmitJobRequest).script == "#!/bin/sh\ntrue\n"
        assert "--job-name" not in "".join(service.last(SubmitJobRequest).flags)


def test_a_command_becomes_the_script_that_sbatch_makes_of_it(
    tendik: Tendik, service: Service
) -> None:
    tendik("submit", "-G1", "--wrap", "srun python train.py")

    sent = service.last(SubmitJobRequest)
    assert sent.script == (
        "#!/bin/sh\n# This script was created by sbatch --wrap.\n\nsrun python train.py\n"
    )
    assert list(sent.flags) == ["--job-name=wrap", "-G1"]


def test_a_command_with_directives_is_refused_as_sbatch_would_not_obey_them(
    tendik: Tendik, service: Service
) -> None:
    result = tendik("submit", "-G1", "--wrap", "#SBATCH --gpus=8\nsrun python train.py")

    assert result.exit_code == 2
    assert "would be read as a directive" in result.stderr
    assert service.of(SubmitJobRequest) == []


def test_sbatchs_variables_go_before_the_flags_that_override_them(
    tendik: Tendik, service: Service, script: str, environ: dict[str, str]
) -> None:
    environ |= {"SBATCH_TIMELIMIT": "10", "SBATCH_REQUEUE": "", "SBATCH_JOB_NAME": "mine"}

    tendik("submit", script, "-t", "20")

    assert list(service.last(SubmitJobRequest).flags) == [
        "--job-name=mine",
        "--requeue",
        "--time=10",
        "-t",
        "20",
    ]


def test_a_variable_that_asks_for_what_is_refused_is_named(
    tendik: Tendik, service: Service, script: str, environ: dict[str, str]
) -> None:
    environ |= {"SBATCH_QOS": "high", "SBATCH_REQUEUE": "no"}

    result = tendik("submit", script)

    assert result.exit_code == 3
    assert "SBATCH_QOS: there is normal alone, not 'high'" in result.stderr
    assert "SBATCH_REQUEUE: 'no' would undo what the script says" in result.stderr
    assert service.of(SubmitJobRequest) == []


def test_a_script_may_ask_for_a_plain_answer(tendik: Tendik, tmp_path: Path) -> None:
    path = tmp_path / "train.sh"
    path.write_text("#!/bin/bash\n#SBATCH --gpus=1 --parsable\nsrun python train.py\n")

    assert tendik("submit", str(path)).stdout == "1042\n"


def test_the_shells_environment_goes_along_without_what_is_ours(
    tendik: Tendik, service: Service, script: str, environ: dict[str, str]
) -> None:
    environ |= {"PATH": "/conda/bin:/bin", "SLURM_CONF": "/x"}

    tendik("submit", script)

    sent = dict(service.last(SubmitJobRequest).environment)
    assert sent == {"PATH": "/conda/bin:/bin", "HOME": environ["HOME"]}


def test_of_the_environment_only_what_export_names_is_sent(
    tendik: Tendik, service: Service, script: str, environ: dict[str, str]
) -> None:
    environ |= {"A": "1", "B": "2", "C": "not text: \udcff"}
    sent = []
    for export in ("NONE", "A,X=1", "C"):
        tendik("submit", script, f"--export={export}")
        sent.append(dict(service.last(SubmitJobRequest).environment))

    assert sent == [{}, {"A": "1"}, {}]


def test_a_dry_run_sends_no_environment(tendik: Tendik, service: Service, script: str) -> None:
    tendik("submit", "--dry-run", script)

    assert not service.last(SubmitJobRequest).environment


def test_an_array_is_told_by_its_number_and_size(
    tendik: Tendik, service: Service, script: str
) -> None:
    service.submitted = [an_element(index) for index in range(10)]

    assert tendik("submit", script).stdout == "Submitted array 1050 with 10 elements\n"
    assert tendik("submit", "--parsable", script).stdout == "1050\n"


def test_json_has_the_jobs(tendik: Tendik, script: str) -> None:
    (job,) = json.loads(tendik("submit", script, "-o", "json").stdout)

    assert (job["job_id"], job["state"], job["waiting"]["reason"]) == (
        1042,
        "pending",
        "others_first",
    )


def test_a_dry_run_says_what_would_be_submitted(
    tendik: Tendik, service: Service, script: str
) -> None:
    service.submitted = [a_job(0)]

    result = tendik("submit", "--dry-run", script)

    assert result.stdout == "Would submit train-llm: 16 GPUs (on 2 nodes) for 2h00m\n"
    assert service.last(SubmitJobRequest).validate_only


def test_a_lost_answer_is_asked_for_again_with_the_same_id(
    tendik: Tendik, service: Service, script: str, pauses: list[float]
) -> None:
    late = fault(grpc.StatusCode.DEADLINE_EXCEEDED, "late")
    cut_off = fault(grpc.StatusCode.CANCELLED, "CANCELLED")
    service.faults.extend([AWAY, late, cut_off])

    result = tendik("submit", script)

    assert (result.exit_code, result.stdout) == (0, "Submitted job 1042\n")
    assert len({sent.request_id for sent in service.of(SubmitJobRequest)}) == 1
    assert pauses == list(PAUSES_S[:3])
    assert result.stderr.count("trying again in") == 3


def test_a_service_that_stays_away_is_given_up_with_the_id_to_repeat(
    tendik: Tendik, service: Service, script: str, pauses: list[float]
) -> None:
    service.faults.extend([AWAY] * 20)

    result = tendik("submit", script)

    request_id = service.last(SubmitJobRequest).request_id
    assert (result.exit_code, result.stdout) == (7, "")
    assert f"--request-id {request_id} never submits it twice" in result.stderr
    assert pauses == list(PAUSES_S)


def test_a_refusal_is_not_tried_again(tendik: Tendik, service: Service, script: str) -> None:
    service.faults.append(
        fault(grpc.StatusCode.ALREADY_EXISTS, "used before", reason("REQUEST_ID_REUSED"))
    )

    assert tendik("submit", "--request-id", "mine", script).exit_code == 8
    assert [sent.request_id for sent in service.of(SubmitJobRequest)] == ["mine"]


def test_waiting_ends_well_only_if_every_job_completed(
    tendik: Tendik, service: Service, script: str
) -> None:
    end = an_ended_job(1042, state=JOB_STATE_COMPLETED, exit_code=0, outcome="")
    service.changes = [a_job(), end]
    assert tendik("submit", "--wait", script).exit_code == 0

    service.changes = [a_job(), an_ended_job(1042)]
    failed = tendik("submit", "--wait", script)
    assert failed.exit_code == 1
    assert "Job 1042 failed with exit code 3" in failed.stderr


def test_a_submitted_job_is_followed_to_its_end(
    tendik: Tendik, service: Service, script: str
) -> None:
    end = an_ended_job(1042, state=JOB_STATE_COMPLETED, exit_code=0, outcome="")
    service.changes = [a_job(), a_running_job(1042), end]
    followed = tendik("submit", "--watch", script)
    assert followed.exit_code == 0
    head, *changes = followed.stdout.splitlines()
    assert head == "Submitted job 1042"
    assert [line.split("  ")[3] for line in changes] == ["pending", "running", "completed"]

    service.changes = [a_job(), an_ended_job(1042)]
    assert tendik("submit", "--watch", script).exit_code == 1


def test_waiting_outlives_a_stream_that_breaks(
    tendik: Tendik, service: Service, script: str
) -> None:
    service.changes = [a_job(), an_ended_job(1042)]
    service.stream_faults.append(AWAY)

    result = tendik("submit", "--wait", script)

    assert result.exit_code == 1
    assert result.stderr.count("Job 1042 failed") == 1


def test_a_script_that_is_not_text_is_refused_with_its_line(tendik: Tendik, tmp_path: Path) -> None:
    bad = tmp_path / "train.sh"
    bad.write_bytes(b"#!/bin/sh\necho \xff\n")

    result = tendik("submit", str(bad))

    assert result.exit_code == 3
    assert f"{bad}:2: not UTF-8 text" in result.stderr


def test_a_script_over_the_limit_is_not_sent(
    tendik: Tendik, service: Service, tmp_path: Path
) -> None:
    large = tmp_path / "large.sh"
    large.write_text("#" * (4 * 1024 * 1024 + 1))

    assert tendik("submit", str(large)).exit_code == 3
    assert service.of(SubmitJobRequest) == []


def test_a_missing_script_is_a_usage_error(tendik: Tendik) -> None:
    result = tendik("submit", "nowhere.sh")

    assert result.exit_code == 2
    assert result.stderr == "error: cannot read nowhere.sh: No such file or directory\n"


def test_every_job_of_an_array_must_end(tendik: Tendik, service: Service, script: str) -> None:
    service.submitted = [an_element(0), an_element(1)]
    service.changes = [_completed(an_element(0)), _completed(an_element(1))]

    assert tendik("submit", "--wait", script).exit_code == 0


def _completed(job: Job) -> Job:
    job.state = JOB_STATE_COMPLETED
    return job
