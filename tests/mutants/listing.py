"""Read the planted defects from the files beside this one, strictly."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = Path(__file__).parent


class WrongList(ValueError):
    """The list of planted defects does not fit the code or its own form; the text says where."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A defect: in `file`, `old` becomes `new`. `tests` are those that should find it."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    def planted(self, text: str) -> str:
        """Return the file's text with the defect. Raises WrongList unless `old` is there once."""
        count = text.count(self.old)
        if count != 1:
            raise WrongList(
                f"«{self.name}»: its old text is {count} times in {self.file}, not once;"
                " write it anew from the code as it is"
            )
        return text.replace(self.old, self.new)


def all_mutants(folder: Path = FOLDER) -> tuple[Mutant, ...]:
    """Return every planted defect, file by file. Raises WrongList."""
    return tuple(mutant for path in sorted(folder.glob("*.toml")) for mutant in _read(path))


def _read(path: Path) -> list[Mutant]:
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    unknown = content.keys() - {"tests", "file", "mutant"}
    if unknown:
        raise WrongList(f"{path.name}: unknown key {min(unknown)!r}")
    shared = {"file": content.get("file"), "tests": tuple(content.get("tests", ()))}
    return [_mutant(path, {**shared, **entry}) for entry in content["mutant"]]


def _mutant(path: Path, entry: dict[str, Any]) -> Mutant:
    known = {field.name for field in fields(Mutant)}
    wrong = (entry.keys() - known) | {key for key in known if entry.get(key) is None}
    if wrong or entry["old"] == entry["new"] or not entry["tests"]:
        raise WrongList(f"{path.name}, «{entry.get('name')}»: look at {sorted(wrong) or 'it'}")
    return Mutant(**{**entry, "tests": tuple(entry["tests"])})
