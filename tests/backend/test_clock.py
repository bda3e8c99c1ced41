"""The clocks."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from scheduler.clock import EPOCH, ManualClock, SystemClock


def test_the_system_clock_knows_its_zone() -> None:
    assert SystemClock().now().utcoffset() == timedelta(0)


def test_a_manual_clock_moves_only_when_told_and_never_back() -> None:
    clock = ManualClock()

    assert clock.now() == EPOCH
    assert clock.advance(90) == clock.now() == EPOCH + timedelta(seconds=90)
    with pytest.raises(ValueError, match="go back"):
        clock.advance(-1)


def test_a_manual_clock_needs_a_zone() -> None:
    with pytest.raises(ValueError, match="zone"):
        ManualClock(datetime(2026, 1, 1))  # noqa: DTZ001 -- the fault under test
