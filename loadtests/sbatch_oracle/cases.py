"""What is handed in: a script, the flags beside it, and the caller's variables."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from loadtests.stack import ROOT

CORPUS = ROOT / "tests" / "sbatch" / "corpus"


SCRIPT_NAME = "job.sh"


class Way(StrEnum):
    """How the script reaches sbatch."""

    FILE = "file"
    STDIN = "standard input"
    WRAP = "wrap"


@dataclass(frozen=True, slots=True)
class Case:
    """One call of sbatch; `name` finds it again: a file's name or a generator's seed.

    On the way of --wrap, the script is the command.
    """

    name: str
    script: str
    flags: tuple[str, ...] = ()
    environ: Mapping[str, str] = field(default_factory=dict)
    way: Way = Way.FILE

    @property
    def arguments(self) -> tuple[str, ...]:
        """Return all that stands on the command line."""
        ends = {Way.FILE: (SCRIPT_NAME,), Way.STDIN: (), Way.WRAP: (f"--wrap={self.script}",)}
        return (*self.flags, *ends[self.way])

    def __str__(self) -> str:
        variables = [f"{name}={shlex.quote(value)}" for name, value in self.environ.items()]
        call = " ".join([*variables, "sbatch", shlex.join(self.arguments)])
        return f"--- {self.name}: {call}\n{self.script!r} from {self.way}"


def corpus(folder: Path = CORPUS) -> list[Case]:
    """Return the collected scripts, by name, each without flags."""
    files = sorted(folder.glob("*.sh"))
    return [Case(file.name, file.read_bytes().decode()) for file in files]
