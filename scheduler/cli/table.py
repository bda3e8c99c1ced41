"""Tables in plain text, drawn without the 40 ms that loading rich would cost."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

import click

from scheduler.cli.language import spoken
from scheduler.cli.terminal import printable

GAP = "  "


@dataclass(frozen=True, slots=True)
class Column:
    """A table's column.

    Where the terminal is narrow a column gives way down to `least` (0: not at all): its texts
    are wrapped, or `cut`. A `wide` column is shown only to those who ask for more.
    """

    title: str
    right: bool = False
    least: int = 0
    cut: bool = False
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """Text with a colour or `bold` or `dim`."""

    text: str
    style: str = ""


Row = Sequence[Cell | str]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under heads; heads without titles are not drawn."""

    heads: Sequence[Column]
    rows: Sequence[Row]

    def narrow(self) -> Table:
        """Return the table without its wide columns."""
        kept = [place for place, head in enumerate(self.heads) if not head.wide]
        rows = [[row[place] for place in kept] for row in self.rows]
        return Table([self.heads[place] for place in kept], rows)

    def lines(self, columns: int) -> Iterator[str]:
        """Yield the lines, styled, at most `columns` wide where the wrapping columns allow."""
        titles = [Cell(spoken(head.title), "bold") for head in self.heads]
        rows = [[_cell(cell) for cell in row] for row in self.rows]
        if any(cell.text for cell in titles):
            rows.insert(0, titles)
        widths = _widths(self.heads, rows, columns)
        for row in rows:
            yield from _row_lines(self.heads, row, widths)


def _cell(cell: Cell | str) -> Cell:
    given = cell if isinstance(cell, Cell) else Cell(cell)
    return Cell(printable(spoken(given.text)), given.style)


def _widths(heads: Sequence[Column], rows: Sequence[Sequence[Cell]], columns: int) -> list[int]:
    """Return each column's width: what its widest cell needs, less where it must give way."""
    widths = [max(width(cell.text) for cell in cells) for cells in zip(*rows, strict=True)]
    excess = sum(widths) + len(GAP) * (len(heads) - 1) - columns
    while excess > 0:
        giving = [
            (size, place)
            for place, size in enumerate(widths)
            if heads[place].least and size > heads[place].least
        ]
        if not giving:
            break
        widths[max(giving)[1]] -= 1
        excess -= 1
    return widths


def _row_lines(
    heads: Sequence[Column], row: Sequence[Cell], widths: Sequence[int]
) -> Iterator[str]:
    folded = [
        _folded(cell.text, size, head.cut)
        for head, cell, size in zip(heads, row, widths, strict=True)
    ]
    for texts in zip_longest(*folded, fillvalue=""):
        cells = zip(heads, row, texts, widths, strict=True)
        yield GAP.join(_padded(head, cell, text, size) for head, cell, text, size in cells).rstrip()


def _folded(text: str, size: int, cut: bool) -> list[str]:
    if width(text) <= size:
        return [text]
    return [f"{text[: size - 1]}…"] if cut else textwrap.wrap(text, size, break_on_hyphens=False)


def _padded(head: Column, cell: Cell, text: str, size: int) -> str:
    space = " " * max(0, size - width(text))
    styled = _styled(text, cell.style) if text else ""
    return space + styled if head.right else styled + space


def _styled(text: str, style: str) -> str:
    if not style:
        return text
    if style in {"bold", "dim"}:
        return click.style(text, **{style: True})
    return click.style(text, fg=style)


def width(text: str) -> int:
    """Return how many of the terminal's columns the text takes."""
    if text.isascii():
        return len(text)
    return sum(_char_width(char) for char in text)


def _char_width(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
