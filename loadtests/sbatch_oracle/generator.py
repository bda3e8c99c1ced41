"""Scripts as people write them and as nobody would; a seed always gives the same case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random

from loadtests.sbatch_oracle.cases import Case, Way
from loadtests.sbatch_oracle.vocabulary import (
    ALL,
    ANSWERED,
    COMMANDS,
    ODD_LINES,
    ODD_SHEBANGS,
    PASSED,
    PLACES,
    REFUSED,
    SHEBANGS,
    SIZES,
    Words,
)
from scheduler.domain.sbatch.environment import VARIABLES
from scheduler.domain.sbatch.options import OPTIONS

# Of a hundred cases so many have nothing odd in them: what is accepted is then compared in full.
TAME_PERCENT = 60
# How often an option is drawn from each table.
_WEIGHTS: tuple[tuple[Mapping[str, Words], int], ...] = (
    (SIZES, 55),
    (PLACES, 25),
    (PASSED, 15),
    (ANSWERED, 5),
)
_GPU_OPTIONS = ("gpus", "gpus-per-node", "gres")
# sbatch refuses most scripts that use two of a group, so most of them keep to one.
_RIVALS = (_GPU_OPTIONS, ("mem", "mem-per-cpu", "mem-per-gpu"), ("cpus-per-task", "cpus-per-gpu"))
_MIX_PERCENT = 12
# SBATCH_DEBUG would take back the -v to which sbatch answers with its listing.
_VARIABLES = tuple(name for name in VARIABLES if name != "SBATCH_DEBUG")
_NAMES = tuple(option.name for option in OPTIONS)


def case_of(seed: int) -> Case:
    """Return the seed's case."""
    return _Writer(Random(seed)).case(f"seed {seed}")


class _Writer:
    """Draws everything from one source of chance."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._instead = {
            name: kept
            for group in _RIVALS
            if (kept := chance.choice(group)) and chance.randrange(100) >= _MIX_PERCENT
            for name in group
        }
        self._odd = 0 if chance.randrange(100) < TAME_PERCENT else chance.choice((5, 15, 40))

    def case(self, name: str) -> Case:
        way = self._chance.choices(tuple(Way), (86, 8, 6))[0]
        script = self._command() if way is Way.WRAP else self._script()
        flags = [*self._flags(), *(self._written("gpus", "2") if way is Way.WRAP else ())]
        return Case(name, script, tuple(flags), dict(self._variables()), way)

    def _command(self) -> str:
        lines = [self._chance.choice(COMMANDS) for _ in range(self._chance.randint(1, 3))]
        return "\n".join([*lines, *([self._odd_line()] if self._is_odd() else [])])

    def _happens(self, percent: int) -> bool:
        return self._chance.randrange(100) < percent

    def _is_odd(self) -> bool:
        return self._happens(self._odd)

    def _script(self) -> str:
        ends = "\r\n" if self._is_odd() and self._happens(10) else "\n"
        last = "" if self._happens(5) else ends
        return ends.join(self._lines()) + last

    def _lines(self) -> Iterator[str]:
        yield self._chance.choice(
            ODD_SHEBANGS if self._is_odd() and self._happens(30) else SHEBANGS
        )
        for _ in range(self._chance.randint(0, 7)):
            yield self._odd_line() if self._is_odd() else self._directive()
        name = self._chance.choice(_GPU_OPTIONS)
        yield self._directive(self._instead.get(name, name)) if self._happens(85) else ""
        yield self._chance.choice(COMMANDS)
        if self._happens(20):
            yield self._directive()
        if self._is_odd():
            yield self._odd_line()

    def _odd_line(self) -> str:
        return self._chance.choice(ODD_LINES)

    def _directive(self, *names: str) -> str:
        """Write the options, or up to three of any kind, in one line, in any of the forms."""
        names = names or tuple(self._name() for _ in range(self._chance.choice((1, 1, 1, 2, 3))))
        space = self._chance.choice((" ", " ", " ", "  ", "\t"))
        words = [word for name in names for word in self._option(name)]
        ending = self._chance.choice(("",) * 8 + (" ", "\t ", " # note", " #--exclusive"))
        return f"#SBATCH{space}{space.join(words)}{ending}"

    def _name(self) -> str:
        if self._is_odd() and self._happens(30):
            return self._chance.choice(tuple(REFUSED))
        tables, weights = zip(*_WEIGHTS, strict=True)
        table: Mapping[str, Words] = self._chance.choices(tables, weights)[0]
        name: str = self._chance.choice(tuple(table))
        return self._instead.get(name, name)

    def _option(self, name: str) -> list[str]:
        value = self._value(name)
        if value is None:
            letter = ALL[name].letter
            return [f"-{letter}" if letter and self._happens(50) else f"--{self._long(name)}"]
        return self._written(name, self._quoted(value))

    def _value(self, name: str) -> str | None:
        words = ALL[name]
        odd = words.odd and self._is_odd()
        return self._chance.choice(words.odd if odd else words.good) if words.good else None

    def _written(self, name: str, value: str) -> list[str]:
        letter, form = ALL[name].letter, self._chance.randrange(10)
        if letter and form < 3:
            return [f"-{letter}{value}"] if form == 0 else [f"-{letter}", value]
        return [f"--{self._long(name)}", value] if form < 5 else [f"--{self._long(name)}={value}"]

    def _long(self, name: str) -> str:
        """Return the name, or now and then a beginning of it that no other option has."""
        if not self._happens(12):
            return name
        least = next(
            (size for size in range(1, len(name)) if _begin_with(name[:size]) == 1), len(name)
        )
        odd = self._is_odd() and least > 2
        return name[: self._chance.randint(2 if odd else least, len(name))]

    def _quoted(self, value: str) -> str:
        if self._is_odd():
            return self._oddly_quoted(value)
        if not value or set(value) & set(" \t#'\"\\") or self._happens(15):
            return f'"{value}"' if "'" in value or self._happens(50) else f"'{value}'"
        return value

    def _oddly_quoted(self, value: str) -> str:
        middle = len(value) // 2
        return self._chance.choice(
            (
                value,
                f"{value[:middle]}'{value[middle:]}'",
                f'"{value[:middle]}"{value[middle:]}',
                f"'{value}",
                f"\\{value}",
                f"{value}#x",
                f"{value};",
                f"'{value}' ",
                f"$({value})",
            )
        )

    def _flags(self) -> Iterator[str]:
        """Yield options as a shell hands them over: without quotes, in words."""
        for _ in range(self._chance.choice((0, 0, 0, 1, 1, 2, 3))):
            name = self._name()
            value = self._value(name)
            yield from [f"--{name}"] if value is None else self._written(name, value)

    def _variables(self) -> Iterator[tuple[str, str]]:
        for _ in range(self._chance.choice((0, 0, 0, 0, 1, 1, 2))):
            variable = self._chance.choice(_VARIABLES)
            words = ALL.get(VARIABLES[variable])
            if words is None or (VARIABLES[variable] in REFUSED and not self._is_odd()):
                continue
            odd = words.odd and self._is_odd()
            switches = ("", "yes", "1", *(("no", "0", "x") if self._is_odd() else ()))
            yield variable, self._chance.choice((words.odd if odd else words.good) or switches)


def _begin_with(start: str) -> int:
    return sum(name.startswith(start) for name in _NAMES)
