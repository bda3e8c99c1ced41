"""Times and durations as people and programs read them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import click
from google.protobuf.timestamp_pb2 import Timestamp

from scheduler.cli.language import spoken
from scheduler.texts import said

AGO = re.compile(r"(?P<number>\d{1,6})(?P<unit>[mhdw])")
UNITS = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}


def moment(stamp: Timestamp) -> datetime | None:
    """Return the time in UTC, or None for a field that is not set."""
    if not (stamp.seconds or stamp.nanos):
        return None
    return stamp.ToDatetime(UTC)


def iso(stamp: Timestamp) -> str | None:
    """Return the time for programs: UTC, to the second."""
    at = moment(stamp)
    return utc(at) if at else None


def local(stamp: Timestamp) -> str:
    """Return the time for people: their own clock's, empty for a field that is not set."""
    at = moment(stamp)
    return local_time(at) if at else ""


def utc(at: datetime) -> str:
    """Return a time in UTC for programs, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def local_time(at: datetime) -> str:
    """Return a time for people, by their own clock."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S %Z")


def local_day(at: datetime) -> str:
    return at.astimezone().strftime("%Y-%m-%d")


def stamp_of(at: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(at)
    return stamp


def span(seconds: float) -> str:
    """Return a duration in two units at most: "45s", "12m", "1h03m", "2d04h"."""
    whole = max(0, int(seconds))
    minutes, hours, days = whole // 60, whole // 3600, whole // 86400
    if whole < 60:
        return said("{seconds}s", seconds=whole)
    if hours == 0:
        return said("{minutes}m", minutes=minutes)
    if days == 0:
        return said("{hours}h{minutes:02}m", hours=hours, minutes=minutes % 60)
    return said("{days}d{hours:02}h", days=days, hours=hours % 24)


class When(click.ParamType[datetime]):
    """A moment: how long ago ("7d"), or a date with or without a time, local unless it says."""

    name = "when"

    def convert(self, value: Any, param: Any, ctx: Any) -> datetime:
        if isinstance(value, datetime):
            return value
        if match := AGO.fullmatch(value):
            return datetime.now(UTC) - int(match["number"]) * UNITS[match["unit"]]
        try:
            # A time without a zone is the reader's own clock's.
            return datetime.fromisoformat(value).astimezone(UTC)
        except ValueError:
            wrong = said("{value!r} is no time; write 90m, 12h, 7d, 2w or 2026-01-31", value=value)
            self.fail(spoken(wrong), param, ctx)


class Span(click.ParamType[timedelta]):
    """A duration of one unit, such as "90m" or "6h"."""

    name = "duration"

    def convert(self, value: Any, param: Any, ctx: Any) -> timedelta:
        if isinstance(value, timedelta):
            return value
        match = AGO.fullmatch(value)
        if match is None:
            wrong = said("{value!r} is no duration; write 90m, 12h, 7d or 2w", value=value)
            self.fail(spoken(wrong), param, ctx)
        return int(match["number"]) * UNITS[match["unit"]]
