"""Days and spans as the reader's language writes them in a sentence, by Unicode's CLDR.

English, which names, logs and Slurm's own programs use beside us, keeps the forms of ISO 8601;
tables and what programs read have those in every language. Babel is imported for readers of another
language alone, and only where such words are said: it takes 20 ms.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from google.protobuf.timestamp_pb2 import Timestamp

from scheduler.cli.language import language
from scheduler.cli.times import local, moment, span
from scheduler.languages import ENGLISH


def told_time(stamp: Timestamp) -> str:
    """Return the time by the reader's own clock, empty for a field that is not set."""
    at, to = moment(stamp), language()
    if at is None or to == ENGLISH:
        return local(stamp)
    from babel.dates import format_datetime  # noqa: PLC0415

    here = at.astimezone()
    return _spaced(f"{format_datetime(here, 'medium', locale=to)} {here:%Z}")


def told_clock(at: datetime, now: datetime) -> str:
    """Return a near time: "14:10", on another day with the day: "11-24 14:10", "24 нояб. 14:10"."""
    here, today, to = at.astimezone(), now.astimezone().date(), language()
    if here.date() == today:
        return f"{here:%H:%M}"
    is_near = here.year == today.year
    if to == ENGLISH:
        return f"{here:%m-%d %H:%M}" if is_near else f"{here:%Y-%m-%d %H:%M}"
    from babel.dates import format_skeleton  # noqa: PLC0415

    day = format_skeleton("MMMd" if is_near else "yMMMd", here, locale=to)
    return _spaced(f"{day} {here:%H:%M}")


def told_ago(stamp: Timestamp, now: datetime) -> str:
    """Return how long ago that was, empty for a field not set: "12m ago", "12 минут назад".

    Words go by one unit; a larger one is taken from two of it on, so that 100 minutes stay 100.
    """
    at, to = moment(stamp), language()
    if at is None:
        return ""
    seconds = max(1, int((now - at).total_seconds()))
    if to == ENGLISH:
        return f"{span(seconds)} ago"
    from babel.dates import format_timedelta  # noqa: PLC0415

    delta = timedelta(seconds=-seconds)
    return _spaced(format_timedelta(delta, threshold=2, add_direction=True, locale=to))


def _spaced(text: str) -> str:
    """Return the text with ordinary spaces: CLDR's no-break ones are not found by `grep`."""
    return " ".join(text.split())
