"""From the lines of a script, and from flags, to options with their values."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from scheduler.domain.sbatch import values
from scheduler.domain.sbatch.dependency import dependency
from scheduler.domain.sbatch.options import (
    Argument,
    Handling,
    Option,
    UnknownOption,
    option_named,
    short_option,
)
from scheduler.domain.sbatch.passed import check_passed
from scheduler.errors import Violation
from scheduler.texts import Said, said, said_by

MAX_VIOLATIONS = 50
MAX_FLAGS = 256
MAX_SETTINGS = 1000
MAX_DIRECTIVE_LENGTH = 16_384
_CACHED_LENGTH = 200

# What each option's value is read with; options not named keep their text.
READERS: Mapping[str, Callable[[str], object]] = {
    "gpus": values.gpus,
    "gpus-per-node": values.gpus,
    "gres": values.gres,
    "nodes": values.nodes,
    "ntasks": values.count,
    "ntasks-per-node": values.count,
    "cpus-per-task": values.count,
    "cpus-per-gpu": values.count,
    "mem": values.memory_of_node,
    "mem-per-cpu": values.memory_of_cpu,
    "mem-per-gpu": values.memory_of_gpu,
    "time": values.walltime_s,
    "job-name": values.job_name,
    "partition": values.partitions,
    "constraint": values.constraint,
    "array": values.array,
    "chdir": values.directory,
    "signal": values.signal,
    "dependency": dependency,
    "kill-on-invalid-dep": values.yes_or_no,
    "account": values.account,
    "qos": values.quality_of_service,
}


@dataclass(frozen=True, slots=True)
class Setting:
    """One option as it was given; `value` is its text, `meaning` what was read from it.

    `field` is the name of the meaning, empty when the option is not one of READERS.
    """

    option: Option
    value: str | None
    field: str = ""
    meaning: object = None

    def __str__(self) -> str:
        return self.option.flag if self.value is None else f"{self.option.flag}={self.value}"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one word of a directive."""

    field: str
    message: Said


class Words(NamedTuple):
    """What the words of one line, or of all flags, come to."""

    settings: tuple[Setting, ...] = ()
    faults: tuple[Fault, ...] = ()


@dataclass(slots=True)
class Reading:
    """Options in the order in which they were given, each with its line, and what was wrong."""

    settings: list[tuple[Setting, int]] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)

    def take(self, words: Words, line: int) -> None:
        for setting in words.settings:
            self.settings.append((setting, line))
        for fault in words.faults:
            self.violations.append(Violation(fault.field, fault.message, line))

    def gives(self, name: str) -> bool:
        return any(setting.option.name == name for setting, _ in self.settings)


# Scripts may be large, so the lines are found by expressions rather than one by one. ASCII: only
# bytes that C's isspace() knows are space to sbatch.
_FIRST_COMMAND = re.compile(r"^[^\S\n]*[^\s#]", re.MULTILINE | re.ASCII)
_DIRECTIVE = re.compile(r"^#S(?:BATCH|LURM).*", re.MULTILINE)
# sbatch obeys lines that begin with these even after the first command.
_FOREIGN = ("\n#PBS", "\n#BSUB")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_PLAIN = re.compile(r"[A-Za-z0-9_.,:;/@%+=~^!?*&|<>(){}\[\]$ \t-]*")


def read_script(script: str) -> Reading:
    """Read the directives before the first command."""
    reading = Reading()
    end = end_of_directives(script)
    line, counted = 1, 0
    for match in _DIRECTIVE.finditer(script, 0, end):
        line += script.count("\n", counted, counted := match.start())
        if len(reading.settings) >= MAX_SETTINGS or len(reading.violations) >= MAX_VIOLATIONS:
            reading.take(_TOO_MUCH, line)
            break
        # Scripts repeat each other's directives, and what a line means depends on nothing else.
        text = match[0]
        reading.take(_short_line(text) if len(text) <= _CACHED_LENGTH else _line(text), line)
    _refuse_foreign(script, reading)
    return reading


def end_of_directives(script: str) -> int:
    """Return where the first command begins; the script's length when there is none."""
    command = _FIRST_COMMAND.search(script)
    return command.start() if command else len(script)


def _refuse_foreign(script: str, reading: Reading) -> None:
    for word in _FOREIGN:
        place = script.find(word)
        if place >= 0 and not reading.gives("ignore-pbs"):
            message = said("Slurm would obey this line; write #SBATCH, or add #SBATCH --ignore-pbs")
            line = script.count("\n", 0, place + 1) + 1
            reading.take(_wrong(word.strip(), message), line)


def _wrong(name: str, message: Said) -> Words:
    return Words(faults=(Fault(name, message),))


_TOO_MUCH = _wrong(
    "script", said("has more directives, or more wrong with them, than is read; mend it")
)


@lru_cache(maxsize=4096)
def _short_line(text: str) -> Words:
    return _line(text)


