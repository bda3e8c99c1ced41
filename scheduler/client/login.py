"""Which service to talk to and as whom: the command line's own rules."""

from __future__ import annotations

import os
from typing import TypedDict

from scheduler.cli.config_file import load
from scheduler.cli.contexts import Context, Flags, resolve
from scheduler.cli.session import Session
from scheduler.client.failures import local_failures


class Login(TypedDict, total=False):
    """What takes the place of TENDIK_* variables and of the login that `tendik login` stored.

    `server` is HOST:PORT, `context` a stored login, `tls_ca` a file of certificates to trust;
    `insecure` allows clear text to another machine.
    """

    server: str
    context: str
    token: str
    tls_ca: str
    insecure: bool


def context_of(login: Login) -> Context:
    """Return the connection to make. Raises WrongUse, NotFound or NotPermitted."""
    with local_failures():
        stored = load(Session(os.environ).config_file)
        return resolve(Flags(**login), os.environ, stored).checked()
