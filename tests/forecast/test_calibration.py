"""Predictions that are always off by the same factor are soon corrected, and judged openly."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.estimates import JobSize, StartEstimate
from scheduler.forecast.calibration import LEAST_KNOWN, Calibration, Prediction
from tests.build import at

HOUR_S = 3600.0


def predicted(job_id: int, wait_s: float, tenant_class: str = "students") -> Prediction:
    return Prediction(job_id, tenant_class, JobSize.SMALL, wait_s)


def lived_through(
    calibration: Calibration, count: int, wait_s: Callable[[int], float], predicted_s: float = 600.0
) -> list[tuple[StartEstimate, float]]:
    """Predict for one job after the other, each of which starts after its wait."""
    told, now_s = [], 0.0
    for job_id in range(count):
        (estimate,) = calibration.estimates([predicted(job_id, predicted_s)], at(now_s))
        now_s += wait_s(job_id)
        calibration.started(job_id, at(now_s))
        told.append((estimate, now_s))
    return told


def held(told: list[tuple[StartEstimate, float]]) -> float:
    return sum(at(start_s) <= one.p90 for one, start_s in told) / len(told)


def test_before_anything_is_known_the_prediction_is_the_p50_and_the_p90_is_wide() -> None:
    (one,) = Calibration().estimates([predicted(1, 600)], at(0))

    assert (one.made_at, one.p50) == (at(0), at(600))
    assert one.p90 > at(5 * 600)


def test_waits_twice_as_long_as_predicted_are_predicted_so_in_the_end() -> None:
    told = lived_through(Calibration(), 100, lambda _: 1260.0)

    assert told[-1][0].p50 - told[-1][0].made_at == pytest.approx(
        at(1260) - at(0), abs=at(5) - at(0)
    )


@pytest.mark.parametrize("spread", [0.2, 1.0, 2.0])
def test_nine_in_ten_p90s_hold_whatever_the_spread(spread: float) -> None:
    chance = random.Random("waits")
    told = lived_through(Calibration(), 1500, lambda _: 600 * chance.lognormvariate(0, spread))

    assert 0.88 <= held(told) <= 0.92


def test_the_p90s_hold_again_after_waits_have_changed_for_good() -> None:
    chance = random.Random("change")
    wait_s = [300.0 if n < 500 else 1800.0 for n in range(1500)]
    told = lived_through(Calibration(), 1500, lambda n: wait_s[n] * chance.lognormvariate(0, 0.5))

    assert held(told) >= 0.85


def test_jobs_that_still_wait_make_the_next_p90_later() -> None:
    quick, stuck = Calibration(), Calibration()
    for calibration in (quick, stuck):
        lived_through(calibration, 3 * LEAST_KNOWN, lambda _: 600.0)
    stuck.estimates([predicted(n, 600) for n in range(1000, 1020)], at(0))
    now = at(10 * HOUR_S)
    (after_quick,) = quick.estimates([predicted(5000, 600)], now)
    (after_stuck,) = stuck.estimates([predicted(5000, 600)], now)

    assert after_stuck.p90 > after_quick.p90


def test_a_p90_that_has_passed_is_a_miss_though_the_job_still_waits() -> None:
    calibration = Calibration()
    calibration.estimates([predicted(1, 60)], at(0))
    calibration.estimates([predicted(2, 60)], at(10 * HOUR_S))

    (record,) = calibration.track_record()
    assert (record.tenant_class, record.judged, record.within_p90) == ("students", 1, 0)


def test_a_job_that_is_withdrawn_is_not_judged() -> None:
    calibration = Calibration()
    calibration.estimates([predicted(1, 60)], at(0))
    calibration.withdrawn(1)
    calibration.estimates([predicted(2, 60)], at(10 * HOUR_S))

    assert calibration.track_record() == ()
    assert calibration.estimate_of(1) is None


def test_what_is_told_anew_is_corrected_by_what_was_told_anew() -> None:
    calibration = Calibration()
    lived_through(calibration, 50, lambda _: 600.0)
    for job_id in range(100, 150):
        (late,) = calibration.estimates([replace(predicted(job_id, 600), anew=True)], at(1e6))
        calibration.started(job_id, at(1e6 + 6540))
    first, anew = calibration.estimates(
        [predicted(500, 600), replace(predicted(501, 600), anew=True)], at(1e6 + 6540)
    )

    assert late.p50 > at(1e6 + 6000)
    assert first.p50 <= at(1e6 + 6540 + 660)
    assert anew.p50 >= at(1e6 + 6540 + 6000)


def test_every_estimate_of_a_job_is_judged() -> None:
    calibration = Calibration()
    (first,) = calibration.estimates([predicted(1, 60)], at(0))
    (anew,) = calibration.estimates([replace(predicted(1, 600), anew=True)], at(120))
    assert calibration.estimate_of(1) == anew
    calibration.started(1, first.p90 + timedelta(seconds=1))

    (record,) = calibration.track_record()
    assert (record.judged, record.within_p90) == (2, 1)


@given(st.lists(st.floats(0, 1e6), max_size=40), st.floats(0, 1e6))
def test_the_p50_is_never_after_the_p90(waits_s: list[float], wait_s: float) -> None:
    calibration = Calibration()
    lived_through(calibration, len(waits_s), lambda n: waits_s[n])
    (one,) = calibration.estimates([predicted(10_000, wait_s)], at(1e8))

    assert one.made_at <= one.p50 <= one.p90


def test_the_farthest_prediction_is_still_a_date() -> None:
    calibration = Calibration()
    lived_through(calibration, 30, lambda _: 30 * 24 * HOUR_S, predicted_s=60.0)

    (estimate,) = calibration.estimates([predicted(99, 1e10)], at(30 * 30 * 24 * HOUR_S))

    assert estimate.made_at < estimate.p50 <= estimate.p90