def _line(text: str) -> Words:
    if text.startswith("#SLURM"):
        return _wrong("#SLURM", said("Slurm would obey this line; write #SBATCH, or '# SLURM'"))
    if len(text) > MAX_DIRECTIVE_LENGTH:
        return _wrong(
            "#SBATCH",
            said("is longer than {most} characters; shorten it", most=MAX_DIRECTIVE_LENGTH),
        )
    if _CONTROL.search(text):
        return _wrong(
            "#SBATCH", said("has a carriage return or another control character; remove it")
        )
    if "\\" in text:
        return _wrong(
            "#SBATCH", said("has a backslash, which quotes differently in Slurm; use quotes")
        )
    try:
        words = _words(text.removeprefix("#SBATCH"))
    except ValueError:
        return _wrong("#SBATCH", said("has a quote that is not closed on its line; close it"))
    return _read(words, _reserved(words))


def _words(text: str) -> list[str]:
    if _PLAIN.fullmatch(text):
        return text.split()
    lexer = shlex.shlex(text, posix=True, punctuation_chars=False)
    lexer.whitespace, lexer.whitespace_split = " \t", True
    return list(lexer)


def _reserved(words: Sequence[str]) -> Iterator[Fault]:
    """Name the words that make sbatch read a line otherwise than a shell would."""
    for word in words:
        if word.lower() in ("hetjob", "packjob"):
            yield Fault(
                "#SBATCH", said("heterogeneous jobs are not taken; submit a job for each part")
            )
        elif not word or word.startswith(":"):
            yield Fault(
                "#SBATCH", said("Slurm does not read {word!r} as a word; remove it", word=word)
            )


def read_flags(flags: Sequence[str]) -> Reading:
    """Read options as they stand on a command line, already split into words."""
    reading = Reading()
    if len(flags) > MAX_FLAGS:
        reading.take(
            _wrong(
                "flags", said("are more than {most}; write them into the script", most=MAX_FLAGS)
            ),
            0,
        )
    elif wrong := next((flag for flag in flags if _CONTROL.search(flag)), None):
        message = said(
            "{wrong} has a newline or another control character; remove it",
            wrong=values.shown(wrong),
        )
        reading.take(_wrong("flags", message), 0)
    elif flags:
        short = sum(map(len, flags)) <= _CACHED_LENGTH
        reading.take(_short_flags(tuple(flags)) if short else _read(flags, ()), 0)
    return reading


@lru_cache(maxsize=1024)
def _short_flags(flags: tuple[str, ...]) -> Words:
    return _read(flags, ())


def _read(words: Sequence[str], reserved: Iterable[Fault]) -> Words:
    """Read words as getopt_long does, stopping after as many faults as anybody reads."""
    settings: list[Setting] = []
    faults = list(reserved)
    rest = iter(words)
    for word in rest:
        for item in _one_word(word, rest):
            if isinstance(item, Fault):
                faults.append(item)
            else:
                settings.append(item)
        if len(faults) >= MAX_VIOLATIONS:
            break
    return Words(tuple(settings), tuple(faults))


def _one_word(word: str, rest: Iterator[str]) -> Iterator[Setting | Fault]:
    if word.startswith("--") and len(word) > 2:
        yield _long(word, rest)
    elif word.startswith("-") and len(word) > 1 and word != "--":
        yield from _cluster(word[1:], rest)
    else:
        yield Fault(values.shown(word), said("is not an option; quote values that hold spaces"))


def _long(word: str, rest: Iterator[str]) -> Setting | Fault:
    name, equals, value = word[2:].partition("=")
    try:
        option = option_named(name)
    except UnknownOption as unknown:
        return Fault(f"--{values.shown(name)[1:-1]}", said_by(unknown))
    if option.argument is Argument.NONE and equals:
        return Fault(option.flag, said("takes no value; leave out what follows the ="))
    if option.argument is Argument.REQUIRED and not equals:
        return _with_next(option, rest)
    return _setting(option, value if equals else None)


def _cluster(letters: str, rest: Iterator[str]) -> Iterator[Setting | Fault]:
    """Read `-vN2` or `-N 2`: letters without values, then at most one with a value."""
    for place, letter in enumerate(letters):
        try:
            option = short_option(letter)
        except UnknownOption as unknown:
            yield Fault(f"-{letter}", said_by(unknown))
            return
        joined = letters[place + 1 :]
        if option.argument is Argument.NONE:
            yield _setting(option, None)
            continue
        needs_next = option.argument is Argument.REQUIRED and not joined
        yield _with_next(option, rest) if needs_next else _setting(option, joined or None)
        return


def _with_next(option: Option, rest: Iterator[str]) -> Setting | Fault:
    value = next(rest, None)
    if value is None:
        return Fault(option.flag, said("needs a value: {usage}", usage=option.usage))
    return _setting(option, value)


def _setting(option: Option, value: str | None) -> Setting | Fault:
    if option.handling is Handling.REFUSED:
        return Fault(option.flag, said("is refused: {text}", text=option.text))
    if value is None:
        return Setting(option, value)
    try:
        if (reader := READERS.get(option.name)) is not None:
            return Setting(option, value, option.name.replace("-", "_"), reader(value))
        check_passed(option, value)
        return Setting(option, value)
    except ValueError as wrong:
        return Fault(option.flag, said_by(wrong))
