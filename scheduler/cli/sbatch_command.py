"""A command line of our options among sbatch's."""

from __future__ import annotations

import sys

import click

from scheduler.cli.errors import usage_error
from scheduler.cli.files import STDIN
from scheduler.cli.sbatch_words import tell_apart
from scheduler.texts import said


class SbatchCommand(click.Command):
    """A command that leaves the options it does not know to sbatch.

    Without a script, or --wrap in its place, standard input is read, but never a terminal.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        options = [param for param in self.get_params(ctx) if isinstance(param, click.Option)]
        own = {name: not option.is_flag for option in options for name in option.opts}
        if ctx.resilient_parsing:
            # A line that is still being written need not be right.
            return super().parse_args(ctx, args)
        if "--help" in args or (not args and sys.stdin.isatty()):
            return super().parse_args(ctx, ["--help"])
        told = tell_apart(args, own)
        if not told.wraps and not told.script and sys.stdin.isatty():
            raise usage_error(said("no script is named: give a file, or - for standard input"))
        return super().parse_args(ctx, [*told.own, "--", told.script or STDIN, *told.flags])
