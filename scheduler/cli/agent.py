"""`tendik agent`: becomes the program that stands between the service and Slurm."""

from __future__ import annotations

import os
import sys

import click

from scheduler.cli.language import language
from scheduler.languages import VARIABLE

# -P: root must not run what lies in the folder where he happens to be.
PROGRAM = (sys.executable, "-P", "-m", "scheduler.agent")


@click.command(
    add_help_option=False,
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
)
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
def agent(options: tuple[str, ...]) -> None:
    """Serve Slurm to the service; for operators."""
    environ = {**os.environ, VARIABLE: language()}
    os.execve(sys.executable, [*PROGRAM, *options], environ)  # noqa: S606 - our own, no shell
