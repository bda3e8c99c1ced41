"""Schedules over time, in bins."""

from __future__ import annotations

import random

import pytest

from scheduler.simulation.measures import Yardstick
from scheduler.simulation.timelines import Bins, held_gpus, shares_over_time
from tests.simulation.build import ran


def test_what_is_held_is_spread_over_the_bins_it_touches() -> None:
    bins = Bins(0, 40, 4)

    assert held_gpus([ran(gpus=2, submit_s=5, run_s=20)], bins) == [1, 2, 1, 0]
    assert held_gpus([ran(gpus=2, submit_s=35, run_s=900)], bins) == [0, 0, 0, 1]
    assert bins.middles_s == [5, 15, 25, 35]


def test_bins_of_uneven_width_lose_nothing_and_no_bin_is_too_full() -> None:
    chance = random.Random(3)
    for _ in range(300):
        start_s = chance.uniform(0, 9)
        bins = Bins(start_s, start_s + chance.uniform(1, 1000), chance.randint(1, 200))
        edges = sorted(chance.randint(0, bins.count) for _ in range(2))
        since_s, until_s = (bins.start_s + edge * bins.width_s for edge in edges)
        bins.add(since_s, until_s, 2.0)

        assert sum(bins.means) * bins.width_s == pytest.approx(2 * (until_s - since_s), abs=1e-6)
        assert max(bins.means) <= 2 + 1e-6


def test_an_organisation_that_waits_is_entitled_and_holds_nothing() -> None:
    jobs = [ran("alpha", 4, run_s=10), ran("beta", 4, start_s=10, run_s=10)]
    shares = shares_over_time(jobs, Yardstick(4), Bins(0, 20, 2))

    assert shares == {"alpha": ([2, 0], [4, 0]), "beta": ([2, 4], [0, 4])}


def test_bins_without_a_span_are_refused() -> None:
    with pytest.raises(ValueError, match="bins need a span"):
        Bins(5, 5, 3)
