"""The submitting shell's variables: which of them are kept, and which a job is given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from scheduler.errors import Violation
from scheduler.texts import Said, said

MAX_VARIABLES = 4096
MAX_NAME_LENGTH = 256
MAX_BYTES = 128 * 1024
# Linux begins no program with a longer NAME=value, its NUL counted.
MAX_VARIABLE_BYTES = 128 * 1024 - 1
# Slurm sets its own in each job; SBATCH_ and SPANK_ would steer a submission past what was
# admitted; ours may hold a token.
RESERVED = ("SLURM_", "_SLURM_", "SBATCH_", "SPANK_", "TENDIK_")
_NOTHING = ("NONE", "NIL")


def kept(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that may be stored and given to a job."""
    return {name: value for name, value in environment.items() if not name.startswith(RESERVED)}


def exported(environment: Mapping[str, str], export: str | None) -> dict[str, str]:
    """Return what sbatch's --export of this value takes from the environment; None means all.

    Variables that the value itself sets (`NAME=value`) are Slurm's to set.
    """
    names = ("ALL" if export is None else export).split(",")
    if takes_nothing(export):
        return {}
    if any(name.upper() == "ALL" for name in names):
        return kept(environment)
    return {name: value for name, value in kept(environment).items() if name in names}


def takes_nothing(export: str | None) -> bool:
    """Say whether sbatch's --export of this value leaves the whole environment behind."""
    return (export or "").upper() in _NOTHING


def violations(environment: Mapping[str, str]) -> Iterator[Violation]:
    """Yield what no job can be given."""
    if len(environment) > MAX_VARIABLES:
        yield _wrong(
            said(
                "has {given} variables, of which {most} are taken",
                given=len(environment),
                most=MAX_VARIABLES,
            )
        )
    size = sum(len(text.encode()) for item in environment.items() for text in item)
    if size > MAX_BYTES:
        yield _wrong(said("has {size} bytes, of which {most} are taken", size=size, most=MAX_BYTES))
    elif (longest := _longest(environment)) > MAX_VARIABLE_BYTES:
        yield _wrong(
            said(
                "has a variable of {size} bytes, of which {most} are taken",
                size=longest,
                most=MAX_VARIABLE_BYTES,
            )
        )
    if any(not _is_name(name) for name in environment):
        yield _wrong(said("has a name that is empty, unprintable, long or holds a ="))
    if any("\0" in value for value in environment.values()):
        yield _wrong(said("has a value with a NUL character"))


def _wrong(message: Said) -> Violation:
    return Violation(
        "environment", said("{message}; name those that are needed with --export", message=message)
    )


def _is_name(name: str) -> bool:
    # Exported functions of bash have names like BASH_FUNC_module%%.
    return 0 < len(name) <= MAX_NAME_LENGTH and name.isprintable() and "=" not in name


def _longest(environment: Mapping[str, str]) -> int:
    """Return the bytes of the longest NAME=value."""
    return max((len(f"{name}={value}".encode()) for name, value in environment.items()), default=0)
