"""Reservations of a policy file whose keys are right alone, and wrong together."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from scheduler.domain.known_names import suggestion
from scheduler.domain.reservations.reservation import WEEK
from scheduler.policy_files.faults import Path
from scheduler.policy_files.tables import PolicyFile, ReservationTable
from scheduler.policy_files.values import seconds
from scheduler.texts import Said, said

Fault = tuple[Path, Said]
AMOUNTS = ("gpus", "nodes", "node_names", "whole_pool")
LENGTHS = ("ends", "duration")
TIMES = ("starts", "ends", "until")
YEARS = range(2000, 3000)
AUDIENCES = ("for_class", "for_organisation", "maintenance")


def reservation_contradictions(file: PolicyFile) -> Iterator[Fault]:
    """Say which keys of each reservation do not go together."""
    for name, table in file.reservations.items():
        path = ("reservations", name)
        for keys in (AMOUNTS, LENGTHS, AUDIENCES):
            yield from _not_one_of(path, table, keys)
        if table.node_names == ():
            message = said("names no node; name one, or take the key out")
            yield (*path, "node_names"), message
        yield from _wrong_audience(path, table, file)
        yield from _wrong_times(path, table)


def _not_one_of(path: Path, table: ReservationTable, keys: tuple[str, ...]) -> Iterator[Fault]:
    """Yield a fault unless exactly one of the keys is given."""
    given = [key for key in keys if getattr(table, key) not in (None, False)]
    names = ", ".join(keys)
    if not given:
        yield path, said("needs one of {names}; say which", names=names)
    elif len(given) > 1:
        yield (
            (*path, given[1]),
            said("is given beside {other}; keep one of {names}", other=given[0], names=names),
        )


def _wrong_audience(path: Path, table: ReservationTable, file: PolicyFile) -> Iterator[Fault]:
    if table.for_class is not None and table.for_class not in file.classes:
        hint = suggestion(table.for_class, file.classes)
        yield (
            (*path, "for_class"),
            said("{name!r} is no class of this policy{hint}", name=table.for_class, hint=hint),
        )
    if table.for_project is not None and table.for_organisation is None:
        yield (
            (*path, "for_project"),
            said("is a project of which organisation? say for_organisation too"),
        )


def _wrong_times(path: Path, table: ReservationTable) -> Iterator[Fault]:
    for key in TIMES:
        at = getattr(table, key)
        if at is not None and at.year not in YEARS:
            yield (
                (*path, key),
                said("must be in the years {first} to {last}", first=YEARS[0], last=YEARS[-1]),
            )
    lasts = _lasts(table)
    for key in LENGTHS:
        if lasts <= timedelta() and getattr(table, key) is not None:
            yield (*path, key), said("is no later than starts; a reservation lasts some time")
        elif table.every and lasts > WEEK and getattr(table, key) is not None:
            yield (*path, key), said("is more than a week after starts, and every week it starts")
    if table.until is not None and table.every is None:
        yield (*path, "until"), said('is for one that repeats; say every = "week" too')
    elif table.until is not None and table.until < table.starts:
        yield (*path, "until"), said("is before starts; nothing would be reserved")


def _lasts(table: ReservationTable) -> timedelta:
    if table.ends is not None:
        return table.ends - table.starts
    return timedelta(seconds=seconds(table.duration or "1s"))
