"""A job is held only so often: its history keeps every hold and every release."""

from __future__ import annotations

from datetime import timedelta

import pytest

from scheduler.errors import HeldTooOften
from scheduler.use_cases.holding import MOST_HOLDS, WITHIN, HoldPace
from tests.build import NOON


def test_a_window_has_so_many_holds_of_each_job_and_the_next_one_has_them_anew() -> None:
    pace = HoldPace()
    for _ in range(MOST_HOLDS):
        pace.count(1, NOON)

    with pytest.raises(HeldTooOften, match="job 1 was held 5 times within 60 s"):
        pace.count(1, NOON + WITHIN - timedelta(seconds=1))
    pace.count(2, NOON)
    pace.count(1, NOON + WITHIN)
