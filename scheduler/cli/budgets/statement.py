"""`tendik budget statement`: every line of a project's ledger, and what they come to."""

from __future__ import annotations

import io
from contextlib import redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from typing import TypedDict, Unpack

import click

from scheduler.cli.budgets.budget import named
from scheduler.cli.budgets.reading import each_entry, get_grants
from scheduler.cli.budgets.records import STATEMENT
from scheduler.cli.budgets.statement_page import as_html
from scheduler.cli.budgets.statement_parts import (
    ToldStatement,
    grant_table,
    kind_table,
    left_before,
    line_table,
    period_of,
    statement_fields,
    title_of,
    warnings_of,
)
from scheduler.cli.choices import OneOf
from scheduler.cli.client import Client
from scheduler.cli.completers import projects
from scheduler.cli.files import write_whole
from scheduler.cli.options import connected
from scheduler.cli.render import Format, print_data, print_table
from scheduler.cli.terminal import say
from scheduler.cli.times import When
from scheduler.domain.budgets.statements import statement as statement_of
from scheduler.texts import listed

HTML = "html"


class Asked(TypedDict):
    """Which statement is wanted; an empty project or organisation is the caller's."""

    project: str
    organisation: str
    since: datetime | None
    until: datetime | None


@click.command()
@click.argument("project", required=False, default="", shell_complete=projects)
@click.option("--org", "organisation", default="", metavar="ORG", help="Yours unless named.")
@click.option("--since", type=When(), help="Lines booked since then; from the first on.")
@click.option("--until", type=When(), help="Lines booked before then; to the last.")
@click.option(
    "-o",
    "--format",
    "--output",
    "form",
    type=OneOf([*(form.value for form in Format), HTML]),
    default=Format.TABLE.value,
    show_default=True,
    help="How data is written; html is a page to print.",
)
@click.option(
    "--to",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write it to this file.",
)
@connected
def statement(client: Client, form: str, file: Path | None, **asked: Unpack[Asked]) -> None:
    """Write every line of a project's ledger, and what they come to."""
    organisation, project = named(client, asked["organisation"], asked["project"])
    entries = list(each_entry(client, organisation, project))
    grants = {grant.number: grant for grant in get_grants(client, organisation, project)}
    since, until = asked["since"], asked["until"]
    awarded = sorted(number for number, grant in grants.items() if grant.awarded)
    found = statement_of(awarded, entries, since, until)
    told = ToldStatement(organisation, project, since, until, datetime.now(UTC), grants, found)
    if file is None:
        _write(form, told)
        return
    text = io.StringIO()
    with redirect_stdout(text):
        _write(form, told)
    write_whole(file, text.getvalue().encode())


def _write(form: str, told: ToldStatement) -> None:
    if form == HTML:
        click.echo(as_html(told), nl=False)
    elif Format(form).for_programs:
        print_data(Format(form), STATEMENT, statement_fields(told))
    else:
        _print(Format(form), told)


def _print(form: Format, told: ToldStatement) -> None:
    say(listed((title_of(told), period_of(told))))
    say(left_before(told))
    for table in (line_table(told), kind_table(told), grant_table(told)):
        if table.rows:
            click.echo()
            print_table(table, form)
    for warning in warnings_of(told):
        say(warning)
