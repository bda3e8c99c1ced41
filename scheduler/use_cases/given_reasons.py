"""Reasons that people give for what they change; who comes later will want to know them."""

from __future__ import annotations

import re

from scheduler.errors import InvalidRequest, Violation
from scheduler.texts import Said, said

MAX_WHY_LENGTH = 1000
# PostgreSQL keeps no NUL, and terminals obey the rest; lines and tabs are left.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def given_reason(why: str, empty: Said, field: str = "why") -> str:
    """Return the reason. Raises InvalidRequest, with the sentence for an empty one, without it."""
    if not why.strip():
        raise InvalidRequest(Violation(field, empty))
    return at_most_so_long(why, field)


def at_most_so_long(why: str, field: str = "why") -> str:
    """Return the reason, which may be empty. Raises InvalidRequest for a long or binary one."""
    if len(why) > MAX_WHY_LENGTH:
        message = said("is longer than {most} characters; shorten it", most=MAX_WHY_LENGTH)
        raise InvalidRequest(Violation(field, message))
    if _CONTROL.search(why):
        raise InvalidRequest(Violation(field, said("has control characters; leave them out")))
    return why.strip()
