"""Words of which one is to be chosen, and what somebody meant who wrote another."""

from __future__ import annotations

from collections.abc import Iterable

import click

from scheduler.cli.errors import CliError
from scheduler.cli.exit_codes import ExitCode
from scheduler.cli.language import spoken
from scheduler.texts import said


class OneOf(click.Choice[str]):
    """A choice that says which word was meant before it lists them all."""

    def get_invalid_choice_message(self, value: object, ctx: click.Context | None) -> str:
        listed = super().get_invalid_choice_message(value, ctx)
        meant = suggestion(str(value), map(str, self.choices))
        return f"{listed}{spoken(meant)}"


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return a question that ends a message, empty where nothing is like the word."""
    # Imported here because only a mistake asks for it.
    from difflib import get_close_matches  # noqa: PLC0415

    near = get_close_matches(word, list(known), n=1)
    return said(" Did you mean {near!r}?", near=near[0]) if near else ""


def checked_pool(name: str, known: Iterable[str]) -> str:
    """Return the pool's name, empty for none; any name where no pool is known yet.

    Raises CliError if there is no such pool.
    """
    pools = sorted(set(known))
    if not name or not pools or name in pools:
        return name
    message = said(
        "no pool {name!r}; known: {names}.{hint}",
        name=name,
        names=", ".join(pools),
        hint=suggestion(name, pools),
    )
    raise CliError(message, ExitCode.NOT_FOUND)
