"""`tendik completion`: the script for the shell, and the answers to what it asks."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress

import click
from click.shell_completion import ShellComplete, get_completion_class, shell_complete

from scheduler.cli.choices import OneOf
from scheduler.cli.session import Session

# By which the shell's function, which click writes, asks this program.
VARIABLE = "_TENDIK_COMPLETE"


@click.command()
@click.argument("shell", type=OneOf(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Write the script that completes words in your shell.

    bash: echo 'eval "$(tendik completion bash)"' >> ~/.bashrc

    zsh: echo 'eval "$(tendik completion zsh)"' >> ~/.zshrc

    fish: tendik completion fish > ~/.config/fish/completions/tendik.fish
    """
    kind = get_completion_class(shell)
    if kind is None:
        raise LookupError(shell)
    # Bash's own `source` would first start a shell to ask for its version.
    click.echo(ShellComplete.source(kind(ctx.find_root().command, {}, "tendik", VARIABLE)))


def complete(program: click.Command, environ: Mapping[str, str]) -> None:
    """Answer the shell; whatever goes wrong, nothing is written but completions."""
    # By its number, because gRPC's core and Python's own end write there too.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    with suppress(Exception):
        shell_complete(program, {"obj": Session(environ)}, "tendik", VARIABLE, environ[VARIABLE])
