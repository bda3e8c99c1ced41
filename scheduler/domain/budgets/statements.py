"""A project's statement: the lines of its ledger with running balances, and what they come to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile

from scheduler.domain.budgets.grants import WARNINGS
from scheduler.domain.budgets.ledger import EFFECTS, NOTHING, Balance, Entry, EntryKind

_AT_ITS_END = frozenset({EntryKind.CARRY_OUT, EntryKind.LAPSE})


@dataclass(frozen=True, slots=True)
class Line:
    """An entry, with what its grant and the whole project have left after it."""

    entry: Entry
    grant_left: int
    project_left: int


@dataclass(frozen=True, slots=True)
class Reached:
    """When so many percent of a grant were first held or charged."""

    percent: int
    at: datetime


@dataclass(frozen=True, slots=True)
class GrantSums:
    """What a grant was before the period and after it; warnings are those of all its time."""

    grant: int
    opening: Balance
    closing: Balance
    reached: tuple[Reached, ...]


@dataclass(frozen=True, slots=True)
class KindSum:
    """How many lines of a kind the period has, and what they come to."""

    kind: EntryKind
    lines: int
    amount: int

    @property
    def effect(self) -> int:
        """Return what they did to what is left."""
        return EFFECTS[self.kind] * self.amount


@dataclass(frozen=True, slots=True)
class Statement:
    """What happened to a project's grants in a period, in the order in which it was booked.

    An entry may tell of an earlier time than the one before it: it is of the period in which it
    was booked, so that balances never depend on how the ledger is cut.
    """

    lines: tuple[Line, ...]
    grants: tuple[GrantSums, ...]
    kinds: tuple[KindSum, ...]
    opening_left: int
    closing_left: int


def statement(
    grants: Iterable[int],
    entries: Sequence[Entry],
    since: datetime | None = None,
    until: datetime | None = None,
) -> Statement:
    """Return the statement of a period: from `since` on, before `until`; None: no bound.

    `entries` are all that these grants ever had, in the order of their ids.
    """
    dated = list(_booked(entries))
    earlier = [entry for at, entry in dated if since is not None and at < since]
    known = [entry for at, entry in dated if until is None or at < until]
    numbers = tuple(grants)
    opening, closing = (balances(numbers, part) for part in (earlier, known))
    lines = tuple(_lines(numbers, known))[len(earlier) :]
    return Statement(
        lines=lines,
        grants=tuple(_sums(numbers, opening, closing, known)),
        kinds=tuple(_kinds(line.entry for line in lines)),
        opening_left=_left(opening),
        closing_left=_left(closing),
    )


def balances(grants: Iterable[int], entries: Iterable[Entry]) -> dict[int, Balance]:
    """Return where each grant stands after these entries."""
    found = dict.fromkeys(grants, NOTHING)
    for entry in entries:
        found[entry.grant] = found[entry.grant].after(entry)
    return found


def levels_reached(entries: Iterable[Entry]) -> tuple[Reached, ...]:
    """Return when one grant's warnings were first due; `entries` are all of this grant.

    Once it is over nobody is warned any more: what it had left is gone, and not used.
    """
    reached, balance = dict[int, Reached](), NOTHING
    for entry in takewhile(lambda one: one.kind not in _AT_ITS_END, entries):
        balance = balance.after(entry)
        taken = balance.charged + balance.held
        for percent in WARNINGS:
            if taken and 100 * taken >= percent * balance.granted:
                reached.setdefault(percent, Reached(percent, entry.at))
    return tuple(reached[percent] for percent in sorted(reached))


def _booked(entries: Iterable[Entry]) -> Iterator[tuple[datetime, Entry]]:
    """Yield the entries, each with the latest time that was told up to it."""
    latest: datetime | None = None
    for entry in entries:
        latest = entry.at if latest is None else max(latest, entry.at)
        yield latest, entry


def _lines(grants: Iterable[int], entries: Iterable[Entry]) -> Iterator[Line]:
    left, project = dict.fromkeys(grants, 0), 0
    for entry in entries:
        left[entry.grant] += entry.effect
        project += entry.effect
        yield Line(entry, left[entry.grant], project)


def _sums(
    grants: Iterable[int],
    opening: Mapping[int, Balance],
    closing: Mapping[int, Balance],
    entries: Sequence[Entry],
) -> Iterator[GrantSums]:
    of_grant: dict[int, list[Entry]] = {}
    for entry in entries:
        of_grant.setdefault(entry.grant, []).append(entry)
    for number in grants:
        reached = levels_reached(of_grant.get(number, ()))
        yield GrantSums(number, opening[number], closing[number], reached)


def _kinds(entries: Iterable[Entry]) -> Iterator[KindSum]:
    amounts: dict[EntryKind, list[int]] = {kind: [] for kind in EntryKind}
    for entry in entries:
        amounts[entry.kind].append(entry.amount)
    for kind, found in amounts.items():
        if found:
            yield KindSum(kind, len(found), sum(found))


def _left(found: Mapping[int, Balance]) -> int:
    return sum(balance.left for balance in found.values())
