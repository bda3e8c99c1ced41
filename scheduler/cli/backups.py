"""`tendik admin backup|restore`: the service's own program, on the service's own machine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click

from scheduler.cli.errors import CliError, usage_error
from scheduler.cli.exit_codes import ExitCode
from scheduler.texts import said

# The database is its machine's: whoever may read it there may copy it, and no token opens it.
PROGRAM = "tendik-scheduler"


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path) -> None:
    """Write a whole, checked copy of the database to a new FILE.

    The service may run. Run it on the service's machine, with the service's own settings.
    """
    _run("backup", str(file))


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Give up what the database holds now.")
def restore(file: Path, replace: bool) -> None:
    """Make the database what it was when FILE was written.

    The service must be stopped. Run it on the service's machine, with the service's own settings.
    At its next start the service adopts what Slurm has run since, before it submits anything.
    """
    _run("restore", str(file), *(["--replace"] if replace else []))


def _run(*words: str) -> None:
    program = Path(sys.executable).with_name(PROGRAM)
    if not program.exists():
        raise usage_error(
            said("{program} is missing: run this on the service's machine", program=program)
        )
    done = subprocess.run([str(program), *words], check=False)
    if done.returncode:
        raise CliError(
            said("{program} {command} failed, see above", program=PROGRAM, command=words[0]),
            ExitCode.UNAVAILABLE,
        )
