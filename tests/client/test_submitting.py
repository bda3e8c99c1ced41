"""Submitting from Python: what is sent, what is answered, and that nothing is submitted twice."""

from __future__ import annotations

import pickle
import uuid
from datetime import timedelta
from pathlib import Path

import grpc
import pytest

from scheduler.cli.client import PAUSES_S
from scheduler.client import InvalidRequest, Tendik, Unavailable, WrongUse
from scheduler.client.sbatch import SbatchOptions
from scheduler.client.submitting import Submission
from scheduler.domain.sbatch.options import OPTIONS, Handling
from scheduler.v1.job_service_pb2 import AdviseJobRequest, SubmitJobRequest
from tests.cli.service import Service, fault, reason, violations
from tests.cli.test_explained import EXPLAINED
from tests.cli.world import a_job, an_element

AWAY = fault(grpc.StatusCode.UNAVAILABLE, "the service is stopping", reason("DRAINING"))
TEXT = "#!/bin/bash\n#SBATCH --gpus=1\nsrun python train.py\n"
# Options that say how sbatch answers, which no program needs.
OF_THE_ANSWER = {"parsable", "quiet", "verbose"}


def test_a_file_goes_verbatim_with_its_name_directory_and_an_id(
    tendik: Tendik, service: Service, script: str
) -> None:
    job = tendik.submit(script, gpus=4, time="2:00:00", project="nlp")

    sent = service.last(SubmitJobRequest)
    assert job.id == 1042
    assert sent.script == Path(script).read_text()
    assert list(sent.flags) == ["--job-name=train.sh", "--gpus=4", "--time=2:00:00"]
    assert (sent.project, sent.working_directory) == ("nlp", str(Path.cwd()))
    assert uuid.UUID(sent.request_id).version == 4


def test_a_script_may_be_given_as_a_path_or_as_text(
    tendik: Tendik, service: Service, script: str
) -> None:
    sent = []
    for given in (Path(script), TEXT):
        tendik.submit(given)
        sent.append(service.last(SubmitJobRequest))

    assert [request.script for request in sent] == [Path(script).read_text(), TEXT]
    assert list(sent[1].flags) == []


def test_options_become_flags(tendik: Tendik, service: Service) -> None:
    tendik.submit(
        TEXT, cpus_per_task=4, requeue=True, no_requeue=False, mem=None, time=timedelta(hours=26)
    )

    sent = list(service.last(SubmitJobRequest).flags)
    assert sent == ["--cpus-per-task=4", "--requeue", "--time=26:00:00"]


def test_a_mistyped_option_is_found_by_type_checkers_and_judged_by_the_service(
    tendik: Tendik, service: Service
) -> None:
    # mypy refuses an ignore that nothing needs.
    tendik.submit(TEXT, cpu_per_task=4)  # type: ignore[call-arg]  # mistyped on purpose

    assert list(service.last(SubmitJobRequest).flags) == ["--cpu-per-task=4"]


def test_every_option_that_is_taken_has_its_keyword() -> None:
    taken = {option.name for option in OPTIONS if option.handling is not Handling.REFUSED}

    keywords = {name.replace("_", "-") for name in SbatchOptions.__annotations__}
    assert keywords == taken - OF_THE_ANSWER


