"""Histories as files: one fact a line, in JSON, without what a fact leaves unsaid."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, fields
from datetime import datetime
from typing import Any

from scheduler.domain.history.facts import Fact, FactKind
from scheduler.errors import InvalidRequest, Violation

_FIELDS = {field.name: field for field in fields(Fact)}
_UNSAID: Mapping[str, object] = {
    name: {} if field.default is MISSING else field.default
    for name, field in _FIELDS.items()
    if name not in ("number", "at", "kind")
}


def line_of(fact: Fact) -> str:
    """Return the fact as one line of JSON."""
    said = {
        name: value
        for name in _FIELDS
        if (value := getattr(fact, name)) != _UNSAID.get(name, MISSING)
    }
    return json.dumps(said | {"at": fact.at.isoformat()}, ensure_ascii=False)


def facts_in(lines: Iterable[str]) -> Iterator[Fact]:
    """Yield the facts of a file's lines. Raises InvalidRequest that names the line and the key."""
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _fact(number, line)


def _fact(number: int, line: str) -> Fact:
    try:
        said: dict[str, Any] = json.loads(line)
        if unknown := sorted(said.keys() - _FIELDS.keys()):
            raise ValueError(f"unknown key {unknown[0]!r}")
        said |= {"at": datetime.fromisoformat(said["at"]), "kind": FactKind(said["kind"])}
        return Fact(**said | {"nodes": tuple(said.get("nodes", ()))})
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise InvalidRequest(Violation("history", f"not a fact: {error}", number)) from error
