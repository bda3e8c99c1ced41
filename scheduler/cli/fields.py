"""What output for programs is made of: records of fields, and the schema and columns they give."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

Values = Mapping[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class Type(Enum):
    """What a plain field holds."""

    INTEGER = "integer"
    NUMBER = "number"
    TEXT = "string"
    FLAG = "boolean"
    # In UTC, to the second.
    TIME = "date-time"

    @property
    def schema(self) -> dict[str, Any]:
        """Return it as JSON Schema writes it."""
        if self is Type.TIME:
            return {"type": "string", "format": self.value}
        return {"type": self.value}


class Nesting(Enum):
    """What a field holds that is no record of another kind."""

    # An object like the one that the field is in.
    ITSELF = "itself"


@dataclass(frozen=True, slots=True)
class Field:
    """A field that is always there, unless it is `optional`; `null` says that it may be null."""

    name: str
    holds: Type | Record | Nesting
    meaning: str
    null: bool = False
    many: bool = False
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """An object of the output.

    `named_by` gives the word that other commands take for it. Where the object is a frame around
    a list, `rows` is that list's field: its entries are the lines of `csv` and `name`.
    """

    name: str
    meaning: str
    fields: tuple[Field, ...]
    named_by: Callable[[Values], Any] = str
    written_by: tuple[str, ...] = ()
    rows: str = ""
    version: int = 1

    @property
    def stamp(self) -> str:
        """Return the name and version that each object of this kind carries."""
        return f"tendik.{self.name}.v{self.version}"

    @property
    def row(self) -> Record:
        """Return what a line of `csv` and `name` shows."""
        held = next((field.holds for field in self.fields if field.name == self.rows), self)
        return held if isinstance(held, Record) else self


def json_schema(record: Record) -> dict[str, Any]:
    """Return the record's JSON Schema; later versions of the program may add fields to it."""
    nested = {one.name: _object(one) for one in _nested(record)}
    stamp = {"const": record.stamp, "description": "the name and version of this schema"}
    found = _object(record)
    return {
        "$schema": DIALECT,
        "$id": f"urn:{record.stamp.replace('.', ':')}",
        "title": record.stamp,
        "description": record.meaning,
        **found,
        "required": [*found["required"], "schema"],
        "properties": {**found["properties"], "schema": stamp},
        **({"$defs": nested} if nested else {}),
    }


def _nested(record: Record) -> Iterator[Record]:
    """Yield the records below this one that hold objects like themselves."""
    for field in record.fields:
        if isinstance(field.holds, Record):
            yield from _nested(field.holds)
            if _is_nested(field.holds):
                yield field.holds


def _is_nested(record: Record) -> bool:
    return any(field.holds is Nesting.ITSELF for field in record.fields)


def columns(record: Record, within: str = "") -> Iterator[tuple[str, Field]]:
    """Yield the names of csv's columns: nested fields as "resources.gpus", a list as one."""
    for field in record.fields:
        if isinstance(field.holds, Record) and not field.many:
            yield from columns(field.holds, f"{within}{field.name}.")
        else:
            yield within + field.name, field


def cell(values: Values, column: str) -> str:
    """Return a column's text: empty for null, a list as JSON."""
    found: Any = values
    for name in column.split("."):
        found = found.get(name) if found else None
    if found is None:
        return ""
    return found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)


def _object(record: Record) -> dict[str, Any]:
    return {
        "type": "object",
        "required": [field.name for field in record.fields if not field.optional],
        "properties": {field.name: _property(field, record) for field in record.fields},
    }


def _property(field: Field, within: Record) -> dict[str, Any]:
    held = _held(within if isinstance(field.holds, Nesting) else field.holds)
    if field.many:
        held = {"type": "array", "items": held}
    if field.null:
        held["type"] = [held["type"], "null"]
    return {"description": field.meaning, **held}


def _held(holds: Type | Record) -> dict[str, Any]:
    if isinstance(holds, Record):
        is_nested = _is_nested(holds)
        return {"$ref": f"#/$defs/{holds.name}"} if is_nested else _object(holds)
    return holds.schema
