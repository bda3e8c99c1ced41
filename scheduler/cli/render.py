"""Data on standard output: tables for people; JSON, YAML, csv and names for programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

import click

from scheduler.cli.fields import Record, Values
from scheduler.cli.forms import as_csv, as_json, as_names, as_yaml, stamped
from scheduler.cli.table import Cell, Column, Table
from scheduler.cli.terminal import UNLIMITED_COLUMNS, columns, on_terminal, printable, stdout_colour


class Format(StrEnum):
    """How data is written."""

    TABLE = "table"
    WIDE = "wide"
    JSON = "json"
    YAML = "yaml"
    CSV = "csv"
    NAME = "name"

    @property
    def for_programs(self) -> bool:
        """Say whether programs read it; people read the others."""
        return self not in {Format.TABLE, Format.WIDE}


def print_data(form: Format, record: Record, value: Values | Sequence[Values]) -> None:
    """Write an object or a list of them for programs; each carries the name of its schema."""
    match form:
        case Format.CSV:
            _write(as_csv(record, _rows(record, value)))
        case Format.NAME:
            _write(as_names(record, _rows(record, value)))
        case Format.YAML:
            _write(as_yaml(_content(record, value)))
        case _:
            _write(as_json(_content(record, value), indent=2) + "\n")


def print_each(form: Format, record: Record, values: Iterable[Values]) -> None:
    """Write objects for programs as they come: JSON and names a line each, YAML in documents."""
    for number, value in enumerate(values):
        match form:
            case Format.CSV:
                _write(as_csv(record, [value], with_head=number == 0))
            case Format.NAME:
                _write(as_names(record, [value]))
            case Format.YAML:
                _write("---\n" + as_yaml(stamped(record, value)))
            case _:
                _write(as_json(stamped(record, value)) + "\n")


def print_table(table: Table, form: Format = Format.TABLE) -> None:
    """Write a table as wide as the terminal allows; nothing gives way where there is none.

    Who asks for more columns than fit gets lines longer than the terminal, with nothing cut.
    """
    wide = form is Format.WIDE
    shown, limit = (table, UNLIMITED_COLUMNS) if wide else (table.narrow(), columns())
    for line in shown.lines(limit):
        click.echo(line, color=stdout_colour())


def print_fields(pairs: Iterable[tuple[str, Cell | str]]) -> None:
    """Write `name  value` lines, without those that have no value."""
    rows = [(Cell(name, "dim"), value) for name, value in pairs if _text(value)]
    print_table(Table((Column(""), Column("", least=20)), rows))


def _rows(record: Record, value: Values | Sequence[Values]) -> Sequence[Values]:
    if not isinstance(value, Mapping):
        return value
    return value[record.rows] if record.rows else [value]


def _content(record: Record, value: Values | Sequence[Values]) -> Any:
    if isinstance(value, Mapping):
        return stamped(record, value)
    return [stamped(record, one) for one in value]


def _write(text: str) -> None:
    """Write text verbatim for programs, and harmless for terminals."""
    if on_terminal():
        text = "".join(f"{printable(line)}\n" for line in text.splitlines())
    click.echo(text, nl=False)


def _text(cell: Cell | str) -> str:
    return cell.text if isinstance(cell, Cell) else cell
