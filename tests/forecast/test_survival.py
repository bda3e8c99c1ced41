"""Quantiles that count what is still going on."""

from __future__ import annotations

import pytest

from scheduler.forecast.survival import BEYOND, Survival


def test_when_all_is_over_the_quantiles_are_the_usual_ones() -> None:
    known = Survival(float(n) for n in range(1, 11))

    assert [known.quantile(level) for level in (0.5, 0.9, 1.0)] == [5.0, 9.0, 10.0]


def test_what_is_still_going_on_makes_the_quantiles_longer() -> None:
    """Worked by hand: 1 and 2 over leave 3/5, then of the two left that outlast 3 one is over."""
    known = Survival([1.0, 2.0, 4.0], going_on=[3.0, 5.0])

    assert known.quantile(0.4) == 2.0
    assert known.quantile(0.5) == 4.0


def test_beyond_what_is_over_a_little_is_added_to_the_longest_seen() -> None:
    assert Survival([1.0], going_on=[2.0, 3.0]).quantile(0.9) == pytest.approx(3.0 + BEYOND)
