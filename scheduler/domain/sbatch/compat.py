"""What becomes of every option that a script and its flags give, one by one, with its line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce

from scheduler.domain.recalls.notices import NoticeSignal
from scheduler.domain.requests import Memory
from scheduler.domain.sbatch.directives import Setting, end_of_directives, read_flags, read_script
from scheduler.domain.sbatch.options import Handling
from scheduler.domain.sbatch.reading import read_job
from scheduler.domain.sbatch.values import Array, TypedGpus
from scheduler.errors import InvalidRequest, Violation
from scheduler.texts import Said, entry, listed, said


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
        by = said("line {line}", line=last_line) if last_line else said("a flag")
        text = said("{by} says {flag} again", by=by, flag=setting.option.flag)
        return Finding(line, str(setting), Fate.OVERRIDDEN, text)
    return Finding(line, str(setting), FATES[setting.option.handling], _meaning(setting))


# What an option is for, as its text in the table of options begins.
_WHAT: Mapping[str, str] = {
    what: what
    for what in (
        entry("CPUs for each GPU"),
        entry("CPUs of each task"),
        entry("GPUs of the whole job"),
        entry("GPUs on each node"),
        entry("memory for each CPU"),
        entry("memory for each GPU"),
        entry("memory on each node"),
        entry("node features joined by & and |"),
        entry("nodes"),
        entry("one job for each index"),
        entry("partitions that will do"),
        entry("signal before the end of the walltime"),
        entry("tasks of the whole job"),
        entry("tasks on each node"),
        entry("the job's name"),
        entry("the working directory"),
    )
}


def _meaning(setting: Setting) -> str:
    """Return what the option is for, and what was understood where that is not just its text."""
    if setting.option.name == "time":
        return said("walltime: {minutes} minutes", minutes=int(str(setting.meaning)) // 60)
    words = _words(setting.meaning)
    if not words:
        return setting.option.text
    # The table of options goes on with the rules of writing it.
    what = re.split("[;:,]", setting.option.text)[0]
    return listed((said(_WHAT[what]), words), ": ")


def _words(meaning: object) -> Said:
    match meaning:
        case TypedGpus():
            gpu_type = meaning.gpu_type or said("any")
            words = said("{count} of type {gpu_type}", count=meaning.count, gpu_type=gpu_type)
        case Memory():
            words = Said(f"{meaning.mib} MiB")
        case Array():
            words = said("{elements} elements", elements=len(meaning.indices()))
        case NoticeSignal():
            words = said("{signal}, to the {receiver}", signal=meaning.name, receiver=meaning.to)
        case tuple():
            words = reduce(_or, map(_features, meaning))
        case _:
            words = Said(str(meaning or ""))
    return words


def _features(alternative: str | frozenset[str]) -> Said:
    names = [alternative] if isinstance(alternative, str) else sorted(alternative)
    return reduce(_and, map(Said, names))


def _and(one: Said, other: Said) -> Said:
    return said("{one} and {other}", one=one, other=other)


def _or(one: Said, other: Said) -> Said:
    return said("{one} or {other}", one=one, other=other)


def _violations(script: str, flags: Sequence[str], working_directory: str) -> tuple[Violation, ...]:
    try:
        read_job(script, flags, working_directory)
    except InvalidRequest as refused:
        return refused.violations
    return ()


def _refused(violation: Violation) -> Finding:
    # That it is refused is its fate, told beside it.
    why = violation.message.values.get("text")
    text = why if isinstance(why, Said) else violation.message
    return Finding(violation.line, violation.field, Fate.REFUSED, text)


def _ignored(script: str) -> Iterator[Finding]:
    end = end_of_directives(script)
    late = said("it stands after the first command, in line {line}", line=_line(script, end))
    for match in _LIKE_A_DIRECTIVE.finditer(script):
        if match.start() >= end:
            yield Finding(_line(script, match.start()), match[0].strip(), Fate.IGNORED, late)
        elif not match[0].startswith("#SBATCH"):
            why = said("a directive begins with #SBATCH, in capitals and at the line's beginning")
            yield Finding(_line(script, match.start()), match[0].strip(), Fate.IGNORED, why)


def _line(script: str, place: int) -> int:
    return script.count("\n", 0, place) + 1
