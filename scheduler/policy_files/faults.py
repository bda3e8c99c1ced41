"""What is wrong with a key of a policy file: a sentence with the mend, and its line."""

from __future__ import annotations

import re

from pydantic_core import ErrorDetails

from scheduler.domain.known_names import suggestion
from scheduler.errors import Violation
from scheduler.policy_files.tables import KEY_TAG, NUMBER_TAG, PATTERNS, TABLE_TAG, known_keys
from scheduler.texts import Said, said
from scheduler.wrong_values import fault

Path = tuple[str, ...]


def explained(text: str, error: ErrorDetails) -> Violation:
    tags = (NUMBER_TAG, TABLE_TAG, KEY_TAG)
    path = tuple(str(part) for part in error["loc"] if part not in tags)
    match error["type"]:
        case "extra_forbidden":
            message = _unknown_key(path)
        case "missing":
            message = _missing(path)
        case "too_short":
            message = said("needs at least one table, such as [classes.universities]")
        case "string_pattern_mismatch":
            message = said(
                "{pattern}, not {given}",
                pattern=PATTERNS[error["ctx"]["pattern"]],
                given=_shown(error["input"]),
            )
        case "timezone_aware":
            message = said(
                "has no offset, and is another time in another place; write it, such as {given}",
                given=f"{error['input'].isoformat()}+05:00",
            )
        case "datetime_type":
            message = said(
                "must be a date and time with its offset, such as 2026-12-01T09:00:00+05:00, "
                "not {given}",
                given=_shown(error["input"]),
            )
        case _:
            wrong = fault(error["type"], error.get("ctx", {}), error["msg"])
            message = said("{wrong}, not {given}", wrong=wrong, given=_shown(error["input"]))
    return violation_at(text, path, message)


def _missing(path: Path) -> Said:
    if path[0] == "reservations":
        return said("is missing; every reservation has a pool and the time when it starts")
    return said("is missing; every policy has a title and at least one [classes.NAME]")


def _unknown_key(path: Path) -> Said:
    known = known_keys(path[:-1])
    hint = suggestion(path[-1], known)
    return said(
        "is not a key of this table; known: {names}{hint}", names=", ".join(known), hint=hint
    )


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def violation_at(text: str, path: Path, message: Said) -> Violation:
    """Return what is wrong with a key of a policy file, with its line in the text."""
    bare = re.compile(r"[A-Za-z0-9_-]+")
    key = ".".join(part if bare.fullmatch(part) else f'"{part}"' for part in path)
    return Violation(key or "file", message, _line_of(text, path))


_LINE_OF_KEY = re.compile(r"\s*(?:\[(?P<table>[^\[\]]+)\]|(?P<key>[^=#\[\]]+)=)")
_PART_OF_KEY = re.compile(r"\"([^\"]*)\"|([A-Za-z0-9_-]+)")


def _line_of(text: str, path: Path) -> int:
    """Return the line of the key, else of the innermost table around it, else 0."""
    table: Path = ()
    found, depth = 0, 0
    for number, line in enumerate(text.splitlines(), 1):
        match = _LINE_OF_KEY.match(line)
        if match is None:
            continue
        parts = tuple(quoted or bare for quoted, bare in _PART_OF_KEY.findall(match[0]))
        key = parts if match["table"] else table + parts
        table = key if match["table"] else table
        if len(key) > depth and path[: len(key)] == key:
            found, depth = number, len(key)
    return found
