"""Histories as files: one fact a line, in JSON, without what a fact leaves unsaid."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, fields
from datetime import datetime
from typing import Any

from scheduler.domain.history.facts import Fact, FactKind
from scheduler.errors import InvalidRequest, Violation
from scheduler.texts import said

_FIELDS = {field.name: field for field in fields(Fact)}
_UNSAID: Mapping[str, object] = {
    name: {} if field.default is MISSING else field.default
    for name, field in _FIELDS.items()
    if name not in ("number", "at", "kind")
}


def line_of(fact: Fact) -> str:
    """Return the fact as one line of JSON."""
    told = {
        name: value
        for name in _FIELDS
        if (value := getattr(fact, name)) != _UNSAID.get(name, MISSING)
    }
    return json.dumps(told | {"at": fact.at.isoformat()}, ensure_ascii=False)


def facts_in(lines: Iterable[str]) -> Iterator[Fact]:
    """Yield the facts of a file's lines. Raises InvalidRequest that names the line and the key."""
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _fact(number, line)


def _fact(number: int, line: str) -> Fact:
    try:
        told: dict[str, Any] = json.loads(line)
        if unknown := sorted(told.keys() - _FIELDS.keys()):
            raise ValueError(f"unknown key {unknown[0]!r}")
        told |= {"at": datetime.fromisoformat(told["at"]), "kind": FactKind(told["kind"])}
        return Fact(**told | {"nodes": tuple(told.get("nodes", ()))})
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise InvalidRequest(
            Violation(
                "history",
                said("not a fact: {error}; write one JSON object a line", error=error),
                number,
            )
        ) from error
