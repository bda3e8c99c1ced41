"""Who leads, kept in memory, by a clock that the simulation may bring."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from threading import Lock

from scheduler.errors import NotLeading

NEVER_S = -math.inf


class MemoryLease:
    """The one lease of a store in memory; see `ports.JobStore` for what its methods promise."""

    def __init__(self, clock_s: Callable[[], float] = time.monotonic) -> None:
        """`clock_s` tells seconds; a replay without leases never asks."""
        self._clock_s = clock_s
        self._lock = Lock()
        self._holder = ""
        self._epoch = 0
        self._expires_at_s = NEVER_S

    def take(self, holder: str, ttl_s: float) -> int | None:
        with self._lock:
            now_s = self._clock_s()
            if holder != self._holder and now_s < self._expires_at_s:
                return None
            self._holder, self._epoch = holder, self._epoch + 1
            self._expires_at_s = now_s + ttl_s
            return self._epoch

    def renew(self, epoch: int, ttl_s: float) -> bool:
        with self._lock:
            if epoch != self._epoch or self._expires_at_s == NEVER_S:
                return False
            self._expires_at_s = self._clock_s() + ttl_s
            return True

    def give_up(self, epoch: int) -> None:
        with self._lock:
            if epoch == self._epoch:
                self._holder, self._expires_at_s = "", NEVER_S

    def refuse_old(self, epoch: int) -> None:
        """Return when nobody has led since this epoch. Raises NotLeading."""
        if epoch != self._epoch:
            raise NotLeading(epoch, self._epoch)
