"""Schedules over time, in bins."""

from __future__ import annotations

import pytest

from scheduler.simulation.measures import Yardstick
from scheduler.simulation.timelines import Bins, held_gpus, shares_over_time
from tests.simulation.build import ran


def test_what_is_held_is_spread_over_the_bins_it_touches() -> None:
    bins = Bins(0, 40, 4)

    assert held_gpus([ran(gpus=2, submit_s=5, run_s=20)], bins) == [1, 2, 1, 0]
    assert held_gpus([ran(gpus=2, submit_s=35, run_s=900)], bins) == [0, 0, 0, 1]
    assert bins.middles_s == [5, 15, 25, 35]


def test_bins_of_uneven_width_lose_nothing() -> None:
    bins = Bins(0.1, 77.7, 7)
    assert sum(held_gpus([ran(run_s=1000)], bins)) == pytest.approx(7)


def test_an_organisation_that_waits_is_entitled_and_holds_nothing() -> None:
    jobs = [ran("alpha", 4, run_s=10), ran("beta", 4, start_s=10, run_s=10)]
    shares = shares_over_time(jobs, Yardstick(4), Bins(0, 20, 2))

    assert shares == {"alpha": ([2, 0], [4, 0]), "beta": ([2, 4], [0, 4])}


def test_bins_without_a_span_are_refused() -> None:
    with pytest.raises(ValueError, match="bins need a span"):
        Bins(5, 5, 3)
