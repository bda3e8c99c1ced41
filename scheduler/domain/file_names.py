"""The names of a job's files, with the number that its user knows where they say Slurm's; pure."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from scheduler.domain.jobs import Job
from scheduler.domain.sbatch.directives import Setting
from scheduler.domain.sbatch.options_given import options_given

_SYMBOL = re.compile(r"%(\d*)([%a-zA-Z])")
_WIDEST = 10
_FILES = ("output", "error", "input")
# What Slurm says for a number of an array where there is none.
_NO_VALUE = 0xFFFFFFFE


class Numbered(Protocol):
    """What has the numbers that a user knows a job by."""

    @property
    def job_id(self) -> int: ...

    @property
    def array_id(self) -> int | None: ...

    @property
    def array_index(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of one job, and of its array where it has one."""

    job_id: int
    array_id: int | None = None
    array_index: int | None = None


def file_options(numbers: Numbered, given: Mapping[str, Setting]) -> dict[str, str]:
    """Return the job's files by the name of their option, sbatch's default output included."""
    said = {name: given[name].value for name in _FILES if name in given}
    patterns = {"output": _default(numbers)} | {name: text for name, text in said.items() if text}
    return {name: _numbered(pattern, numbers) for name, pattern in patterns.items()}


def output_path(job: Job, *, of_errors: bool = False) -> str:
    """Return where Slurm writes the job's output, or its errors: a path as Slurm makes it.

    A job of no working directory begins in its account's home, and its path is relative to that.
    """
    place = job.array
    of_array = (place.array_id, place.index) if place else ()
    numbers = Numbers(job.job_id, *of_array)
    files = file_options(numbers, options_given(job.spec))
    # Slurm writes both to one file unless it is told otherwise.
    pattern = files.get("error", files["output"]) if of_errors else files["output"]
    return posixpath.join(job.spec.working_directory, _filled(pattern, job))


def _default(numbers: Numbered) -> str:
    return "slurm-%j.out" if numbers.array_index is None else "slurm-%A_%a.out"


def _numbered(pattern: str, numbers: Numbered) -> str:
    """Put our numbers in for %j, %J and %A; a backslash tells sbatch to replace nothing."""
    job_id = numbers.job_id
    known = {"j": job_id, "J": job_id, "A": numbers.array_id or job_id}

    def number(found: re.Match[str]) -> str:
        return _padded(found, known[found[2]]) if found[2] in known else found[0]

    return pattern if "\\" in pattern else _SYMBOL.sub(number, pattern)


def _filled(pattern: str, job: Job) -> str:
    """Put in what Slurm itself puts in where the batch script begins: on the first node."""
    if "\\" in pattern:
        return pattern.replace("\\", "")
    index = job.array.index if job.array else _NO_VALUE
    counts = {"a": index, "n": 0, "t": 0}
    words = {"%": "%", "s": "batch", "u": job.unix_account, "x": job.spec.name}
    if job.placement is not None:
        words["N"] = job.placement.nodes[0].partition(".")[0]

    def symbol(found: re.Match[str]) -> str:
        if found[2] in counts:
            return _padded(found, counts[found[2]])
        return words.get(found[2], found[0])

    return _SYMBOL.sub(symbol, pattern)


def _padded(found: re.Match[str], number: int) -> str:
    return f"{number:0{min(int(found[1] or 0), _WIDEST)}d}"
