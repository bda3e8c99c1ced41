"""What becomes of every option that a script and its flags give, one by one, with its line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from scheduler.domain.notices import NoticeSignal
from scheduler.domain.requests import Memory
from scheduler.domain.sbatch import read_job
from scheduler.domain.sbatch_directives import Setting, end_of_directives, read_flags, read_script
from scheduler.domain.sbatch_options import Handling
from scheduler.domain.sbatch_values import Array, TypedGpus
from scheduler.errors import InvalidRequest, Violation


class Fate(StrEnum):
    """What becomes of one option or line."""

    READ = "read"
    ANSWERED = "answered"
    PASSED = "passed on"
    REFUSED = "refused"
    OVERRIDDEN = "overridden"
    IGNORED = "ignored"


FATES: Mapping[Handling, Fate] = {
    Handling.READ: Fate.READ,
    Handling.ANSWERED: Fate.ANSWERED,
    Handling.PASSED: Fate.PASSED,
    Handling.REFUSED: Fate.REFUSED,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One option or line; `line` 0 means that it is no line of the script but a flag."""

    line: int
    written: str
    fate: Fate
    text: str


# What looks like a directive; those that are none are told, because people expect them to count.
_LIKE_A_DIRECTIVE = re.compile(r"^[ \t]*#+[ \t]*SBATCH\b.*", re.MULTILINE | re.IGNORECASE)


def findings(script: str, flags: Sequence[str], working_directory: str) -> list[Finding]:
    """Return what becomes of everything, in the order of the lines, flags last."""
    given = [*read_script(script).settings, *read_flags(flags).settings]
    last = {setting.option.name: place for place, (setting, _) in enumerate(given)}
    found = [
        _settled(setting, line, given[last[setting.option.name]][1], last[setting.option.name] > at)
        for at, (setting, line) in enumerate(given)
    ]
    found += map(_refused, _violations(script, flags, working_directory))
    found += _ignored(script)
    return sorted(found, key=lambda finding: (finding.line == 0, finding.line))


def _settled(setting: Setting, line: int, last_line: int, is_overridden: bool) -> Finding:
    if is_overridden:
        by = f"line {last_line}" if last_line else "a flag"
        text = f"{by} says {setting.option.flag} again"
        return Finding(line, str(setting), Fate.OVERRIDDEN, text)
    return Finding(line, str(setting), FATES[setting.option.handling], _meaning(setting))


def _meaning(setting: Setting) -> str:
    """Return what the option is for, and what was understood where that is not just its text."""
    if setting.option.name == "time":
        return f"walltime: {int(str(setting.meaning)) // 60} minutes"
    words = _words(setting.meaning)
    # The table goes on with the rules of writing it.
    what = re.split("[;:,]", setting.option.text)[0]
    return f"{what}: {words}" if words else setting.option.text


def _words(meaning: object) -> str:
    match meaning:
        case TypedGpus():
            words = f"{meaning.count} of type {meaning.gpu_type or 'any'}"
        case Memory():
            words = f"{meaning.mib} MiB"
        case Array():
            words = f"{len(meaning.indices())} elements"
        case NoticeSignal():
            words = f"{meaning.name}, to the {meaning.to}"
        case tuple():
            words = " or ".join(map(_features, meaning))
        case _:
            words = str(meaning or "")
    return words


def _features(alternative: str | frozenset[str]) -> str:
    is_one = isinstance(alternative, str)
    return str(alternative) if is_one else " and ".join(sorted(alternative))


def _violations(script: str, flags: Sequence[str], working_directory: str) -> tuple[Violation, ...]:
    try:
        read_job(script, flags, working_directory)
    except InvalidRequest as refused:
        return refused.violations
    return ()


def _refused(violation: Violation) -> Finding:
    text = violation.message.removeprefix("is refused: ")
    return Finding(violation.line, violation.field, Fate.REFUSED, text)


def _ignored(script: str) -> Iterator[Finding]:
    end = end_of_directives(script)
    late = f"it stands after the first command, in line {_line(script, end)}"
    for match in _LIKE_A_DIRECTIVE.finditer(script):
        if match.start() >= end:
            yield Finding(_line(script, match.start()), match[0].strip(), Fate.IGNORED, late)
        elif not match[0].startswith("#SBATCH"):
            why = "a directive begins with #SBATCH, in capitals and at the line's beginning"
            yield Finding(_line(script, match.start()), match[0].strip(), Fate.IGNORED, why)


def _line(script: str, place: int) -> int:
    return script.count("\n", 0, place) + 1
