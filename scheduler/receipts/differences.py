"""Where two encoded values differ, place by place."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from scheduler.receipts.codec import plain
from scheduler.texts import said

NOTHING = "nothing"
MAX_LENGTH = 80


def differences(recorded: bytes, found: bytes) -> Iterator[str]:
    """Yield each place, with what the receipt says there and what the replay gives.

    Raises Unreadable.
    """
    return _between("", plain(recorded), plain(found))


def _between(place: str, recorded: Any, found: Any) -> Iterator[str]:
    if isinstance(recorded, dict) and isinstance(found, dict):
        for key in {**recorded, **found}:
            inner = f"{place}.{key}" if place else str(key)
            yield from _between(inner, recorded.get(key, NOTHING), found.get(key, NOTHING))
    elif isinstance(recorded, list) and isinstance(found, list):
        for number, pair in enumerate(zip_longest(recorded, found, fillvalue=NOTHING)):
            yield from _between(f"{place}[{number}]", *pair)
    elif recorded != found:
        yield said(
            "{place}: the receipt has {recorded}, the replay {replayed}",
            place=place,
            recorded=_short(recorded),
            replayed=_short(found),
        )


def _short(value: Any) -> str:
    text = value if value is NOTHING else repr(value)
    return text if len(text) <= MAX_LENGTH else f"{text[:MAX_LENGTH]}…"
