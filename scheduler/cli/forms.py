"""Records as text for programs: JSON, YAML, csv, or names alone."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from scheduler.cli.fields import Record, Values, cell, columns


def stamped(record: Record, value: Values) -> dict[str, Any]:
    """Return the object with the name and version of its schema, which readers may ask for."""
    return {**value, "schema": record.stamp}


def as_json(value: Any, indent: int | None = None) -> str:
    """Return JSON in which what cannot be printed is escaped: text cannot harm a terminal."""
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    if text.replace("\n", "").isprintable():
        return text
    return "".join(char if char.isprintable() or char == "\n" else _escaped(char) for char in text)


def as_yaml(value: Any) -> str:
    """Return the same content as JSON's in YAML."""
    # Imported here because no other form needs it.
    import yaml  # noqa: PLC0415

    # The dumper in C, where it was built, is 10 times as fast.
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    text: str = yaml.dump(value, Dumper=dumper, sort_keys=False, allow_unicode=True)
    return text


def as_csv(record: Record, rows: Sequence[Values], with_head: bool = True) -> str:
    """Return the rows as RFC 4180 has it, all columns of the record in their order.

    Columns of fields that are there only when asked for are written if the first row has them.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    asked = set(rows[0]) if rows else set()
    names = [
        name for name, field in columns(record.row) if not field.optional or field.name in asked
    ]
    if with_head:
        writer.writerow([*names, "schema"])
    writer.writerows([*(cell(row, name) for name in names), record.stamp] for row in rows)
    return text.getvalue()


def as_names(record: Record, rows: Sequence[Values]) -> str:
    """Return a line for each row, each word once: what other commands take."""
    return "".join(f"{word}\n" for word in dict.fromkeys(map(record.row.named_by, rows)))


def _escaped(char: str) -> str:
    return json.dumps(char)[1:-1]
