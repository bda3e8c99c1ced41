"""`tendik version`: which client this is."""

from __future__ import annotations

from importlib.metadata import version as installed_version

import click


@click.command()
def version() -> None:
    """Show this program's version."""
    click.echo(f"tendik {installed_version('tendik')}")
