"""Reads a command line as Slurm's programs do: short, joined and abbreviated options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from getopt import GetoptError, gnu_getopt

from scheduler.cli.shims.refusals import unanswered


@dataclass(frozen=True, slots=True)
class Words:
    """What was said: the values of each option by its long name, and the words beside them."""

    values: Mapping[str, Sequence[str]]
    rest: Sequence[str]

    def says(self, name: str) -> bool:
        return name in self.values

    def last(self, name: str, default: str = "") -> str:
        """Return the option's value; of several the last counts."""
        return self.values[name][-1] if name in self.values else default

    def listed(self, name: str) -> tuple[str, ...]:
        """Return the option's values, each of which may be several with commas between."""
        return tuple(
            word.strip() for value in self.values.get(name, ()) for word in value.split(",") if word
        )


@dataclass(frozen=True, slots=True)
class Grammar:
    """A program's options, each as "-j --jobs=": letters, long name, and = where it has a value."""

    options: Sequence[str]
    _long_of: dict[str, str] = field(default_factory=dict, init=False)
    _letters: list[str] = field(default_factory=list, init=False)
    _longs: list[str] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        for option in self.options:
            *short, long = option.split()
            name, takes_value = long.removeprefix("--").rstrip("="), long.endswith("=")
            self._longs.append(f"{name}=" if takes_value else name)
            self._long_of[f"--{name}"] = name
            for letter in short:
                self._letters.append(f"{letter[1:]}:" if takes_value else letter[1:])
                self._long_of[letter] = name

    def read(self, words: Sequence[str]) -> Words:
        """Return what was said. Raises Refused, naming the option, for one that is not ours."""
        try:
            found, rest = gnu_getopt(list(words), "".join(self._letters), self._longs)
        except GetoptError as error:
            dashes = "-" if len(error.opt) == 1 else "--"
            raise unanswered(f"{dashes}{error.opt} ({error.msg})") from error
        values: dict[str, list[str]] = {}
        for option, value in found:
            values.setdefault(self._long_of[option], []).append(value)
        return Words(values, rest)
