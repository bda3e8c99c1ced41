"""What a simulation is told of a job, whatever became of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from scheduler.domain.jobs import Job, JobState
from scheduler.domain.past_jobs import past_job_of
from tests.build import NOON, a_job

HOUR = timedelta(hours=1)
RAN = a_job(state=JobState.COMPLETED, started_at=NOON + HOUR, ended_at=NOON + 2 * HOUR)


def test_a_run_is_told_from_its_start_to_its_end() -> None:
    past = past_job_of(RAN)

    assert past is not None
    assert (past.ready_at, past.started_at, past.ended_at) == (NOON, NOON + HOUR, NOON + 2 * HOUR)
    assert (past.tenant, past.request) == (RAN.tenant, RAN.spec.request)


@pytest.mark.parametrize(
    ("job", "ready_at"),
    [
        (replace(RAN, waits_since=NOON + HOUR / 2), NOON + HOUR / 2),
        (replace(RAN, waits_since=NOON + HOUR / 2, recalls=1), NOON),
        (replace(RAN, waits_since=NOON + HOUR / 2, requeues=1), NOON),
    ],
    ids=["held for half an hour", "recalled", "requeued"],
)
def test_holds_are_left_out_and_earlier_runs_are_not(job: Job, ready_at: object) -> None:
    past = past_job_of(job)

    assert past is not None
    assert past.ready_at == ready_at


@pytest.mark.parametrize(
    "job",
    [
        a_job(state=JobState.FAILED, ended_at=NOON),
        replace(a_job(), held_at=NOON),
        replace(a_job(), dependent_since=NOON),
    ],
    ids=["refused by the cluster", "held", "waits for others"],
)
def test_who_never_waited_for_a_turn_is_not_told_of(job: Job) -> None:
    assert past_job_of(job) is None


@pytest.mark.parametrize(
    "job",
    [a_job(), a_job(state=JobState.CANCELLED, ended_at=NOON + HOUR)],
    ids=["it waits", "it was taken back while it waited"],
)
def test_who_waits_or_waited_is_told_of_without_a_run(job: Job) -> None:
    past = past_job_of(job)

    assert past is not None
    assert past.started_at is None
    assert past.ended_at == job.ended_at
