"""`tendik shims`: launchers by the names of Slurm's programs, in a folder of their own."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from scheduler.cli.errors import usage_error
from scheduler.cli.shims.folder import install
from scheduler.cli.terminal import say
from scheduler.texts import said


@click.group()
def shims() -> None:
    """Programs named as Slurm's, for workflow tools.

    They ask this service; docs/shims.md says what each of them answers.
    """


@shims.command("install")
@click.argument("folder", type=click.Path(path_type=Path))
def install_command(folder: Path) -> None:
    """Write sbatch, squeue, scancel, sacct, sinfo, scontrol, sacctmgr and srun into FOLDER."""
    whole = folder.absolute()
    try:
        install(whole, sys.executable)
    except FileExistsError as error:
        raise usage_error(
            said(
                "{file} is in the way, and not ours\nChoose a folder of its own.",
                file=error.args[0],
            )
        ) from error
    except OSError as error:
        raise usage_error(
            said("cannot write {path}: {reason}", path=whole, reason=error.strerror)
        ) from error
    say(said('Put them before Slurm\'s own: export PATH="{folder}:$PATH"', folder=whole))