def test_the_environment_goes_along_as_export_says(
    tendik: Tendik, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODEL", "llm")
    sent = []
    for export in (None, "MODEL", "NONE"):
        tendik.submit(TEXT, export=export)
        sent.append(dict(service.last(SubmitJobRequest).environment))

    whole, named, nothing = sent
    assert whole["MODEL"] == "llm"
    assert "TENDIK_TOKEN" not in whole
    assert (named, nothing) == ({"MODEL": "llm"}, {})


def test_sbatchs_variables_count(
    tendik: Tendik, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SBATCH_TIMELIMIT", "10")

    tendik.submit(TEXT, gpus=2)

    assert list(service.last(SubmitJobRequest).flags) == ["--time=10", "--gpus=2"]


def test_an_array_is_answered_with_its_elements(tendik: Tendik, service: Service) -> None:
    service.submitted = [an_element(index) for index in range(3)]

    jobs = tendik.submit_array(TEXT, array="0-2%2")

    assert [job.label for job in jobs] == ["1050_0", "1050_1", "1050_2"]
    assert list(service.last(SubmitJobRequest).flags) == ["--array=0-2%2"]


def test_an_array_is_not_submitted_as_one_job(tendik: Tendik, service: Service) -> None:
    with pytest.raises(WrongUse, match="submit_array"):
        tendik.submit(TEXT.replace("--gpus=1", "--gpus=1 --array=0-2"))

    assert service.requests == []


def test_a_dry_run_sends_no_environment(tendik: Tendik, service: Service) -> None:
    tendik.submit(TEXT, dry_run=True)

    sent = service.last(SubmitJobRequest)
    assert sent.validate_only
    assert not sent.environment


def test_a_lost_answer_is_asked_for_with_the_same_id(
    tendik: Tendik, service: Service, pauses: list[float]
) -> None:
    service.faults.extend([AWAY, AWAY])

    tendik.submit(TEXT)

    ids = {request.request_id for request in service.of(SubmitJobRequest)}
    assert (len(service.requests), len(ids)) == (3, 1)
    assert tuple(pauses) == PAUSES_S[:2]


def test_who_got_no_answer_is_told_the_id_to_repeat_with(tendik: Tendik, service: Service) -> None:
    service.faults.extend([AWAY] * (len(PAUSES_S) + 1))

    with pytest.raises(Unavailable) as away:
        tendik.submit(TEXT)
    tendik.submit(TEXT, request_id=away.value.request_id)

    assert away.value.reason == "DRAINING"
    assert len({request.request_id for request in service.of(SubmitJobRequest)}) == 1


@pytest.mark.parametrize(
    ("options", "is_safe"),
    [({}, False), ({"request_id": "mine"}, True), ({"dry_run": True}, True)],
    ids=["without an id", "with an id", "a dry run"],
)
def test_the_same_submission_is_safe_to_retry_where_it_makes_no_second_job(
    tendik: Tendik, service: Service, options: Submission, is_safe: bool
) -> None:
    service.faults.extend([AWAY] * (len(PAUSES_S) + 1))

    with pytest.raises(Unavailable) as away:
        tendik.submit(TEXT, **options)

    assert away.value.safe_to_retry is is_safe
    assert pickle.loads(pickle.dumps(away.value)).safe_to_retry is is_safe


def test_a_refused_script_names_each_problem_with_its_line(
    tendik: Tendik, service: Service
) -> None:
    wrong = violations(("script:2 --gpus", "line 2: --gpus: must be a number"), ("--nice", "no"))
    refusal = fault(grpc.StatusCode.INVALID_ARGUMENT, "wrong", reason("INVALID_REQUEST"), wrong)
    service.faults.append(refusal)

    with pytest.raises(InvalidRequest) as refused:
        tendik.submit(TEXT)

    first, second = refused.value.problems
    assert (first.line, first.field, first.message) == (2, "--gpus", "must be a number")
    assert (second.line, second.field) == (None, "--nice")
    assert str(refused.value) == "line 2: --gpus: must be a number\n--nice: no"
    assert (refused.value.reason, refused.value.safe_to_retry) == ("INVALID_REQUEST", False)
    assert len(service.requests) == 1


def test_a_missing_file_is_told_before_anything_is_sent(tendik: Tendik, service: Service) -> None:
    with pytest.raises(WrongUse, match="No such file"):
        tendik.submit("nowhere.sh")

    assert service.requests == []


def test_advice_is_given_before_anything_is_submitted(tendik: Tendik, service: Service) -> None:
    service.submitted, service.explanation = [a_job(0)], EXPLAINED

    advice = tendik.advise(TEXT, gpus=8, project="nlp")

    sent = service.last(AdviseJobRequest).request
    assert (list(sent.flags), sent.project) == (["--gpus=8"], "nlp")
    assert advice.jobs[0].resources.gpus == 16
    assert advice.explanation.counterfactuals[0].flags == ("--gpus=6",)
    assert service.of(SubmitJobRequest) == []
