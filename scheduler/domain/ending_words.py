"""How it is said that somebody's access ended, beside a job and to whoever is refused."""

from __future__ import annotations

from collections.abc import Mapping

from scheduler.domain import stored_words as words
from scheduler.domain.tenants import Ending, Kind
from scheduler.texts import Said, said

_EXPIRED: Mapping[Kind, str] = {
    Kind.ORGANISATION: words.ORGANISATION_EXPIRED,
    Kind.PROJECT: words.PROJECT_EXPIRED,
    Kind.USER: words.USER_EXPIRED,
}
_LEFT: Mapping[Kind, str] = {
    Kind.ORGANISATION: words.ORGANISATION_LEFT,
    Kind.PROJECT: words.PROJECT_LEFT,
    Kind.USER: words.USER_LEFT,
}


def ending_in_words(ending: Ending) -> Said:
    """Return how the access ended: by being off-boarded, or with its last day."""
    left_at = ending.access.off_boarded_at
    if left_at is not None:
        return said(_LEFT[ending.kind], name=ending.name, day=left_at.date().isoformat())
    return said(_EXPIRED[ending.kind], name=ending.name, day=ending.access.expires)
