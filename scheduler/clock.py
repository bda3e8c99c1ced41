"""The clocks: the machine's own, and one that tests and simulations move by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class SystemClock:
    """Tells the machine's time in UTC."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class ManualClock:
    """Stands still until it is told to advance; never goes back."""

    def __init__(self, start: datetime = EPOCH) -> None:
        if start.utcoffset() is None:
            raise ValueError(f"a clock's time must know its zone: {start!r}")
        self._now = start

    def now(self) -> datetime:
        return self._now

    def advance(self, seconds: float) -> datetime:
        """Move on by `seconds` and return the new time."""
        if seconds < 0:
            raise ValueError(f"a clock must not go back: {seconds} s")
        self._now += timedelta(seconds=seconds)
        return self._now
