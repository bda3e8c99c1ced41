"""`sacctmgr list user`: whose account pays; here an account is a project. It changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import click

from scheduler.cli.client import Client
from scheduler.cli.lookup import who_am_i
from scheduler.cli.shims.refusals import unanswered
from scheduler.cli.shims.words import Grammar, Words
from scheduler.v1.tenant_service_pb2 import User

GRAMMAR = Grammar(
    ("-n --noheader", "-s --associations", "-P --parsable2", "-p --parsable", "-i --immediate")
)
VERBS, ENTITIES = ("list", "show"), ("user", "users")
DEFAULT = "User,DefaultAccount,Admin"
WITH_ASSOCIATIONS = f"{DEFAULT},Cluster,Account"
FIELDS: Mapping[str, tuple[str, Callable[[User], str]]] = {
    "account": ("Account", lambda user: user.project_id),
    "admin": ("Admin", lambda _: "None"),
    "cluster": ("Cluster", lambda _: "tendik"),
    "defaultaccount": ("Def Acct", lambda user: user.project_id),
    "user": ("User", lambda user: user.unix_account),
}
WIDTH = 10


def run(client: Client, words: Sequence[str]) -> int:
    """Print the caller, where nobody else is asked for."""
    said = GRAMMAR.read(words)
    verb, entity, *rest = (*said.rest, "", "")
    if verb not in VERBS or entity not in ENTITIES:
        raise unanswered(" ".join(said.rest[:2]) or "this call")
    user = who_am_i(client).user
    conditions = [word for word in rest if word and not word.startswith("format=")]
    names = {word.rpartition("=")[2] for word in conditions}
    form = next((word[7:] for word in rest if word.startswith("format=")), "")
    shown = [user] if not names or user.unix_account in names else []
    _print(form or (WITH_ASSOCIATIONS if said.says("associations") else DEFAULT), shown, said)
    return 0


def _print(form: str, users: Sequence[User], said: Words) -> None:
    columns = [_column(part) for part in form.split(",")]
    rows = [[text(user) for _, text, _ in columns] for user in users]
    heads = [] if said.says("noheader") else [[head for head, _, _ in columns]]
    if said.says("parsable2") or said.says("parsable"):
        end = "" if said.says("parsable2") else "|"
        lines = ["|".join(row) + end for row in (*heads, *rows)]
    else:
        widths = [width for _, _, width in columns]
        rules = [["-" * width for width in widths]] if heads else []
        lines = [_in_table(row, widths) for row in (*heads, *rules, *rows)]
    for line in lines:
        click.echo(line)


def _column(part: str) -> tuple[str, Callable[[User], str], int]:
    name, _, width = part.partition("%")
    if name.lower() not in FIELDS:
        raise unanswered(f"the field {name}")
    return *FIELDS[name.lower()], int(width or WIDTH)


def _in_table(row: Sequence[str], widths: Sequence[int]) -> str:
    return "".join(f"{text[:width]:>{width}} " for text, width in zip(row, widths, strict=True))
