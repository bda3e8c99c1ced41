"""Moments as users of Slurm write them: 2026-01-31T09:30, 09:30, now-2days, midnight."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from scheduler.cli.shims.refusals import Refused

_RELATIVE = re.compile(r"now(?:([+-])(\d+)([a-z]*))?")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
_UNITS: Mapping[str, str] = {
    "s": "seconds",
    "m": "minutes",
    "h": "hours",
    "d": "days",
    "w": "weeks",
}


def moment_said(text: str, now: datetime) -> datetime:
    """Return the moment, by this machine's clock and zone. Raises Refused."""
    word = text.lower()
    if word in ("midnight", "today"):
        return midnight(now)
    if found := _RELATIVE.fullmatch(word):
        return now + _distance(found)
    if found := _CLOCK.fullmatch(word):
        hour, minute, second = (int(part or 0) for part in found.groups())
        return midnight(now) + timedelta(hours=hour, minutes=minute, seconds=second)
    try:
        return datetime.fromisoformat(text).astimezone()
    except ValueError as error:
        raise Refused(f"Invalid time specification: {text}") from error


def midnight(now: datetime) -> datetime:
    """Return the beginning of the day that it is on this machine."""
    return now.astimezone().replace(hour=0, minute=0, second=0, microsecond=0)


def _distance(found: re.Match[str]) -> timedelta:
    sign, count, unit = found.groups()
    if not count:
        return timedelta()
    if unit and unit[0] not in _UNITS:
        raise Refused(f"Invalid time specification: {found[0]}")
    distance = timedelta(**{_UNITS[unit[0] if unit else "s"]: int(count)})
    return -distance if sign == "-" else distance
