"""`tendik login` and `tendik whoami`: who you are to the service."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, TypedDict, Unpack

import click

from scheduler.cli.admin_records import WHOAMI
from scheduler.cli.client import Client, connection
from scheduler.cli.config_file import load, save
from scheduler.cli.contexts import Context, checked_context_name, checked_token
from scheduler.cli.errors import usage_error
from scheduler.cli.files import read_text
from scheduler.cli.language import spoken
from scheduler.cli.lookup import who_am_i
from scheduler.cli.options import connected, format_option
from scheduler.cli.render import Format, print_data, print_fields
from scheduler.cli.session import session
from scheduler.cli.terminal import say
from scheduler.cli.times import iso
from scheduler.texts import said
from scheduler.v1.tenant_service_pb2 import Access, Role, User, WhoAmIResponse


class Transport(TypedDict):
    """How the token travels."""

    tls_ca: str
    insecure: bool


@click.command()
@click.option("--server", required=True, metavar="HOST:PORT", help="The service's address.")
@click.option(
    "--context", "name", default="default", metavar="NAME", show_default=True, help="Store as."
)
@click.option("--token-file", default="", metavar="FILE", help="Read the token here (- is stdin).")
@click.option("--token", default="", help="The token; others on this machine may see it here.")
@click.option("--tls-ca", default="", metavar="FILE", help="Certificates to trust.")
@click.option("--insecure", is_flag=True, help="Allow clear text to another machine.")
def login(
    server: str, name: str, token_file: str, token: str, **transport: Unpack[Transport]
) -> None:
    """Check a token and store it as a context.

    The context is then in use.
    """
    checked_context_name(name)
    certificates = transport["tls_ca"] and str(Path(transport["tls_ca"]).absolute())
    asked = Context(server, "", certificates, transport["insecure"]).reachable()
    context = replace(asked, token=checked_token(token or _read_token(token_file)))
    with connection(context) as client:
        me = who_am_i(client)
    path = session().config_file
    config = load(path)
    save(path, replace(config, current=name, contexts={**config.contexts, name: context}))
    say(said("Logged in to {server} as {sentence}", server=context.server, sentence=_sentence(me)))
    say(said("Context {name!r} is in use; it is stored in {path}", name=name, path=path), err=True)


@click.command()
@format_option()
@connected
def whoami(client: Client, form: Format) -> None:
    """Show whom your token names."""
    me = who_am_i(client)
    fields = user_fields(me.user) | {"tenant_class": me.tenant_class, "server": client.server}
    if form.for_programs:
        print_data(form, WHOAMI, fields)
    else:
        print_fields((key.replace("_", " "), str(value or "")) for key, value in fields.items())


def user_fields(user: User) -> dict[str, Any]:
    """Return the user as JSON takes it."""
    return {
        "user": user.user_id,
        "organisation": user.organisation_id,
        "project": user.project_id,
        "unix_account": user.unix_account,
        "role": role_word(user.role),
        **access_fields(user.access),
    }


def access_fields(access: Access) -> dict[str, str | None]:
    """Return until when somebody has access, and since when no more."""
    return {"expires": access.expires or None, "off_boarded_time": iso(access.off_boarded_time)}


def role_word(role: Role) -> str:
    names = {value: name for name, value in Role.items()}
    return names.get(role, f"ROLE_{role}").removeprefix("ROLE_").lower()


def _read_token(token_file: str) -> str:
    """Return the token from the file, or from the person, unseen."""
    if token_file:
        return read_text(token_file)
    if not sys.stdin.isatty():
        raise usage_error(said("no terminal to ask for the token on; give --token-file FILE, or -"))
    prompted: str = click.prompt(spoken(said("Token")), hide_input=True, err=True)
    return prompted


def _sentence(me: WhoAmIResponse) -> str:
    user = me.user
    role = role_word(user.role).replace("_", " ")
    return said(
        "{user} ({role}) of {organisation}, class {tenant_class}",
        user=user.user_id,
        role=role,
        organisation=user.organisation_id,
        tenant_class=me.tenant_class,
    )
