"""What is wrong with a key of a file: a sentence with the mend, and its line."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pydantic_core import ErrorDetails

from scheduler.domain.known_names import suggestion
from scheduler.errors import Violation
from scheduler.texts import Said, said
from scheduler.wrong_values import fault

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """What messages need to know of a kind of file.

    `known_keys` gives the keys of the table at a path, `patterns` what each pattern means to
    people, `missing` what to say of a path that lacks, `too_few` of top-level keys that hold too
    little, and `tags` are the parts of pydantic's paths that stand in no file.
    """

    known_keys: Callable[[Path], list[str]]
    patterns: Mapping[str, Said]
    missing: Callable[[Path], Said]
    too_few: Mapping[str, Said]
    too_deep: Said
    tags: tuple[str, ...] = ()


def explained(text: str, error: ErrorDetails, form: Form) -> Violation:
    path = tuple(str(part) for part in error["loc"] if part not in form.tags)
    match error["type"]:
        case "extra_forbidden":
            message = _unknown_key(path, form.known_keys(path[:-1]))
        case "missing":
            message = form.missing(path)
        case "too_short" if path[0] in form.too_few:
            message = form.too_few[path[0]]
        case "string_pattern_mismatch":
            message = said(
                "{pattern}, not {given}",
                pattern=form.patterns[error["ctx"]["pattern"]],
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


def _unknown_key(path: Path, known: list[str]) -> Said:
    hint = suggestion(path[-1], known)
    return said(
        "is not a key of this table; known: {names}{hint}", names=", ".join(known), hint=hint
    )


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def violation_at(text: str, path: Path, message: Said) -> Violation:
    """Return what is wrong with a key of a file, with its line in the text."""
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
