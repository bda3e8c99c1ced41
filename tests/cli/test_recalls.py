"""What users see of recalls: in the queue, in `show`, in `why` and in JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from scheduler.v1.job_service_pb2 import Job, Recall
from tests.cli.conftest import Tendik
from tests.cli.service import Service
from tests.cli.world import a_job, a_running_job, ago, an_ended_job

TOLD = a_running_job(recallable=True, recall=Recall(owed="beta", request_time=ago(seconds=9)))
BACK = a_job(1041, recallable=True, recall=Recall(owed="beta", ended_runs=1))
AGAIN = a_running_job(recallable=True, recall=Recall(owed="beta", ended_runs=2))
DONE = an_ended_job(1041, recallable=True, recall=Recall(owed="beta", ended_runs=1))

SEEN = {
    "a run that is to end, in the queue": ("queue", TOLD, "recalled for beta, ends soon"),
    "a run that is to end, closely": ("show", TOLD, "recalled for beta, ends soon and waits again"),
    "a run that is to end, and why": ("why", TOLD, "; recalled for beta, ends soon and waits"),
    "a job that waits again, in the queue": ("queue", BACK, "recalled for beta, waits again:"),
    "a job that waits again, closely": ("show", BACK, "recalled recalled for beta, waits again"),
    "a job that waits again, and why": ("why", BACK, "recalled recalled for beta, waits again"),
    "a job that runs again": ("show", AGAIN, "2 runs ended by recalls, the last for beta"),
    "a job that has ended": ("show", DONE, "1 run ended by recalls, the last for beta"),
    "a job that may be recalled": ("show", BACK, "recallable yes, it said --requeue"),
}


@pytest.mark.parametrize(("command", "job", "want"), SEEN.values(), ids=SEEN.keys())
def test_a_user_sees(tendik: Tendik, service: Service, command: str, job: Job, want: str) -> None:
    service.jobs = [job]
    words = (command,) if command == "queue" else (command, "1041")

    assert want in " ".join(tendik(*words).stdout.split())


def test_a_job_that_was_never_recalled_says_nothing_of_it(tendik: Tendik, service: Service) -> None:
    service.jobs = [a_running_job()]

    assert "recall" not in tendik("show", "1041").stdout


RECALLS: dict[str, tuple[Job, dict[str, Any] | None]] = {
    "told": (TOLD, {"owed": "beta", "ended_runs": 0}),
    "waits again": (BACK, {"owed": "beta", "ended_runs": 1, "request_time": None}),
    "never recalled": (a_running_job(), None),
}


@pytest.mark.parametrize(("job", "want"), RECALLS.values(), ids=RECALLS.keys())
def test_programs_get_the_recall(
    tendik: Tendik, service: Service, job: Job, want: dict[str, Any] | None
) -> None:
    service.jobs = [job]
    told = json.loads(tendik("show", "1041", "-o", "json").stdout)["recall"]

    assert told == want if want is None else want.items() <= told.items()
