"""What the terminal can show: colour, width, and text that cannot harm it."""

from __future__ import annotations

import shutil
import sys

import click

from scheduler.cli.language import spoken
from scheduler.cli.session import Session

# Wide enough that nothing is cut where no terminal sets a width.
UNLIMITED_COLUMNS = 10_000


def printable(text: str) -> str:
    """Return the text with control characters replaced, tabs kept.

    Job names and scripts are other people's words: escape sequences in them must not reach the
    reader's terminal.
    """
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char == "\t" else "\N{REPLACEMENT CHARACTER}" for char in text
    )


def on_terminal() -> bool:
    """Say whether standard output is read by a person."""
    return sys.stdout.isatty()


def stdout_colour() -> bool:
    return on_terminal() and _colour_wanted()


def stderr_colour() -> bool:
    return sys.stderr.isatty() and _colour_wanted()


def columns() -> int:
    """Return how many columns a line of standard output may have."""
    return shutil.get_terminal_size().columns if on_terminal() else UNLIMITED_COLUMNS


def note(message: str) -> None:
    """Tell the person something that is not data."""
    click.echo("\n".join(map(printable, spoken(message).splitlines())), err=True)


def say(sentence: str, *, err: bool = False) -> None:
    """Tell the person what was asked for, in the reader's language."""
    click.echo("\n".join(map(printable, spoken(sentence).splitlines())), err=err)


def _colour_wanted() -> bool:
    context = click.get_current_context(silent=True)
    session = context.find_object(Session) if context else None
    return not (session and session.environ.get("NO_COLOR"))
