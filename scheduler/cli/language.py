"""The language that a run of the program speaks: its own sentences, and click's."""

from __future__ import annotations

import gettext
import os
from copy import copy
from typing import TypeVar

import click

from scheduler.cli.session import Session
from scheduler.languages import DOMAIN, ENGLISH, LOCALE, VARIABLE, language_of, words
from scheduler.texts import Said

CommandT = TypeVar("CommandT", bound=click.Command)


def language() -> str:
    """Return the running command's language."""
    context = click.get_current_context(silent=True)
    session = context.find_object(Session) if context else None
    return language_of(session.environ) if session else ENGLISH


def spoken(text: str) -> str:
    """Return a sentence in the running command's language, and any other text as it is."""
    return text.in_words(words(language())) if isinstance(text, Said) else text


def let_click_speak(to: str) -> None:
    """Let click say its own sentences in the language: it asks `gettext`, which asks variables."""
    gettext.bindtextdomain(DOMAIN, str(LOCALE))
    os.environ["LANGUAGE"] = to


def choose(context: click.Context, _option: click.Parameter, value: str | None) -> None:
    """Let the run speak the language that its command line asks for."""
    session = context.find_object(Session)
    if value and session:
        context.obj = session.with_variable(VARIABLE, value)
        let_click_speak(value)


def helped(command: CommandT, to: str) -> CommandT:
    """Return the command with its help in the language, and those of its options and commands."""
    if to == ENGLISH:
        return command
    told = copy(command)
    # click keeps the option --help once it is made, in the language of that moment.
    told._help_option = None
    told.help = _paragraphs(command.help or "", to)
    told.params = [_with_help(param, to) for param in command.params]
    if isinstance(told, click.Group):
        told.commands = {name: helped(each, to) for name, each in told.commands.items()}
    return told


def _with_help(param: click.Parameter, to: str) -> click.Parameter:
    if not isinstance(param, click.Option) or not param.help:
        return param
    told = copy(param)
    told.help = words(to).gettext(param.help)
    return told


def _paragraphs(text: str, to: str) -> str:
    parts = (" ".join(part.split()) for part in text.split("\n\n") if part.strip())
    return "\n\n".join(words(to).gettext(part) for part in parts)
