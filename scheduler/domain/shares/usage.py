"""How the GPU-seconds of runs fall on the hours of the clock, and are summed up again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from scheduler.domain.jobs import TERMINAL, Job
from scheduler.domain.records import UsageBucket
from scheduler.domain.tenants import Tenant

HOUR = timedelta(hours=1)


def hour_of(at: datetime) -> datetime:
    """Return the beginning of the UTC hour that holds `at`."""
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def hourly_gpu_seconds(
    start: datetime, end: datetime, gpus: int
) -> tuple[tuple[datetime, int], ...]:
    """Return what a run used in each hour it touched; the sum is its rounded seconds × `gpus`.

    Each hour gets the growth of the rounded total, so that no second is lost or charged twice
    at an hour's turn. A run that ends before it starts used nothing.
    """
    parts: list[tuple[datetime, int]] = []
    charged = 0
    hour = hour_of(start)
    while hour < end:
        total = round((min(hour + HOUR, end) - start).total_seconds()) * gpus
        if total > charged:
            parts.append((hour, total - charged))
            charged = total
        hour += HOUR
    return tuple(parts)


def charges_of(job: Job) -> tuple[UsageBucket, ...]:
    """Return what the last run of an ended job used; nothing where none has ended."""
    if job.state not in TERMINAL or not (job.placement and job.started_at and job.ended_at):
        return ()
    hours = hourly_gpu_seconds(job.started_at, job.ended_at, job.placement.gang.gpus)
    return tuple(UsageBucket(job.tenant, job.placement.pool, *hour) for hour in hours)


def condensed(
    buckets: Iterable[UsageBucket], half_life_s: float, at: datetime
) -> tuple[UsageBucket, ...]:
    """Return fewer buckets that decay to the same sums from `at` on: one a tenant and pool.

    Buckets of hours that are over become one of the last such hour, decayed to it, within half
    a GPU-second; those of the running hour stay, because an hour counts from its middle.
    """
    last = hour_of(at) - HOUR
    sums: defaultdict[tuple[datetime, Tenant, str], float] = defaultdict(float)
    for bucket in buckets:
        hour = max(bucket.hour, last)
        decay = 2 ** ((bucket.hour - hour).total_seconds() / half_life_s)
        sums[hour, bucket.tenant, bucket.pool] += bucket.gpu_seconds * decay
    return tuple(
        UsageBucket(tenant, pool, hour, round(gpu_seconds))
        for (hour, tenant, pool), gpu_seconds in sums.items()
    )
