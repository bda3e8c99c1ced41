"""Options that many commands share: the connection, and the form of the output."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

import click

from scheduler.cli.choices import OneOf
from scheduler.cli.completers import contexts
from scheduler.cli.contexts import Flags
from scheduler.cli.files import read_text
from scheduler.cli.render import Format

if TYPE_CHECKING:
    from scheduler.cli.client import Client

P = ParamSpec("P")

_CONNECTION = (
    click.option("--server", default="", metavar="HOST:PORT", help="The service to ask."),
    click.option(
        "--context",
        default="",
        metavar="NAME",
        help="A stored login to use.",
        shell_complete=contexts,
    ),
    click.option("--token-file", default="", metavar="FILE", help="Read the token from here."),
    click.option("--tls-ca", default="", metavar="FILE", help="Certificates to trust."),
    click.option("--insecure", is_flag=True, help="Allow clear text to another machine."),
)


Opened = Callable[[], "AbstractContextManager[Client]"]


def connectable(command: Callable[Concatenate[Opened, P], None]) -> Callable[..., None]:
    """Give the command the connection's options, and what opens the client that it may need."""

    @functools.wraps(command)
    def with_opener(
        server: str, context: str, token_file: str, tls_ca: str, insecure: bool, **rest: Any
    ) -> None:
        def opened() -> AbstractContextManager[Client]:
            # Imported here because commands that ask no service share this module, and gRPC is
            # slow.
            from scheduler.cli.client import open_client  # noqa: PLC0415

            token = read_text(token_file) if token_file else ""
            return open_client(Flags(server, context, token.strip(), tls_ca, insecure))

        command(opened, **rest)  # type: ignore[call-arg]  # click gives arguments by name

    return functools.reduce(lambda inner, option: option(inner), _CONNECTION[::-1], with_opener)


def connected(command: Callable[Concatenate[Client, P], None]) -> Callable[..., None]:
    """Give the command the connection's options, and an open client as its first argument."""

    @functools.wraps(command)
    def with_client(opened: Opened, /, **rest: Any) -> None:
        with opened() as client:
            command(client, **rest)  # type: ignore[call-arg]  # click gives arguments by name

    return connectable(with_client)


def format_option(*names: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return the option for the output's form; short where `-o` means nothing else."""
    return click.option(
        *(names or ("-o", "--format")),
        "form",
        type=OneOf([form.value for form in Format]),
        callback=lambda _context, _option, value: Format(value),
        default=Format.TABLE.value,
        show_default=True,
        help="How data is written.",
    )
