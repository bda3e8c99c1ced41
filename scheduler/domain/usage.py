"""How the GPU-seconds of a run fall on the hours of the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

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
