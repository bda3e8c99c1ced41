"""Reasons that people give for what they change; who comes later will want to know them."""

from __future__ import annotations

from scheduler.errors import InvalidRequest, Violation
from scheduler.texts import Said, said

MAX_WHY_LENGTH = 1000


def given_reason(why: str, empty: Said, field: str = "why") -> str:
    """Return the reason. Raises InvalidRequest, with the sentence for an empty one, without it."""
    if not why.strip():
        raise InvalidRequest(Violation(field, empty))
    return at_most_so_long(why, field)


def at_most_so_long(why: str, field: str = "why") -> str:
    """Return the reason, which may be empty. Raises InvalidRequest for a long one."""
    if len(why) > MAX_WHY_LENGTH:
        message = said("is longer than {most} characters; shorten it", most=MAX_WHY_LENGTH)
        raise InvalidRequest(Violation(field, message))
    return why.strip()
