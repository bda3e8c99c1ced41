"""The help of our programs in the reader's language, and click's own sentences."""

from __future__ import annotations

import gettext
import os
from copy import copy
from typing import TypeVar

import click

from scheduler.languages import DOMAIN, ENGLISH, LOCALE, words
from scheduler.texts import entry

# What click says from a variable, where no reader of its code finds it.
CLICKS_OWN = (entry("required"),)

CommandT = TypeVar("CommandT", bound=click.Command)


def let_click_speak(to: str) -> None:
    """Let click say its own sentences in the language: it asks `gettext`, which asks variables."""
    gettext.bindtextdomain(DOMAIN, str(LOCALE))
    os.environ["LANGUAGE"] = to


def helped(command: CommandT, to: str) -> CommandT:
    """Return the command with its help in the language, and those of its options and commands."""
    if to == ENGLISH:
        return command
    told = copy(command)
    # click keeps the option --help once it is made, in the language of that moment.
    told._help_option = None
    told.help = _paragraphs(told.help or "", to)
    told.params = [_with_help(param, to) for param in told.params]
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
