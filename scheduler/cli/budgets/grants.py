"""`tendik grant`: GPU-hours of a fund for a project, asked for, awarded, and ended."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TypedDict, Unpack

import click

from scheduler.cli.budgets.grant_words import (
    GpuHours,
    grant_fields,
    in_hours,
    period,
    table_of,
    told_step,
    used,
)
from scheduler.cli.budgets.reading import budget_stub, get_grant, get_grants, grant_of
from scheduler.cli.budgets.records import GRANT
from scheduler.cli.client import Client, look_first
from scheduler.cli.completers import projects
from scheduler.cli.options import connected, format_option
from scheduler.cli.render import Format, print_data, print_fields, print_table
from scheduler.cli.table import Cell
from scheduler.cli.terminal import note, say
from scheduler.cli.times import When, stamp_of
from scheduler.domain.budgets.grants import STATE_WORDS, Grant
from scheduler.texts import Said, said
from scheduler.v1 import budget_service_pb2 as v1

_LOOK = look_first("tendik grant list")


class Wish(TypedDict):
    """What a grant is asked for with; `hours` are GPU-seconds by now."""

    organisation: str
    project: str
    fund: str
    hours: int
    starts: datetime | None
    expires: datetime
    order: int
    why: str


@click.command()
@click.option("--project", required=True, metavar="PROJECT", shell_complete=projects)
@click.option("--org", "organisation", default="", metavar="ORG", help="Yours unless named.")
@click.option("--fund", required=True, metavar="FUND", help="See tendik admin fund list.")
@click.option("--hours", type=GpuHours(), required=True, metavar="N", help="So many GPU-hours.")
@click.option("--from", "starts", type=When(), metavar="DATE", help="Jobs may use it then; now.")
@click.option(
    "--until",
    "expires",
    type=When(),
    required=True,
    metavar="DATE",
    help="Then no new job may use it.",
)
@click.option(
    "--order",
    type=click.IntRange(1, 1000),
    default=100,
    show_default=True,
    help="Of a project's grants the lowest pays first.",
)
@click.option("--why", required=True, metavar="TEXT", help="What it is for.")
@format_option()
@connected
def request(client: Client, form: Format, **wish: Unpack[Wish]) -> None:
    """Ask for GPU-hours of a fund for a project."""
    wanted = v1.RequestGrantRequest(
        fund_id=wish["fund"],
        organisation_id=wish["organisation"],
        project_id=wish["project"],
        gpu_seconds=wish["hours"],
        start_time=stamp_of(wish["starts"]) if wish["starts"] else None,
        expire_time=stamp_of(wish["expires"]),
        order=wish["order"],
        why=wish["why"],
    )
    made = client.change(budget_stub(client).RequestGrant, wanted, _LOOK).grant
    done = said(
        "Requested grant {number}; cluster admins review and award it. See: tendik grant show "
        "{number}",
        number=made.number,
    )
    _tell(made, done, form)


@click.command("list")
@click.option("--org", "organisation", default="", metavar="ORG", help="Only of this one.")
@click.option(
    "--project", default="", metavar="PROJECT", help="Only of this one.", shell_complete=projects
)
@format_option()
@connected
def list_grants(client: Client, organisation: str, project: str, form: Format) -> None:
    """List the grants that you may see, newest first."""
    found = get_grants(client, organisation, project)
    if form.for_programs:
        print_data(form, GRANT, list(map(grant_fields, found)))
    elif not found:
        note(said("none yet"))
    else:
        print_table(table_of(found), form)


@click.command()
@click.argument("number", type=click.IntRange(1))
@format_option()
@connected
def show(client: Client, number: int, form: Format) -> None:
    """Show a grant and all that happened to it."""
    grant = get_grant(client, number)
    if form.for_programs:
        print_data(form, GRANT, grant_fields(grant))
        return
    print_fields(_lines(grant))
    for step in grant.steps:
        say(told_step(step))


@click.command()
@click.argument("number", type=click.IntRange(1))
@click.option("--comment", required=True, metavar="TEXT", help="What you found.")
@click.option("--hours", type=GpuHours(), metavar="N", help="Recommend so many, not all asked for.")
@format_option()
@connected
def review(client: Client, number: int, comment: str, hours: int | None, form: Format) -> None:
    """Comment on a request, and recommend how much of it to award."""
    revision = get_grant(client, number).revision
    wanted = v1.ReviewGrantRequest(
        number=number, revision=revision, comment=comment, gpu_seconds=hours or 0
    )
    taken = client.change(budget_stub(client).ReviewGrant, wanted, _LOOK).grant
    done = said(
        "Reviewed grant {number}: {hours} GPU-hours are recommended; award it with: tendik grant "
        "award {number}",
        number=number,
        hours=in_hours(taken.steps[-1].gpu_seconds),
    )
    _tell(taken, done, form)


@click.command()
@click.argument("number", type=click.IntRange(1))
@click.option("--hours", type=GpuHours(), metavar="N", help="So many, not what was recommended.")
@click.option("--why", default="", metavar="TEXT", help="What those who asked should know.")
@format_option()
@connected
def award(client: Client, number: int, hours: int | None, why: str, form: Format) -> None:
    """Award a reviewed request, all of it or less."""
    revision = get_grant(client, number).revision
    wanted = v1.AwardGrantRequest(number=number, revision=revision, gpu_seconds=hours or 0, why=why)
    taken = client.change(budget_stub(client).AwardGrant, wanted, _LOOK).grant
    done = said(
        "Awarded {hours} GPU-hours of {fund} to {project} of {organisation}, {period}",
        hours=in_hours(taken.steps[-1].gpu_seconds),
        fund=taken.fund_id,
        project=taken.project_id,
        organisation=taken.organisation_id,
        period=_period(taken),
    )
    _tell(taken, done, form)


@click.command()
@click.argument("number", type=click.IntRange(1))
@click.option("--why", required=True, metavar="TEXT", help="Why it is declined.")
@format_option()
@connected
def decline(client: Client, number: int, why: str, form: Format) -> None:
    """Decline a request."""
    wanted = v1.DeclineGrantRequest(
        number=number, revision=get_grant(client, number).revision, why=why
    )
    taken = client.change(budget_stub(client).DeclineGrant, wanted, _LOOK).grant
    _tell(taken, said("Declined grant {number}", number=number), form)


@click.command()
@click.argument("number", type=click.IntRange(1))
@click.option("--why", required=True, metavar="TEXT", help="Why it is withdrawn.")
@format_option()
@connected
def withdraw(client: Client, number: int, why: str, form: Format) -> None:
    """Take your own request back before it is awarded."""
    wanted = v1.WithdrawGrantRequest(
        number=number, revision=get_grant(client, number).revision, why=why
    )
    taken = client.change(budget_stub(client).WithdrawGrant, wanted, _LOOK).grant
    _tell(taken, said("Withdrew grant {number}", number=number), form)


@click.command()
@click.argument("number", type=click.IntRange(1))
@click.option("--why", required=True, metavar="TEXT", help="Why it is closed.")
@format_option()
@connected
def close(client: Client, number: int, why: str, form: Format) -> None:
    """Close a grant before it expires; what it has left is its fund's again."""
    wanted = v1.CloseGrantRequest(
        number=number, revision=get_grant(client, number).revision, why=why
    )
    taken = client.change(budget_stub(client).CloseGrant, wanted, _LOOK).grant
    done = said(
        "Closed grant {number}: {hours} GPU-hours are its fund's again",
        number=number,
        hours=in_hours(taken.balance.lapsed_gpu_seconds),
    )
    _tell(taken, done, form)


def _tell(made: v1.Grant, done: Said, form: Format) -> None:
    if form.for_programs:
        print_data(form, GRANT, grant_fields(grant_of(made)))
    else:
        say(done)


def _period(made: v1.Grant) -> Said:
    grant = grant_of(made)
    return period(grant.starts, grant.expires)


def _lines(grant: Grant) -> Iterator[tuple[str, Cell | str]]:
    balance = grant.balance
    yield said("grant"), f"{grant.number}  {grant.fund}"
    yield (
        said("project"),
        said(
            "{project} of {organisation}",
            project=grant.project,
            organisation=grant.organisation,
        ),
    )
    yield said("state"), STATE_WORDS[grant.state]
    yield said("period"), period(grant.starts, grant.expires)
    if not grant.awarded:
        yield said("asked for"), said("{hours} GPU-hours", hours=in_hours(grant.asked))
        return
    for name, amount in (
        (said("granted"), balance.granted),
        (said("charged"), balance.charged),
        (said("held"), balance.held),
        (said("left"), balance.left),
    ):
        yield name, said("{hours} GPU-hours", hours=in_hours(amount))
    yield said("used"), used(grant)
