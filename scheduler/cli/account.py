"""`tendik admin explain`: the whole arithmetic from shares to an organisation's GPUs, as a tree."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING, Any

import click

from scheduler.cli import completers
from scheduler.cli.client import Client
from scheduler.cli.figures import formula, number_of
from scheduler.cli.language import spoken
from scheduler.cli.options import connected, format_option
from scheduler.cli.overview_records import ACCOUNT
from scheduler.cli.render import Format, print_data
from scheduler.cli.terminal import columns, note, printable, stdout_colour
from scheduler.cli.times import iso, local
from scheduler.texts import listed, said, said_of
from scheduler.v1.cluster_service_pb2 import (
    ExplainOrganisationRequest,
    ExplainOrganisationResponse,
    Figure,
    FigureOperation,
    OrganisationAccount,
)
from scheduler.v1.cluster_service_pb2_grpc import ClusterServiceStub

if TYPE_CHECKING:
    from rich.tree import Tree

# Beyond that a list of alike numbers is no help to a person; programs get all.
MOST_ALIKE = 12


@click.command()
@click.argument("organisation", metavar="ORG")
@click.option(
    "--pool",
    default="",
    metavar="POOL",
    help='Only this pool, e.g. "alem/h200".',
    shell_complete=completers.pools,
)
@format_option()
@connected
def explain(client: Client, organisation: str, pool: str, form: Format) -> None:
    """Show how an organisation's GPUs follow from the shares.

    Every number stands with what it is made of: shares, wants, who is satisfied with less and gives
    back, entitlement, limits, usage before, and whose turn it is. `-o wide` cuts no list.
    """
    stub = ClusterServiceStub(client.channel)
    request = ExplainOrganisationRequest(organisation_id=organisation, pool=pool)
    found = client.call(stub.ExplainOrganisation, request)
    if form.for_programs:
        print_data(form, ACCOUNT, _fields(found))
        return
    at, version = local(found.snapshot_time), found.policy_version
    note(said("as of {at}, by version {version} of the policy", at=at, version=version))
    if not found.accounts:
        note(said("the policy gives its class no share, so it is entitled to nothing"))
    for account in found.accounts:
        most = None if form is Format.WIDE else MOST_ALIKE
        click.echo(_drawn(_tree(organisation, account, most)), color=stdout_colour())
        for sentence in account.follows:
            click.echo(f"- {printable(sentence)}")
        click.echo()


def _tree(organisation: str, account: OrganisationAccount, most: int | None) -> Tree:
    # Loaded here because only this command draws a tree.
    from rich.text import Text  # noqa: PLC0415
    from rich.tree import Tree  # noqa: PLC0415

    head = said(
        "{organisation} ({tenant_class}) in {pool}: entitled to {entitled} GPUs, holds {held}, "
        "wants {wanted}",
        organisation=organisation,
        tenant_class=account.tenant_class,
        pool=account.pool,
        entitled=number_of(account.entitled_gpus),
        held=account.held_gpus,
        wanted=account.wanted_gpus,
    )
    tree = Tree(Text(spoken(head), "bold"), guide_style="dim")
    for figure in account.figures:
        _grow(tree, figure, most)
    return tree


def _grow(tree: Tree, figure: Figure, most: int | None) -> None:
    """Put the figure and its parts below; of many alike numbers only the first are shown."""
    branch = tree.add(_words(figure))
    parts = figure.parts
    cut = most is not None and len(parts) > most and not any(part.parts for part in parts)
    for part in parts[:most] if cut else parts:
        _grow(branch, part, most)
    if cut:
        rest = len(parts) - (most or 0)
        branch.add(spoken(said_of(rest, "and {number} more", "and {number:,} more")))


def _words(figure: Figure) -> Any:
    from rich.text import Text  # noqa: PLC0415

    told = Text(printable(figure.words))
    if figure.operation == FigureOperation.FIGURE_OPERATION_LIST:
        return told
    value = number_of(figure.value, figure.unit) if figure.HasField("value") else said("no limit")
    told.append(": ")
    told.append(spoken(value), "bold")
    told.append(spoken(listed(("", formula(figure)), " ")) if figure.parts else "", "dim")
    return told


def _drawn(tree: Tree) -> str:
    from rich.console import Console  # noqa: PLC0415

    text = StringIO()
    colour = stdout_colour()
    console = Console(
        file=text, width=columns(), force_terminal=colour, no_color=not colour, highlight=False
    )
    console.print(tree)
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines())


def _fields(found: ExplainOrganisationResponse) -> dict[str, Any]:
    return {
        "time": iso(found.snapshot_time),
        "policy_version": found.policy_version,
        "organisation": found.organisation_id,
        "accounts": [
            {
                "pool": account.pool,
                "tenant_class": account.tenant_class,
                "entitled_gpus": account.entitled_gpus,
                "held_gpus": account.held_gpus,
                "wanted_gpus": account.wanted_gpus,
                "follows": list(account.follows),
                "figures": list(map(_figure, account.figures)),
            }
            for account in found.accounts
        ],
    }


def _figure(figure: Figure) -> dict[str, Any]:
    operation = FigureOperation.Name(figure.operation)
    return {
        "words": figure.words,
        "value": figure.value if figure.HasField("value") else None,
        "unit": figure.unit,
        "operation": operation.removeprefix("FIGURE_OPERATION_").lower(),
        "parts": list(map(_figure, figure.parts)),
    }
