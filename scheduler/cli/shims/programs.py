"""Starts the program that a launcher is named after, and ends as Slurm's would."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path

import click

from scheduler.cli.client import Client, open_client
from scheduler.cli.contexts import Flags
from scheduler.cli.errors import CliError
from scheduler.cli.exit_codes import ExitCode
from scheduler.cli.session import Session
from scheduler.cli.shims.refusals import Refused

PROGRAMS = ("sbatch", "squeue", "scancel", "sacct", "sinfo", "scontrol", "sacctmgr")
# Runs inside jobs, and asks the service nothing.
SRUN = "srun"
FAILED = 1

Program = Callable[[Client, Sequence[str]], int]


def run(launcher: str, words: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run the program and return its exit code; what went wrong is on standard error."""
    name = Path(launcher).name
    try:
        if name == SRUN:
            module = import_module(f"{__package__}.{SRUN}")
            return int(module.run(Path(launcher).parent, words, environ))
        return _answered(name, words, environ)
    except Refused as refusal:
        click.echo(refusal.text_of(name), err=True)
    except CliError as error:
        for line in error.format_message().splitlines():
            click.echo(f"{name}: error: {line}", err=True)
    except BrokenPipeError:
        return int(ExitCode.BROKEN_PIPE)
    except KeyboardInterrupt:
        return int(ExitCode.INTERRUPTED)
    return FAILED


def _answered(name: str, words: Sequence[str], environ: Mapping[str, str]) -> int:
    program: Program = import_module(f"{__package__}.{name}").run
    with click.Context(click.Command(name), obj=Session(environ)), open_client(Flags()) as client:
        return program(client, words)
