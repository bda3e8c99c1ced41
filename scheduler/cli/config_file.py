"""The file that contexts are kept in: read strictly, written for the user's eyes only."""

from __future__ import annotations

import json
import os
import tomllib
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from scheduler.cli.contexts import Config, Context
from scheduler.cli.errors import usage_error
from scheduler.cli.files import write_whole
from scheduler.cli.terminal import note
from scheduler.texts import said


def load(path: Path) -> Config:
    """Read the file; none means no contexts. Raises CliError that names the key to mend."""
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & 0o077:
                note(
                    said(
                        "warning: others can read {path}, which holds tokens; chmod 600 it",
                        path=path,
                    )
                )
            return _parsed(tomllib.load(file), path)
    except FileNotFoundError:
        return Config()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise usage_error(said("cannot read {path}: {error}", path=path, error=error)) from error


def save(path: Path, config: Config) -> None:
    """Write the file whole or not at all, for the user's eyes only."""
    lines = [f"current = {json.dumps(config.current)}"]
    for name, context in config.contexts.items():
        lines += ["", f"[contexts.{name}]"]
        lines += [f"{key} = {json.dumps(value)}" for key, value in asdict(context).items()]
    write_whole(path, ("\n".join(lines) + "\n").encode())


def _parsed(document: dict[str, Any], path: Path) -> Config:
    _only_keys(document, {"current", "contexts"}, str(path))
    tables = _table(document.get("contexts", {}), f"{path}: contexts")
    contexts = {
        name: _context(_table(table, f"{path}: [contexts.{name}]"), f"{path}: [contexts.{name}]")
        for name, table in tables.items()
    }
    return Config(str(document.get("current", "")), contexts)


def _context(table: dict[str, Any], place: str) -> Context:
    known = {key.name: type(key.default) for key in fields(Context)}
    _only_keys(table, set(known), place)
    for key, value in table.items():
        if type(value) is not known[key]:
            raise usage_error(
                said(
                    "{place}: {key} must be a {name}, not {value!r}",
                    place=place,
                    key=key,
                    name=known[key].__name__,
                    value=value,
                )
            )
    return Context(**table)


def _table(value: Any, place: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise usage_error(said("{place} must be a table", place=place))
    return value


def _only_keys(table: dict[str, Any], known: set[str], place: str) -> None:
    if unknown := sorted(table.keys() - known):
        raise usage_error(
            said(
                "{place}: unknown key {unknown!r}; known: {names}",
                place=place,
                unknown=unknown[0],
                names=sorted(known),
            )
        )
