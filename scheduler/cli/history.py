"""`tendik verify-history` checks a history on this machine: was anything lost or run twice?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from scheduler.cli.admin_records import INVARIANT
from scheduler.cli.errors import CliError
from scheduler.cli.exit_codes import ExitCode
from scheduler.cli.files import read_text, source_name
from scheduler.cli.language import spoken
from scheduler.cli.options import format_option
from scheduler.cli.render import Format, print_data, print_table
from scheduler.cli.table import Cell, Column, Row, Table
from scheduler.cli.terminal import say
from scheduler.domain.history import Checked, check
from scheduler.domain.history.facts import Fact
from scheduler.domain.history.lines import facts_in, line_of
from scheduler.errors import InvalidRequest
from scheduler.texts import listed, said, said_by

# So many breaches of an invariant are shown with the lines that tell of them.
SHOWN = 5


@click.command("verify-history")
@click.argument("file", metavar="FILE")
@format_option()
def verify_history(file: str, form: Format) -> None:
    """Check a history on this machine.

    FILE has one fact a line in JSON; checked is every invariant of submitting.
    No service is needed, and none is asked.
    """
    facts = _read(file)
    verdicts = check(facts)
    broken = [one for one in verdicts if one.breaches]
    if form.for_programs:
        print_data(form, INVARIANT, [_as_json(one) for one in verdicts])
    else:
        print_table(Table(_COLUMNS, [_row(one) for one in verdicts]))
        for one in broken:
            _show(one, {fact.number: fact for fact in facts})
    if broken:
        names = ", ".join(one.name for one in broken)
        raise CliError(said("invariants that do not hold: {names}", names=names), ExitCode.DIFFERS)


_COLUMNS = (Column(""), Column("", least=30), Column(said("looked at")), Column(said("broken")))


def _read(file: str) -> Sequence[Fact]:
    try:
        return tuple(facts_in(read_text(file).splitlines()))
    except InvalidRequest as error:
        message = said(
            "{file}: {error}; write it anew, or leave the line out",
            file=source_name(file),
            error=said_by(error),
        )
        raise CliError(message, ExitCode.INVALID) from error


def _row(one: Checked) -> Row:
    found = Cell(f"{len(one.breaches)}", "red" if one.breaches else "green")
    return one.name, one.words, f"{one.looked_at}", found


def _show(one: Checked, facts: dict[int, Fact]) -> None:
    """Tell of the first breaches, each with its lines of the history."""
    for breach in one.breaches[:SHOWN]:
        click.echo()
        say(listed((one.name, breach.words), ": "))
        for number in breach.facts:
            click.echo(f"  {line_of(facts[number])}")
    if len(one.breaches) > SHOWN:
        click.echo()
        say(said("{name}: {breaches} more", name=one.name, breaches=len(one.breaches) - SHOWN))


def _as_json(one: Checked) -> dict[str, Any]:
    return {
        "invariant": one.name,
        "words": spoken(one.words),
        "looked_at": one.looked_at,
        "breaches": [
            {"words": spoken(each.words), "facts": list(each.facts)} for each in one.breaches
        ],
    }
