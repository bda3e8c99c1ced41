"""Waiting for jobs and watching them from Python."""

from __future__ import annotations

import threading
import time

import grpc
import pytest

from scheduler.cli.client import PAUSES_S
from scheduler.client import JobState, Tendik, Unavailable, WaitTimedOut, WrongUse
from scheduler.v1.job_service_pb2 import WatchJobsRequest
from tests.cli.service import Service, fault, reason
from tests.cli.world import a_job, a_running_job, an_ended_job
from tests.client.both import blocking

STOPPING = fault(grpc.StatusCode.UNAVAILABLE, "the service is stopping", reason("DRAINING"))
CUT_OFF = fault(grpc.StatusCode.CANCELLED, "CANCELLED")
COURSE = [a_job(), a_running_job(1042), an_ended_job(1042)]


def test_who_is_told_of_a_job_as_another_thread_closes_the_client_is_told_that(
    environ: None, service: Service, pauses: list[float]
) -> None:
    service.changes, service.holds_streams = [a_running_job(1042)], True
    tendik = blocking(pauses)
    told = tendik.watch(1042)
    next(told)
    closer = threading.Timer(0.2, tendik.close)
    closer.start()

    with pytest.raises(WrongUse, match="closed"):
        next(told)
    closer.join()
    assert pauses == []


def test_a_wait_ends_with_the_job(tendik: Tendik, service: Service) -> None:
    service.changes, service.holds_streams = COURSE, True

    job = tendik.wait(1042)

    assert (job.id, job.state) == (1042, JobState.FAILED)
    assert list(service.last(WatchJobsRequest).names) == ["jobs/1042"]


def test_a_wait_survives_a_restart(tendik: Tendik, service: Service, pauses: list[float]) -> None:
    service.changes = COURSE
    service.stream_faults.extend([STOPPING] * 8)
    service.faults.extend([STOPPING, CUT_OFF])

    assert tendik.wait(1042).state is JobState.FAILED
    # Whatever is heard begins the patience anew.
    assert pauses == [0.5, 1.0, *[0.5] * 8]


def test_a_service_that_stays_away_is_given_up(
    tendik: Tendik, service: Service, pauses: list[float]
) -> None:
    service.faults.extend([STOPPING] * 20)

    with pytest.raises(Unavailable):
        tendik.wait(1042)

    assert tuple(pauses) == PAUSES_S


def test_a_wait_has_an_end_if_one_is_wanted(tendik: Tendik, service: Service) -> None:
    service.changes, service.holds_streams = [a_job()], True
    began = time.monotonic()

    with pytest.raises(WaitTimedOut) as over:
        tendik.wait(1042, timeout_s=0.2)

    assert time.monotonic() - began < 5
    assert isinstance(over.value, TimeoutError)
    assert (over.value.reason, over.value.safe_to_retry) == ("WAIT_TIMED_OUT", True)


def test_many_are_waited_for_and_come_in_the_order_asked(tendik: Tendik, service: Service) -> None:
    service.changes = [an_ended_job(2), a_job(1), an_ended_job(1)]

    assert [job.id for job in tendik.wait_all([1, 2])] == [1, 2]


def test_no_jobs_are_waited_for_no_time(tendik: Tendik, service: Service) -> None:
    assert tendik.wait_all([]) == ()
    assert service.requests == []


def test_an_end_that_this_version_does_not_know_is_an_end(tendik: Tendik, service: Service) -> None:
    service.jobs = service.changes = [a_job(state=99)]

    assert tendik.wait(1042).state is JobState.UNKNOWN


def test_changes_are_told_as_they_come_and_once_each(tendik: Tendik, service: Service) -> None:
    service.changes = COURSE
    service.stream_faults.append(STOPPING)

    states = [job.state for job in tendik.watch(1042)]

    assert states == [JobState.PENDING, JobState.RUNNING, JobState.FAILED]


def test_who_looks_away_is_told_no_more(tendik: Tendik, service: Service) -> None:
    service.changes, service.holds_streams = [a_job()], True
    for _ in range(8):
        for _ in tendik.watch(1042):
            break

    # The service has four threads: it would not come to this one.
    service.jobs = [a_job()]
    assert tendik.job(1042).id == 1042


def test_without_a_job_all_of_ones_own_are_watched(tendik: Tendik, service: Service) -> None:
    service.changes, service.holds_streams = COURSE, True

    for job in tendik.watch():
        if job.has_ended:
            break

    assert list(service.last(WatchJobsRequest).names) == []
