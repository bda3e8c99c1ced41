"""What ended runs used, by hour, kept in memory so that reading it again costs what changed."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from itertools import chain

from scheduler.domain.records import UsageBucket
from scheduler.domain.shares.usage import hour_of
from scheduler.domain.tenants import Tenant


class MemoryUsage:
    """Buckets by hour; an hour's are built anew only when something was charged to it."""

    def __init__(self) -> None:
        self._hours: list[datetime] = []
        self._gpu_seconds: dict[datetime, Counter[tuple[Tenant, str]]] = {}
        self._built: dict[datetime, tuple[UsageBucket, ...]] = {}

    def charge(self, charges: Iterable[UsageBucket]) -> None:
        for charge in charges:
            if charge.hour not in self._gpu_seconds:
                self._hours.insert(bisect_left(self._hours, charge.hour), charge.hour)
                self._gpu_seconds[charge.hour] = Counter()
            self._gpu_seconds[charge.hour][charge.tenant, charge.pool] += charge.gpu_seconds
            self._built.pop(charge.hour, None)

    def since(self, moment: datetime) -> tuple[UsageBucket, ...]:
        """Return the buckets from the hour that holds the moment on, by hour and tenant."""
        hours = self._hours[bisect_left(self._hours, hour_of(moment)) :]
        return tuple(chain.from_iterable(map(self._of, hours)))

    def _of(self, hour: datetime) -> tuple[UsageBucket, ...]:
        if hour not in self._built:
            self._built[hour] = tuple(
                UsageBucket(tenant, pool, hour, gpu_seconds)
                for (tenant, pool), gpu_seconds in sorted(self._gpu_seconds[hour].items())
            )
        return self._built[hour]
