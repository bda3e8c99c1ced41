"""Past jobs become the load of a window."""

from __future__ import annotations

from datetime import timedelta

from scheduler.domain.jobs import ArrayPlace
from scheduler.domain.past_jobs import PastJob
from scheduler.simulation.site import SiteJob, jobs_of_window, submissions
from tests.build import NOON, a_request, a_tenant

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def past(
    ready_h: float, start_h: float | None = None, end_h: float | None = None, number: int = 1
) -> PastJob:
    """Return a job that asked for two hours; times are hours after noon."""
    return PastJob(
        *(number, a_tenant(), a_request(4, walltime_s=7200), NOON + ready_h * HOUR),
        started_at=None if start_h is None else NOON + start_h * HOUR,
        ended_at=None if end_h is None else NOON + end_h * HOUR,
    )


def in_window(*jobs: PastJob) -> list[tuple[float, float, float | None, bool]]:
    told = jobs_of_window(jobs, NOON, NOON + DAY)
    return [(job.submit_s, job.run_s, job.leaves_s, job.came_before) for job in told.jobs]


def test_a_job_that_ran_keeps_its_own_run_time() -> None:
    assert in_window(past(1, 3, 4)) == [(3600, 3600, None, False)]


def test_a_job_that_was_taken_back_leaves_when_it_did() -> None:
    assert in_window(past(1, None, 2.5)) == [(3600, 7200, 9000, False)]


def test_what_has_not_ended_uses_its_walltime_and_is_counted() -> None:
    told = jobs_of_window([past(1), past(2, 3)], NOON, NOON + DAY)

    assert [job.run_s for job in told.jobs] == [7200, 7200]
    assert told.unended == 2


def test_what_ran_as_the_window_began_comes_with_the_rest_of_its_run() -> None:
    assert in_window(past(-3, -1, 0.5)) == [(0, 1800, None, True)]


def test_what_ended_before_and_what_comes_after_are_left_out() -> None:
    assert in_window(past(-3, -2, -1), past(25, 26, 27)) == []


def test_jobs_come_in_the_order_in_which_they_were_ready() -> None:
    told = jobs_of_window([past(2, number=1), past(1, number=2)], NOON, NOON + DAY)

    assert [job.job_id for job in told.jobs] == [2, 1]


def test_an_arrays_elements_are_one_submission() -> None:
    one = SiteJob(1, a_tenant(), a_request(), 0.0, 60.0, array=ArrayPlace(1, 0))
    two = SiteJob(2, a_tenant(), a_request(), 0.0, 60.0, array=ArrayPlace(1, 1))
    later = SiteJob(3, a_tenant(), a_request(), 9.0, 60.0, array=ArrayPlace(1, 2))
    alone = SiteJob(4, a_tenant(), a_request(), 9.0, 60.0)

    together = [[job.job_id for job in jobs] for jobs in submissions([one, two, later, alone])]

    assert together == [[1, 2], [3], [4]]
