"""What a statement shows, whatever it is written as: its title, tables and warnings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scheduler.cli.budgets.grant_words import balance_fields, in_hours
from scheduler.cli.table import Column, Table
from scheduler.cli.times import local_day, local_time, utc
from scheduler.domain.budgets.grants import STATE_WORDS, Grant
from scheduler.domain.budgets.ledger import EntryKind
from scheduler.domain.budgets.statements import GrantSums, Line, Statement
from scheduler.texts import Said, said

KIND_WORDS: Mapping[EntryKind, Said] = {
    EntryKind.AWARD: said("award"),
    EntryKind.CARRY_IN: said("carried in"),
    EntryKind.CARRY_OUT: said("carried out"),
    EntryKind.LAPSE: said("lapse"),
    EntryKind.HOLD: said("hold"),
    EntryKind.RELEASE: said("release"),
    EntryKind.CHARGE: said("charge"),
    EntryKind.REFUND: said("refund"),
}


# What a line says of the seconds that runs used: a refund may take some of them back.
USED: Mapping[EntryKind, int] = {EntryKind.CHARGE: 1, EntryKind.REFUND: -1}


@dataclass(frozen=True, slots=True)
class ToldStatement:
    """A statement, whose it is, of which period, and when it was made."""

    organisation: str
    project: str
    since: datetime | None
    until: datetime | None
    made_at: datetime
    grants: Mapping[int, Grant]
    found: Statement


def title_of(told: ToldStatement) -> Said:
    return said(
        "Statement of {project} of {organisation}",
        project=told.project,
        organisation=told.organisation,
    )


def period_of(told: ToldStatement) -> Said:
    """Return which lines it has."""
    begun = local_time(told.since) if told.since else ""
    end = local_time(told.until) if told.until else ""
    if begun and end:
        return said("from {begun} until {end}, in GPU-hours", begun=begun, end=end)
    if begun:
        return said("from {begun} on, in GPU-hours", begun=begun)
    if end:
        return said("until {end}, in GPU-hours", end=end)
    return said("all of it, in GPU-hours")


def left_before(told: ToldStatement) -> Said:
    return said(
        "left before: {before}; left after: {after}",
        before=in_hours(told.found.opening_left),
        after=in_hours(told.found.closing_left),
    )


def line_table(told: ToldStatement) -> Table:
    """Return every line with the balance after it."""
    heads = (
        Column(said("LINE"), right=True),
        Column(said("TIME")),
        Column(said("GRANT"), right=True),
        Column(said("KIND")),
        Column(said("JOB"), right=True),
        Column(said("RUN"), right=True, wide=True),
        Column(said("CLOCK"), right=True, wide=True),
        Column(said("AMOUNT"), right=True),
        Column(said("GRANT LEFT"), right=True),
        Column(said("LEFT"), right=True),
    )
    return Table(heads, [_line_row(line) for line in told.found.lines])


def kind_table(told: ToldStatement) -> Table:
    """Return what the lines come to, kind by kind."""
    heads = (
        Column(said("KIND")),
        Column(said("LINES"), right=True),
        Column(said("AMOUNT"), right=True),
    )
    rows = [(KIND_WORDS[one.kind], str(one.lines), signed(one.effect)) for one in told.found.kinds]
    total = sum(one.effect for one in told.found.kinds)
    lines = sum(one.lines for one in told.found.kinds)
    return Table(heads, [*rows, (said("all"), str(lines), signed(total))] if rows else [])


def grant_table(told: ToldStatement) -> Table:
    """Return what each grant was before the period, and is after it."""
    heads = (
        Column(said("GRANT"), right=True),
        Column(said("FUND")),
        Column(said("STATE")),
        Column(said("EXPIRES")),
        *(
            Column(head, right=True)
            for head in (
                *(said("LEFT BEFORE"), said("GRANTED"), said("CHARGED"), said("HELD")),
                said("LEFT"),
            )
        ),
    )
    return Table(heads, [_grant_row(told, sums) for sums in told.found.grants])


def warnings_of(told: ToldStatement) -> Iterator[Said]:
    """Yield when each grant's warnings were first due."""
    for sums in told.found.grants:
        for one in sums.reached:
            yield said(
                "{percent} % of grant {number} was first charged or held {at}",
                percent=one.percent,
                number=sums.grant,
                at=local_time(one.at),
            )


def signed(gpu_seconds: int) -> str:
    """Return GPU-hours with the sign of what they do to what is left."""
    sign = "-" if gpu_seconds < 0 else "+"
    return f"{sign}{in_hours(abs(gpu_seconds))}"


def statement_fields(told: ToldStatement) -> dict[str, Any]:
    """Return the statement as JSON takes it."""
    found = told.found
    return {
        "organisation": told.organisation,
        "project": told.project,
        "since_time": utc(told.since) if told.since else None,
        "until_time": utc(told.until) if told.until else None,
        "made_time": utc(told.made_at),
        "opening_left_gpu_seconds": found.opening_left,
        "closing_left_gpu_seconds": found.closing_left,
        "lines": [_line_fields(told, line) for line in found.lines],
        "kinds": [
            {
                "kind": one.kind.name,
                "lines": one.lines,
                "amount_gpu_seconds": one.amount,
                "effect_gpu_seconds": one.effect,
            }
            for one in found.kinds
        ],
        "grants": [_sums_fields(told, sums) for sums in found.grants],
    }


def _line_row(line: Line) -> tuple[str, ...]:
    entry = line.entry
    return (
        str(entry.entry_id),
        local_time(entry.at),
        str(entry.grant),
        KIND_WORDS[entry.kind],
        str(entry.job_id or "-"),
        str(entry.attempt or "-"),
        in_hours(USED[entry.kind] * entry.gpu_seconds) if entry.kind in USED else "-",
        signed(entry.effect),
        in_hours(line.grant_left),
        in_hours(line.project_left),
    )


def _grant_row(told: ToldStatement, sums: GrantSums) -> tuple[str, ...]:
    grant, closing = told.grants[sums.grant], sums.closing
    amounts = (sums.opening.left, closing.granted, closing.charged, closing.held, closing.left)
    return (
        str(grant.number),
        grant.fund,
        STATE_WORDS[grant.state],
        local_day(grant.expires),
        *map(in_hours, amounts),
    )


def _line_fields(told: ToldStatement, line: Line) -> dict[str, Any]:
    entry = line.entry
    return {
        "entry": entry.entry_id,
        "time": utc(entry.at),
        "grant": entry.grant,
        "fund": told.grants[entry.grant].fund,
        "kind": entry.kind.name,
        "job_id": entry.job_id or None,
        "attempt": entry.attempt or None,
        "amount_gpu_seconds": entry.amount,
        "effect_gpu_seconds": entry.effect,
        "used_gpu_seconds": (USED[entry.kind] * entry.gpu_seconds if entry.kind in USED else None),
        "grant_left_gpu_seconds": line.grant_left,
        "project_left_gpu_seconds": line.project_left,
    }


def _sums_fields(told: ToldStatement, sums: GrantSums) -> dict[str, Any]:
    grant = told.grants[sums.grant]
    return {
        "grant": grant.number,
        "fund": grant.fund,
        "state": grant.state.name,
        "start_time": utc(grant.starts),
        "expire_time": utc(grant.expires),
        "opening": balance_fields(sums.opening),
        "closing": balance_fields(sums.closing),
        "warnings": [{"percent": one.percent, "time": utc(one.at)} for one in sums.reached],
    }
