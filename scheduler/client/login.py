"""Which service to talk to and as whom: the command line's own rules."""

from __future__ import annotations

import os
from typing import TypedDict

from scheduler.cli.config_file import load
from scheduler.cli.contexts import Context, Flags, resolve
from scheduler.cli.session import Session
from scheduler.client.failures import local_failures, said_in
from scheduler.languages import VARIABLE, language_of


class Login(TypedDict, total=False):
    """What takes the place of TENDIK_* variables and of the login that `tendik login` stored.

    `server` is HOST:PORT, `context` a stored login, `tls_ca` a file of certificates to trust;
    `insecure` allows clear text to another machine. `language` is what sentences are said in: en,
    kk or ru; English for any other.
    """

    server: str
    context: str
    token: str
    tls_ca: str
    insecure: bool
    language: str


def context_of(login: Login) -> Context:
    """Return the connection to make. Raises WrongUse, NotFound or NotPermitted."""
    flags = Flags(
        login.get("server", ""),
        login.get("context", ""),
        login.get("token", ""),
        login.get("tls_ca", ""),
        login.get("insecure", False),
    )
    with said_in(language_for(login)), local_failures():
        stored = load(Session(os.environ).config_file)
        return resolve(flags, os.environ, stored).checked()


def language_for(login: Login) -> str:
    """Return the language that is given, else the one that the environment asks for."""
    if given := login.get("language"):
        return language_of({VARIABLE: given})
    return language_of(os.environ)
