"""What is handed in: a script from a file, standard input or --wrap, and the flags beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scheduler.cli.errors import CliError, usage_error
from scheduler.cli.exit_codes import ExitCode
from scheduler.cli.files import STDIN, read_text, source_name
from scheduler.domain.sbatch.directives import Reading, read_flags, read_script
from scheduler.domain.sbatch.environment import environment_flags
from scheduler.domain.sbatch.values import MAX_NAME_LENGTH
from scheduler.texts import listed, said

MAX_SCRIPT_BYTES = 4 * 1024 * 1024
# sbatch's own words.
_WRAPPED = "#!/bin/sh\n# This script was created by sbatch --wrap.\n\n{command}\n"
_WRAPPED_NAME = "wrap"


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A script and flags as they are sent; `source` is what messages call the script.

    The flags begin with those that stand for sbatch's variables: they override the script, and the
    caller's own flags override them.
    """

    script: str
    flags: tuple[str, ...]
    source: str

    def gives(self, name: str) -> bool:
        """Say whether an option is given anywhere, cut or joined as sbatch allows."""
        return any(reading.gives(name) for reading in self._readings())

    def _readings(self) -> tuple[Reading, Reading]:
        return read_script(self.script), read_flags(self.flags)


@dataclass(frozen=True, slots=True)
class Source:
    """A script's text, what messages call it, and the job's name where no other is given."""

    text: str
    shown: str
    job_name: str = ""


def source_of(path: str, wrap: str | None) -> Source:
    """Return the script as sbatch would take it, named as sbatch names it. Raises CliError."""
    if wrap is not None:
        return Source(_wrapped(wrap), "--wrap", _WRAPPED_NAME)
    return Source(_script(path), source_name(path), "" if path == STDIN else Path(path).name)


def handed_in(source: Source, flags: Sequence[str], environ: Mapping[str, str]) -> HandedIn:
    """Return the script with all that stands beside it. Raises CliError for a wrong variable."""
    given = HandedIn(source.text, (*_flags_of_variables(environ), *flags), source.shown)
    return _named(given, source.job_name)


def _flags_of_variables(environ: Mapping[str, str]) -> tuple[str, ...]:
    read = environment_flags(environ)
    if read.violations:
        lines = listed((violation.sentence for violation in read.violations), "\n")
        raise CliError(
            said("the environment asks for what is not taken\n{lines}", lines=lines),
            ExitCode.INVALID,
        )
    return tuple(read.flags.values())


def _script(path: str) -> str:
    text = read_text(path)
    if len(text.encode()) > MAX_SCRIPT_BYTES:
        message = said(
            "{file} is larger than 4 MiB; keep data out of the script", file=source_name(path)
        )
        raise CliError(message, ExitCode.INVALID)
    return text


def _wrapped(command: str) -> str:
    """Return sbatch's script of a command, which may not hold what Slurm would obey in a script."""
    script = _WRAPPED.format(command=command)
    reading = read_script(script)
    if reading.settings or reading.violations:
        raise usage_error(
            said(
                "the command of --wrap has a line that would be read as a directive, which "
                "sbatch does not\nGive the options as flags."
            )
        )
    return script


def _named(given: HandedIn, name: str) -> HandedIn:
    if not name or not name.isprintable() or len(name) > MAX_NAME_LENGTH:
        return given
    if given.gives("job-name"):
        return given
    return HandedIn(given.script, (f"--job-name={name}", *given.flags), given.source)
