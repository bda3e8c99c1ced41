"""Formats of squeue, sinfo and sacct: which columns, how wide, and their heads."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from scheduler.cli.shims.refusals import Refused, unanswered

T = TypeVar("T")
_PERCENT = re.compile(r"%(\.?)(\d*)([a-zA-Z])")
_NAMED = re.compile(r"(\w+)(?::(\.?)(\d*)(.*))?", re.DOTALL)
DEFAULT_NAMED_WIDTH = 20


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """What may stand in a column: its head, and its text for one thing."""

    head: str
    text: Callable[[T], str]


@dataclass(frozen=True, slots=True)
class Column(Generic[T]):
    """A column of squeue or sinfo; width 0 is as wide as the text. `after` follows it."""

    kind: Kind[T]
    width: int = 0
    right: bool = False
    after: str = ""

    def cell(self, text: str) -> str:
        """Return the text cut and filled to the column's width, and what follows the column."""
        cut = text[: self.width] if self.width else text
        filled = cut.rjust(self.width) if self.right else cut.ljust(self.width)
        return filled + self.after


@dataclass(frozen=True, slots=True)
class Layout(Generic[T]):
    """A whole line: what stands before the first column, and the columns."""

    before: str
    columns: Sequence[Column[T]]

    def head(self) -> str:
        return self.before + "".join(column.cell(column.kind.head) for column in self.columns)

    def line(self, thing: T) -> str:
        return self.before + "".join(
            column.cell(column.kind.text(thing)) for column in self.columns
        )

    def lines(self, things: Iterable[T], *, with_head: bool) -> list[str]:
        return [*([self.head()] if with_head else []), *map(self.line, things)]


def percent_layout(form: str, kinds: Mapping[str, Kind[T]]) -> Layout[T]:
    """Read a format like "%.18i|%t". Raises Refused, naming a letter that is not known."""
    found = list(_PERCENT.finditer(form))
    ends = [match.start() for match in found[1:]] + [len(form)]
    columns = [
        Column(
            _kind(match[3], kinds, f"the format %{match[3]}"),
            int(match[2] or 0),
            bool(match[1]),
            form[match.end() : end],
        )
        for match, end in zip(found, ends, strict=True)
    ]
    return Layout(form[: found[0].start()] if found else form, columns)


def named_layout(form: str, kinds: Mapping[str, Kind[T]]) -> Layout[T]:
    """Read a format like "JobID:10,State". Raises Refused, naming a field that is not known."""
    columns = []
    for part in form.split(","):
        match = _NAMED.fullmatch(part)
        if match is None:
            raise Refused(f"Invalid job format specification: {part}")
        width = DEFAULT_NAMED_WIDTH if match[3] in (None, "") else int(match[3])
        kind = _kind(match[1].lower(), kinds, f"the format {match[1]}")
        columns.append(Column(kind, width, bool(match[2]), match[4] or ""))
    return Layout("", columns)


def _kind(key: str, kinds: Mapping[str, Kind[T]], called: str) -> Kind[T]:
    if key not in kinds:
        raise unanswered(called)
    return kinds[key]
