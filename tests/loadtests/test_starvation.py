"""The measure of starvation tells a gang that is starved from one that is started in time."""

from __future__ import annotations

from dataclasses import replace

from loadtests.starvation import GANG, RULES, SETUP, Outcome, figures, outcome
from scheduler.simulation.replay import replay, replay_until_started
from scheduler.simulation.synthetic import small_jobs_and_a_gang

PATIENT = replace(SETUP, policy=RULES.replace('guard = "1h"', 'guard = "1d"'))


def test_the_gang_starts_when_it_does_in_the_whole_replay() -> None:
    workload = small_jobs_and_a_gang(1, hours=3)

    started = replay_until_started(workload, SETUP, GANG)
    whole = next(job for job in replay(workload, SETUP).jobs if job.job_id == GANG)

    assert started is not None
    assert (started.start_s, started.start_by_s) == (whole.start_s, whole.start_by_s)


def test_a_gang_that_waits_for_the_streams_end_is_not_in_time() -> None:
    found = outcome(1, small_jobs_and_a_gang(1, hours=2), PATIENT)

    assert found.waited_s is None
    assert not found.is_in_time


def test_a_longer_stream_begins_as_a_shorter_one() -> None:
    short, long = (small_jobs_and_a_gang(7, hours=hours).jobs for hours in (2, 4))

    assert long[: len(short)] == short


def test_one_gang_late_is_a_broken_promise() -> None:
    found = [
        Outcome(0, 3600, 7200, 0, lost=0.02),
        Outcome(1, 7201, 7200, 0),
        Outcome(2, None, 0, 0),
    ]

    in_time, price, violations = figures(found)

    assert (in_time.value, in_time.holds) == (1 / 3, False)
    assert (price.value, price.holds) == (2.0, True)
    assert violations.holds
