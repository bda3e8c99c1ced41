"""`tendik budget`: what a project has left of its grants, what pays first, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import click

from scheduler.cli.budgets.advice import next_step
from scheduler.cli.budgets.grant_words import grant_fields, in_hours, used
from scheduler.cli.budgets.reading import get_grants
from scheduler.cli.budgets.records import BUDGET
from scheduler.cli.client import Client
from scheduler.cli.completers import projects
from scheduler.cli.language import spoken
from scheduler.cli.lookup import who_am_i
from scheduler.cli.options import connected, format_option
from scheduler.cli.reader_times import told_clock
from scheduler.cli.render import Format, print_data, print_table
from scheduler.cli.table import Cell, Column, Row, Table
from scheduler.cli.terminal import say
from scheduler.domain.budgets.grants import STATE_WORDS, Grant, GrantState, in_draw_down_order
from scheduler.texts import said

_OVER = frozenset({GrantState.DECLINED, GrantState.WITHDRAWN})


@click.command()
@click.argument("project", required=False, default="", shell_complete=projects)
@click.option("--org", "organisation", default="", metavar="ORG", help="Yours unless named.")
@format_option()
@connected
def show(client: Client, project: str, organisation: str, form: Format) -> None:
    """Show what a project's grants have left, yours unless named.

    The grant that pays first is in front; below are those that pay for no new job.
    """
    organisation, project = named(client, organisation, project)
    grants, now = get_grants(client, organisation, project), datetime.now(UTC)
    paying = in_draw_down_order(grants, now)
    others = [grant for grant in grants if grant not in paying and grant.state not in _OVER]
    if form.for_programs:
        print_data(form, BUDGET, _fields(organisation, project, grants, now))
        return
    left = sum(grant.balance.left for grant in paying)
    say(
        said(
            "{project} of {organisation} has {hours} GPU-hours left",
            project=project,
            organisation=organisation,
            hours=in_hours(left),
        )
    )
    rows = [_row(grant, str(turn), now) for turn, grant in enumerate(paying, 1)]
    rows += [_row(grant, "-", now) for grant in others]
    if rows:
        print_table(Table(_COLUMNS, rows), form)
    for grant in paying:
        _warn(grant)
    say(next_step(project, grants, now))


def named(client: Client, organisation: str, project: str) -> tuple[str, str]:
    """Return the organisation and the project that are meant: the caller's unless named."""
    if organisation and project:
        return organisation, project
    me = who_am_i(client).user
    return organisation or me.organisation_id, project or me.project_id


_COLUMNS = (
    Column(said("PAYS"), right=True),
    Column(said("GRANT"), right=True),
    Column(said("FUND")),
    Column(said("STATE")),
    *(
        Column(head, right=True)
        for head in (*(said("GRANTED"), said("CHARGED"), said("HELD"), said("LEFT"), said("USED")),)
    ),
    Column(said("EXPIRES")),
)


def _row(grant: Grant, turn: str, now: datetime) -> Row:
    balance = grant.balance
    amounts = (balance.granted, balance.charged, balance.held, balance.left)
    is_early = grant.state is GrantState.AWARDED and grant.starts > now
    state = said("begins {at}", at=told_clock(grant.starts, now)) if is_early else None
    return (
        turn,
        str(grant.number),
        grant.fund,
        state or STATE_WORDS[grant.state],
        *map(in_hours, amounts),
        used(grant),
        Cell(told_clock(grant.expires, now)),
    )


def _warn(grant: Grant) -> None:
    if grant.warning:
        say(
            said(
                "warning: {percent} % of grant {number} is charged or held",
                percent=f"{grant.used_percent:.0f}",
                number=grant.number,
            )
        )


def _fields(
    organisation: str, project: str, grants: Sequence[Grant], now: datetime
) -> dict[str, Any]:
    paying = in_draw_down_order(grants, now)
    turns = {grant.number: turn for turn, grant in enumerate(paying, 1)}
    others = [grant for grant in grants if grant.number not in turns]
    return {
        "organisation": organisation,
        "project": project,
        "left_gpu_seconds": sum(grant.balance.left for grant in paying),
        "next": spoken(next_step(project, grants, now)),
        "grants": [
            {**grant_fields(grant), "pays": turns.get(grant.number)} for grant in (*paying, *others)
        ],
    }
