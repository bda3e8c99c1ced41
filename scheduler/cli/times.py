"""Times and durations as people and programs read them."""

from __future__ import annotations

from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp


def moment(stamp: Timestamp) -> datetime | None:
    """Return the time in UTC, or None for a field that is not set."""
    if not (stamp.seconds or stamp.nanos):
        return None
    return stamp.ToDatetime(UTC)


def iso(stamp: Timestamp) -> str | None:
    """Return the time for programs: UTC, to the second."""
    at = moment(stamp)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


def local(stamp: Timestamp) -> str:
    """Return the time for people: their own clock's, empty for a field that is not set."""
    at = moment(stamp)
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S %Z") if at else ""


def span(seconds: float) -> str:
    """Return a duration in two units at most: "45s", "12m", "1h03m", "2d04h"."""
    whole = max(0, int(seconds))
    minutes, hours, days = whole // 60, whole // 3600, whole // 86400
    if whole < 60:
        return f"{whole}s"
    if hours == 0:
        return f"{minutes}m"
    return f"{hours}h{minutes % 60:02}m" if days == 0 else f"{days}d{hours % 24:02}h"


def since(stamp: Timestamp, now: datetime) -> str:
    """Return how long ago that was, empty for a field that is not set."""
    at = moment(stamp)
    return span((now - at).total_seconds()) if at else ""
