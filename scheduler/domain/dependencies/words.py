"""How a dependency stands, as it is stored beside a job: made as English text, and known again.

Each term that is open stands with what its jobs came to: "afterok:5 (running), after:7+10 (began
at 2026-03-02 12:00:50 UTC) and 2 more". Conditions and names of states are the same in every
language; what is said with them is not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from scheduler.texts import Said, entry, listed, said

# What `listed` makes of the terms of which any will do; not more than these are named.
EITHER = (entry("{part0} or {part1}"), entry("{part0} or {part1} or {part2}"))
MOST_NAMED = 1 + len(EITHER)

_ALL, _ANY = ", ", " or "
_TERM = r"(?:after[a-z]*:[\d_+]+|singleton)"
_BREAK = re.compile(rf"({_ALL}|{_ANY})(?={_TERM} \()")
_CLAUSE = re.compile(rf"(?P<term>{_TERM}) \((?P<words>.+)\)", re.DOTALL)
_COUNTED = re.compile(r"(?P<named>.+\)) and (?P<more>\d+) more", re.DOTALL)
_BEGAN = re.compile(r"began at (?P<at>[\d :-]+) UTC")
_NAMESAKE = re.compile(r"job (?P<job>\d+) of the name (?P<name>.*) has not ended")
_NAMESAKES = re.compile(
    r"job (?P<job>\d+) and (?P<more>\d+) more of the name (?P<name>.*) has not ended"
)


def began(at: str) -> Said:
    return said("began at {at} UTC", at=at)


def namesake(job: object, name: str) -> Said:
    return said("job {job} of the name {name} has not ended", job=job, name=name)


def namesakes(job: object, more: object, name: str) -> Said:
    return said(
        "job {job} and {more} more of the name {name} has not ended", job=job, more=more, name=name
    )


_GROUNDS: tuple[tuple[re.Pattern[str], Callable[..., Said]], ...] = (
    (_BEGAN, began),
    (_NAMESAKES, namesakes),
    (_NAMESAKE, namesake),
)


def terms_in_words(terms: Sequence[tuple[str, str]], any_will_do: bool) -> Said:
    """Return the open terms, each with what its jobs came to; the first ones, and how many more."""
    told = listed(
        (_clause(term, words) for term, words in terms[:MOST_NAMED]), _ANY if any_will_do else _ALL
    )
    more = len(terms) - MOST_NAMED
    return _counted(told, more) if more > 0 else told


def ruling_known_again(text: str) -> Said | None:
    """Return a stored ruling as it was made; None for any other text."""
    counted = _COUNTED.fullmatch(text)
    told = _terms_known_again(counted["named"] if counted else text)
    if told is None or counted is None:
        return told
    return _counted(told, counted["more"])


def _terms_known_again(text: str) -> Said | None:
    first, *others = _BREAK.split(text)
    clauses = [_CLAUSE.fullmatch(clause) for clause in (first, *others[1::2])]
    known = [_clause(one["term"], _grounds(one["words"])) for one in clauses if one is not None]
    # Whoever names a job as a term is named may have both breaks in one text.
    if len(known) < len(clauses) or len(set(others[::2])) > 1:
        return None
    return listed(known, others[0] if others else _ALL)


def _counted(named: Said, more: object) -> Said:
    return said("{named} and {more} more", named=named, more=more)


def _clause(term: str, words: str) -> Said:
    return listed((term, " (", words, ")"), "")


def _grounds(text: str) -> Said:
    for expression, made in _GROUNDS:
        if (match := expression.fullmatch(text)) is not None:
            return made(**match.groupdict())
    return Said(text)
