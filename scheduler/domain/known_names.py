"""What there is, and what of it a wrong name may have meant, as parts of a sentence."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from scheduler.texts import Said, said

# Comparing is slow with names that nobody would write, and those are like none anyway.
_LONGEST_COMPARED = 64


def shortlist(names: Iterable[str], most: int) -> Said:
    """Return the names with commas: `most` of them, and how many are left out."""
    every = list(names)
    first = ", ".join(every[:most])
    if not every:
        return said("none")
    if len(every) <= most:
        return Said(first)
    return said("{names} and {left} more", names=first, left=len(every) - most)


def suggestion(wrong: str, known: Iterable[str]) -> Said:
    """Return `; did you mean X?` when one of the names is like it, else an empty text."""
    close = get_close_matches(wrong[:_LONGEST_COMPARED], list(known), n=1)
    return said("; did you mean {nearest}?", nearest=close[0]) if close else Said()
