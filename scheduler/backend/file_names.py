"""The names of a job's files, with the number that its user knows where they say Slurm's; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from scheduler.domain.cluster import Launch
from scheduler.domain.sbatch_directives import Setting

_SYMBOL = re.compile(r"%(\d*)([%a-zA-Z])")
_WIDEST = 10
_FILES = ("output", "error", "input")


def file_options(launch: Launch, given: Mapping[str, Setting]) -> dict[str, str]:
    """Return the job's files by the name of their option, sbatch's default output included."""
    said = {name: given[name].value for name in _FILES if name in given}
    patterns = {"output": _default(launch)} | {name: text for name, text in said.items() if text}
    return {name: _numbered(pattern, launch) for name, pattern in patterns.items()}


def _default(launch: Launch) -> str:
    return "slurm-%j.out" if launch.array_index is None else "slurm-%A_%a.out"


def _numbered(pattern: str, launch: Launch) -> str:
    """Put our numbers in for %j, %J and %A; a backslash tells sbatch to replace nothing."""
    numbers = {"j": launch.job_id, "J": launch.job_id, "A": launch.array_id or launch.job_id}

    def number(found: re.Match[str]) -> str:
        width, letter = min(int(found[1] or 0), _WIDEST), found[2]
        return f"{numbers[letter]:0{width}d}" if letter in numbers else found[0]

    return pattern if "\\" in pattern else _SYMBOL.sub(number, pattern)
