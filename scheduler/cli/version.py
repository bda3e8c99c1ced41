"""`tendik version`: which client this is."""

from __future__ import annotations

from importlib.metadata import version as installed_version

import click

from scheduler.cli.options import format_option
from scheduler.cli.records import PROGRAM
from scheduler.cli.render import Format, print_data


@click.command()
@format_option()
def version(form: Format) -> None:
    """Show this program's version."""
    found = installed_version("tendik")
    if form.for_programs:
        print_data(form, PROGRAM, {"version": found})
    else:
        click.echo(f"tendik {found}")
