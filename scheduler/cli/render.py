"""Data on standard output: tables for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from enum import StrEnum
from typing import Any

import click

from scheduler.cli.table import Cell, Column, Table
from scheduler.cli.terminal import columns, stdout_colour


class Format(StrEnum):
    """How data is written."""

    TABLE = "table"
    JSON = "json"


def print_json(value: Any) -> None:
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def print_table(table: Table) -> None:
    """Write a table as wide as the terminal allows; nothing gives way where there is none."""
    for line in table.lines(columns()):
        click.echo(line, color=stdout_colour())


def print_fields(pairs: Iterable[tuple[str, Cell | str]]) -> None:
    """Write `name  value` lines, without those that have no value."""
    rows = [(Cell(name, "dim"), value) for name, value in pairs if _text(value)]
    print_table(Table((Column(""), Column("", least=20)), rows))


def _text(cell: Cell | str) -> str:
    return cell.text if isinstance(cell, Cell) else cell
