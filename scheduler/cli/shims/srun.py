"""`srun` within a job: Slurm's own, for tasks and files that bear the number the user knows."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from scheduler.cli.shims.refusals import Refused
from scheduler.domain.sbatch.options import Argument, UnknownOption, option_named, short_option

PROLOG = "tendik-task-prolog"
# The job's real number, where a task sees ours in its place.
REAL_NUMBER = "TENDIK_SLURM_JOB_ID"
_FILES = frozenset({"output", "error", "input"})
_SHORT_FILES: Mapping[str, str] = {"o": "output", "e": "error", "i": "input"}
_SYMBOL = re.compile(r"%(\d*)([%a-zA-Z])")
# srun's options with a value that sbatch does not have, or has without one.
_WITH_VALUE = frozenset(
    {"bcast-exclude", "cpu-bind", "epilog", "export", "gpus-per-task", "het-group", "jobid", "mpi"}
    | {"msg-timeout", "ntasks-per-gpu", "prolog", "relative", "slurmd-debug", "task-epilog"}
    | {"task-prolog", "threads", "tres-per-task", "treewidth", "wait"}
)
_WITHOUT_VALUE = frozenset(
    {"bcast", "disable-status", "exact", "exclusive", "immediate", "interactive", "label"}
    | {"kill-on-bad-exit", "multi-prog", "no-allocate", "overlap", "preserve-env", "pty"}
    | {"quit-on-interrupt", "resv-ports", "send-libs", "unbuffered", "whole"}
)
_SHORT_WITH_VALUE = frozenset("rTW")
_SHORT_WITHOUT_VALUE = frozenset("EIKXZlquv")


def run(folder: Path, words: Sequence[str], environ: Mapping[str, str]) -> int:
    """Become Slurm's srun. Raises Refused outside of a job, and where Slurm's is not on PATH."""
    if "TENDIK_JOB_ID" not in environ:
        raise Refused("outside of a job nothing is started; submit a script with sbatch")
    program = real_srun(folder, environ.get("PATH", ""))
    own = [program, f"--task-prolog={folder / PROLOG}", *with_our_numbers(words, environ)]
    # The step's signals and streams are srun's own: nothing may stand between.
    os.execve(program, own, {**environ, **real_numbers(environ)})  # noqa: S606 - see above


def real_srun(folder: Path, path: str) -> str:
    """Return the first srun on the path that is not ours. Raises Refused."""
    others = (part for part in path.split(os.pathsep) if part and Path(part) != folder)
    found = shutil.which("srun", path=os.pathsep.join(others))
    if found is None:
        raise Refused("Slurm's own srun is not on PATH")
    return found


def real_numbers(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the job's number as Slurm knows it, for an srun that a task of a job calls."""
    real = environ.get(REAL_NUMBER)
    return {"SLURM_JOB_ID": real, "SLURM_JOBID": real} if real else {}


def with_our_numbers(words: Sequence[str], environ: Mapping[str, str]) -> list[str]:
    """Return srun's words with our numbers in the names of its files; the program's own stay."""
    return list(_numbered_words(list(words), environ))


def _numbered_words(left: list[str], environ: Mapping[str, str]) -> Iterator[str]:
    while left and left[0].startswith("-") and left[0] != "-":
        word = left.pop(0)
        if word == "--":
            left.insert(0, word)
            break
        option, value = _split(word)
        yield word if value is None else word.removesuffix(value) + _text(option, value, environ)
        if value is None and _takes_next(option) and left:
            yield _text(option, left.pop(0), environ)
    yield from left


def _split(word: str) -> tuple[str, str | None]:
    """Return the option and the value that is joined to it; of joined letters the last one."""
    if word.startswith("--"):
        option, joined, value = word.partition("=")
        return option, value if joined else None
    for place, letter in enumerate(word[1:], start=1):
        if _letter_takes_value(letter):
            return f"-{letter}", word[place + 1 :] or None
    return word[:1] + word[-1:], None


def _takes_next(option: str) -> bool:
    if not option.startswith("--"):
        return _letter_takes_value(option[1:])
    name = option[2:]
    if name in _WITH_VALUE or name in _WITHOUT_VALUE:
        return name in _WITH_VALUE
    try:
        return option_named(name).argument is Argument.REQUIRED
    except UnknownOption as unknown:
        raise Refused(f"{option} is not known here; join its value to it with =") from unknown


def _letter_takes_value(letter: str) -> bool:
    if letter in _SHORT_WITH_VALUE or letter in _SHORT_WITHOUT_VALUE:
        return letter in _SHORT_WITH_VALUE
    try:
        return short_option(letter).argument is Argument.REQUIRED
    except UnknownOption:
        return False


def _text(option: str, value: str, environ: Mapping[str, str]) -> str:
    name = _SHORT_FILES.get(option[1:], "") if not option.startswith("--") else option[2:]
    return numbered(value, environ) if name in _FILES else value


def numbered(pattern: str, environ: Mapping[str, str]) -> str:
    """Put our numbers in for %j, %J and %A, as in the files of the job itself."""
    job = int(environ["TENDIK_JOB_ID"])
    numbers = {"j": job, "A": int(environ.get("TENDIK_ARRAY_JOB_ID", job))}

    def number(found: re.Match[str]) -> str:
        width, letter = min(int(found[1] or 0), 10), found[2]
        return f"{numbers[letter]:0{width}d}" if letter in numbers else found[0]

    return pattern if "\\" in pattern else _SYMBOL.sub(number, pattern)
