"""Looking at jobs and shares from Python, and wishes about jobs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from scheduler.cli.times import local
from scheduler.client import (
    ENDED,
    LIVE,
    Job,
    JobState,
    NotFound,
    Precedence,
    StartEstimate,
    Tendik,
    Unavailable,
    WaitReason,
    WrongUse,
)
from scheduler.client.looking import PAGE_JOBS
from scheduler.v1 import job_service_pb2 as pb
from tests.cli.service import Service, fault, reason
from tests.cli.test_explained import EXPLAINED, LATER
from tests.cli.world import OTHERS_FIRST, a_job, a_running_job, an_element, an_ended_job

AWAY = fault(grpc.StatusCode.UNAVAILABLE, "ask again", reason("STORE_UNAVAILABLE"))
NO_EXPLAINER = fault(grpc.StatusCode.UNAVAILABLE, "ask again", reason("EXPLAINER_UNAVAILABLE"))
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def at(minutes: int) -> Timestamp:
    return Timestamp(seconds=int(NOON.timestamp()) + 60 * minutes)


def test_a_closed_client_says_that_it_is_closed(tendik: Tendik) -> None:
    tendik.close()

    with pytest.raises(WrongUse, match="this client was closed"):
        tendik.job(1042)
    with pytest.raises(WrongUse, match="this client was closed"):
        next(iter(tendik.watch(1042)))


def test_a_job_is_told_in_plain_types(tendik: Tendik, service: Service) -> None:
    told = pb.StartEstimate(made_time=at(0), p50_time=at(10), p90_time=at(60))
    service.jobs = [a_job(submit_time=at(0), start_estimate=told)]

    job = tendik.job(1042)

    assert (job.state, job.submitted_at, job.started_at) == (JobState.PENDING, NOON, None)
    assert (job.resources.gpus, job.resources.walltime) == (16, timedelta(hours=2))
    assert job.start_estimate == StartEstimate(
        NOON, NOON + timedelta(minutes=10), NOON + timedelta(hours=1)
    )
    assert [blocker.reason for blocker in job.blockers] == [WaitReason.OTHERS_FIRST]
    assert (job.exit_code, job.pool, job.recall, job.array) == (None, None, None, None)


def test_an_ended_job_says_how(tendik: Tendik, service: Service) -> None:
    service.jobs = [an_ended_job()]

    job = tendik.job(1040)

    assert (job.state, job.exit_code, job.has_ended) == (JobState.FAILED, 3, True)
    assert job.ended_at is not None
    assert job.ended_at.tzinfo is UTC
    assert job.blockers == ()


def test_a_newer_services_words_do_no_harm(tendik: Tendik, service: Service) -> None:
    waiting = pb.Waiting(reason=99, meaning="new")  # type: ignore[arg-type]  # of a newer service
    service.jobs = [a_job(state=99, waiting=waiting)]

    job = tendik.job(1042)

    assert (job.state, job.has_ended) == (JobState.UNKNOWN, False)
    assert job.blockers[0].reason is WaitReason.UNKNOWN


def test_what_is_missing_is_said_so(tendik: Tendik) -> None:
    with pytest.raises(NotFound, match="no job 'jobs/7'") as missing:
        tendik.job(7)

    assert (missing.value.reason, missing.value.safe_to_retry) == ("NOT_FOUND", False)


def test_a_question_is_asked_once(tendik: Tendik, service: Service) -> None:
    service.faults.append(AWAY)

    with pytest.raises(Unavailable) as away:
        tendik.job(1042)

    assert away.value.safe_to_retry
    assert len(service.requests) == 1


def test_jobs_are_ones_own_unless_others_are_named(tendik: Tendik, service: Service) -> None:
    service.jobs = [a_job(1), a_running_job(2, user="bolat"), an_ended_job(3)]

    def ids(**wanted: object) -> list[int]:
        return [job.id for job in tendik.jobs(**wanted)]  # type: ignore[arg-type]  # any filter

    assert ids() == [1, 3]
    assert ids(everybody=True) == [1, 2, 3]
    assert ids(user="bolat") == [2]
    assert ids(states=LIVE) == [1]
    assert ids(states=ENDED) == [3]
    assert ids(states=[JobState.RUNNING], organisation="astana-university") == [2]


def test_the_elements_of_an_array_are_found_by_any_of_them(
    tendik: Tendik, service: Service
) -> None:
    service.jobs = [a_job(), *map(an_element, range(3))]
    second = tendik.job(1051)

    assert len(list(tendik.jobs(array=second))) == 3
    assert len(list(tendik.jobs(array=1050))) == 3


def test_pages_are_asked_for_when_they_are_come_to(tendik: Tendik, service: Service) -> None:
    service.jobs = [a_job(number) for number in range(1, PAGE_JOBS + 2)]
    jobs = iter(tendik.jobs(everybody=True))

    next(jobs)
    asked = len(service.requests)
    rest = list(jobs)

    assert (asked, len(service.requests), len(rest)) == (1, 2, PAGE_JOBS)


def test_states_that_are_not_known_cannot_be_asked_for(tendik: Tendik) -> None:
    with pytest.raises(WrongUse):
        list(tendik.jobs(states=[JobState.UNKNOWN]))


def test_wishes_are_repeated_until_they_are_answered(
    tendik: Tendik, service: Service, pauses: list[float]
) -> None:
    service.jobs = [a_job()]
    job = tendik.job(1042)
    for wish in (tendik.hold, tendik.release, tendik.cancel):
        service.faults.append(AWAY)
        answer: Job = wish(job)
        assert answer.id == job.id

    assert answer.state is JobState.CANCELLED
    assert pauses == [0.5] * 3


def test_why_says_who_goes_first_and_what_would_help(tendik: Tendik, service: Service) -> None:
    service.jobs, service.explanation = [a_job()], EXPLAINED

    why = tendik.why(1042)

    assert [blocker.reason for blocker in why.blockers] == [WaitReason.NOT_ENOUGH_FREE_GPUS]
    assert [(ahead.organisation, ahead.jobs) for ahead in why.ahead] == [("kbtu", 7), ("abai", 5)]
    assert why.ahead[0].precedence is Precedence.ORGANISATION_SHARE
    assert why.counterfactuals[0].flags == ("--gpus=6",)
    assert why.counterfactuals[0].starts_at is None
    assert why.sentences == (
        "too few: alem/h200 has 2",
        "12 jobs that could use its pools would be served before it",
        "12 (kbtu 7, abai 5): organisations of your class that use less of it go first",
        "with 6 GPUs instead of 8 it starts now",
        "without its constraint it starts now",
    )


def test_a_change_that_starts_it_later_says_when(tendik: Tendik, service: Service) -> None:
    service.jobs = [a_job()]
    service.explanation = pb.Explanation(counterfactuals=[LATER])

    why = tendik.why(1042)

    assert [change.starts_at for change in why.counterfactuals] == [
        datetime(2026, 3, 2, 14, 10, tzinfo=UTC)
    ]
    assert why.sentences[-1] == f"at {local(LATER.start_time)}: {LATER.sentence}"


def test_where_nobody_can_explain_the_newest_cycles_reasons_stand(
    tendik: Tendik, service: Service
) -> None:
    service.jobs = [a_job()]
    service.faults.append(NO_EXPLAINER)

    why = tendik.why(1042)

    assert (why.explanation, why.ahead, why.counterfactuals) == (None, (), ())
    assert why.sentences == (f"{OTHERS_FIRST.meaning}: {OTHERS_FIRST.detail}",)


def test_of_a_job_that_does_not_wait_its_state_is_said(tendik: Tendik, service: Service) -> None:
    service.jobs = [an_ended_job()]

    assert tendik.why(1040).sentences == ("it is failed: its command ended with exit code 3",)


def test_a_job_that_is_about_to_start_is_said_to(tendik: Tendik, service: Service) -> None:
    service.jobs, service.explanation = [a_job()], pb.Explanation(starts=True)

    [sentence] = tendik.why(1042).sentences

    assert "starts in the next cycle" in sentence


def test_everybodys_shares_and_the_pools_are_told(tendik: Tendik) -> None:
    [pool] = tendik.pools()
    mine = next(share for share in tendik.shares() if share.organisation == "astana-university")

    assert (pool.name, pool.capacity_gpus, pool.free_gpus) == ("alem/h200", 64, 6)
    assert (mine.pool, mine.entitled_gpus, mine.held_gpus) == ("alem/h200", 16.0, 12)
