"""The language that a run of the program speaks."""

from __future__ import annotations

import click

from scheduler.cli.session import Session
from scheduler.languages import ENGLISH, VARIABLE, language_of, words
from scheduler.languages.programs import let_click_speak
from scheduler.texts import Said


def language() -> str:
    """Return the running command's language."""
    context = click.get_current_context(silent=True)
    session = context.find_object(Session) if context else None
    return language_of(session.environ) if session else ENGLISH


def spoken(text: str) -> str:
    """Return a sentence in the running command's language, and any other text as it is."""
    return text.in_words(words(language())) if isinstance(text, Said) else text


def choose(context: click.Context, _option: click.Parameter, value: str | None) -> None:
    """Let the run speak the language that its command line asks for."""
    session = context.find_object(Session)
    if value and session:
        context.obj = session.with_variable(VARIABLE, value)
        let_click_speak(value)
