"""What is due when, on a time that is moved by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count


class Agenda:
    """Runs what is due in the order of its time, and of its making where times are equal."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._order = count()
        self._due: list[tuple[datetime, int, Callable[[], None]]] = []

    def after(self, seconds: float, act: Callable[[], None]) -> None:
        """Let `act` be called so many seconds from now."""
        heappush(self._due, (self.now + timedelta(seconds=seconds), next(self._order), act))

    def run_until(self, moment: datetime) -> None:
        """Move the time on, and let everything happen that is due until then."""
        while self._due and self._due[0][0] <= moment:
            self.now, _, act = heappop(self._due)
            act()
        self.now = max(self.now, moment)
