"""`tendik context …`: the stored logins."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click

from scheduler.cli.completers import contexts
from scheduler.cli.config_file import load, save
from scheduler.cli.contexts import Config, Context
from scheduler.cli.errors import usage_error
from scheduler.cli.options import format_option
from scheduler.cli.records import CONTEXT
from scheduler.cli.render import Format, print_data, print_fields, print_table
from scheduler.cli.session import session
from scheduler.cli.table import Column, Table
from scheduler.cli.terminal import note, say
from scheduler.texts import said


@click.group()
def context() -> None:
    """Choose between stored logins."""


@context.command("list")
@format_option()
def list_contexts(form: Format) -> None:
    """List the stored logins; * marks the one in use."""
    config = _config()
    if form.for_programs:
        print_data(form, CONTEXT, [_fields(config, name) for name in config.contexts])
        return
    if not config.contexts:
        note(said("no contexts yet; see `tendik login --help`"))
        return
    heads = (Column(""), Column(said("NAME")), Column(said("SERVER")), Column(said("TRANSPORT")))
    rows = [
        ("*" if name == config.current else "", name, stored.server, _transport(stored))
        for name, stored in config.contexts.items()
    ]
    print_table(Table(heads, rows))


@context.command()
@click.argument("name", metavar="NAME", shell_complete=contexts)
def use(name: str) -> None:
    """Use this login from now on."""
    config = _config()
    stored = config.named(name)
    save(session().config_file, replace(config, current=name))
    say(said("Using {name!r}: {server}", name=name, server=stored.server))


@context.command()
@click.argument("name", metavar="[NAME]", required=False, shell_complete=contexts)
@format_option()
def show(name: str | None, form: Format) -> None:
    """Show a login, the one in use without NAME; its token stays hidden."""
    config = _config()
    name = name or config.current
    if not name:
        raise usage_error(said("no context is in use; see `tendik login --help`"))
    stored = config.named(name)
    if form.for_programs:
        print_data(form, CONTEXT, _fields(config, name))
        return
    print_fields(
        (
            (said("name"), name),
            (said("server"), stored.server),
            (said("transport"), _transport(stored)),
            (said("token"), _hidden(stored.token)),
            (said("file"), str(session().config_file)),
        )
    )
    _tell_overrides()


@context.command()
@click.argument("name", metavar="NAME", shell_complete=contexts)
def remove(name: str) -> None:
    """Forget a login and its token."""
    config = _config()
    config.named(name)
    kept = {other: stored for other, stored in config.contexts.items() if other != name}
    current = "" if config.current == name else config.current
    save(session().config_file, Config(current, kept))
    say(said("Removed {name!r}; its token still works until it is rotated", name=name))


def _config() -> Config:
    return load(session().config_file)


def _fields(config: Config, name: str) -> dict[str, Any]:
    stored = config.contexts[name]
    return {
        "context": name,
        "server": stored.server,
        "tls_ca": stored.tls_ca or None,
        "insecure": stored.insecure,
        "in_use": name == config.current,
    }


def _hidden(token: str) -> str:
    return said("{beginning}… ({length} characters)", beginning=token[:4], length=len(token))


def _transport(stored: Context) -> str:
    return (
        said("TLS, trusts {tls_ca}", tls_ca=stored.tls_ca) if stored.tls_ca else said("clear text")
    )


def _tell_overrides() -> None:
    """Say which variables of the environment win over the stored login."""
    for key in ("TENDIK_SERVER", "TENDIK_TOKEN", "TENDIK_CONTEXT", "TENDIK_TLS_CA"):
        if session().environ.get(key):
            note(said("{key} is set in the environment and comes first", key=key))
