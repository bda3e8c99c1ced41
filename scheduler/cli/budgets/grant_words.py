"""Grants and amounts as people and programs read them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click

from scheduler.cli.language import spoken
from scheduler.cli.table import Cell, Column, Row, Table
from scheduler.cli.times import local_day, local_time, utc
from scheduler.domain.budgets.grants import HOUR_S, MOST_HOURS, STATE_WORDS, Grant, GrantStep
from scheduler.domain.budgets.ledger import Balance
from scheduler.texts import Said, said

_COLOURS = {75: "yellow", 90: "red", 100: "red"}
_NUMBERS = (said("GRANTED"), said("CHARGED"), said("HELD"), said("LEFT"), said("USED"))
COLUMNS = (
    Column(said("GRANT"), right=True),
    Column(said("FUND")),
    Column(said("ORGANISATION"), wide=True),
    Column(said("PROJECT")),
    Column(said("STATE")),
    *(Column(head, right=True) for head in (said("ASKED"), *_NUMBERS)),
    Column(said("FROM"), wide=True),
    Column(said("EXPIRES")),
    Column(said("WHY"), least=10, wide=True),
)


class GpuHours(click.ParamType[int]):
    """GPU-hours as they are typed, e.g. "2500" or "0.5"; the value is whole GPU-seconds."""

    name = "hours"

    def convert(self, value: Any, param: Any, ctx: Any) -> int:
        if isinstance(value, int):
            return value
        try:
            hours = float(value)
        except ValueError:
            hours = 0.0
        if not 0 < hours <= MOST_HOURS or not round(hours * HOUR_S):
            wrong = said(
                "{value!r} is no number of GPU-hours; write 0.5 or 2500, at most {most:,}",
                value=value,
                most=MOST_HOURS,
            )
            self.fail(spoken(wrong), param, ctx)
        return round(hours * HOUR_S)


def in_hours(gpu_seconds: int) -> str:
    """Return GPU-hours to a hundredth; what is too little to show is not shown as nothing."""
    text = f"{gpu_seconds / HOUR_S:,.2f}"
    return "<0.01" if text == "0.00" and gpu_seconds else text


def table_of(grants: Sequence[Grant]) -> Table:
    return Table(COLUMNS, list(map(_row, grants)))


def used(grant: Grant) -> Cell:
    """Return how much is charged or held, in the colour of its warning."""
    if not grant.awarded:
        return Cell("-", "dim")
    return Cell(f"{grant.used_percent:.0f} %", _COLOURS.get(grant.warning, ""))


def grant_fields(grant: Grant) -> dict[str, Any]:
    """Return the grant as JSON takes it."""
    return {
        "grant": grant.number,
        "state": grant.state.name,
        "revision": grant.revision,
        "fund": grant.fund,
        "organisation": grant.organisation,
        "project": grant.project,
        "start_time": utc(grant.starts),
        "expire_time": utc(grant.expires),
        "order": grant.order,
        "asked_gpu_seconds": grant.asked,
        "balance": balance_fields(grant.balance),
        "warning_percent": grant.warning,
        "steps": list(map(_step_fields, grant.steps)),
    }


def balance_fields(balance: Balance) -> dict[str, int]:
    return {
        "awarded_gpu_seconds": balance.awarded,
        "carried_in_gpu_seconds": balance.carried_in,
        "carried_out_gpu_seconds": balance.carried_out,
        "lapsed_gpu_seconds": balance.lapsed,
        "held_gpu_seconds": balance.held,
        "charged_gpu_seconds": balance.charged,
        "left_gpu_seconds": balance.left,
    }


def told_step(step: GrantStep) -> Said:
    """Return what happened to a grant, by whom and why."""
    values: dict[str, object] = {
        "state": STATE_WORDS[step.state],
        "at": local_time(step.at),
        "amount": _amount(step),
    }
    if not step.by:
        return said("{state} {at}{amount}", **values)
    if not step.why:
        return said("{state} {at} by {by}{amount}", by=step.by, **values)
    return said("{state} {at} by {by}{amount}: {why}", by=step.by, why=step.why, **values)


def period(starts: datetime, expires: datetime) -> Said:
    return said("{begun} to {end}", begun=local_time(starts), end=local_time(expires))


def _amount(step: GrantStep) -> Said | str:
    if not step.gpu_seconds:
        return ""
    return said(", {hours} GPU-hours", hours=in_hours(step.gpu_seconds))


def _row(grant: Grant) -> Row:
    balance = grant.balance
    return (
        str(grant.number),
        grant.fund,
        grant.organisation,
        grant.project,
        STATE_WORDS[grant.state],
        in_hours(grant.asked),
        *map(in_hours, (balance.granted, balance.charged, balance.held, balance.left)),
        used(grant),
        local_day(grant.starts),
        local_day(grant.expires),
        grant.steps[0].why,
    )


def _step_fields(step: GrantStep) -> dict[str, Any]:
    return {
        "state": step.state.name,
        "by": step.by or None,
        "time": utc(step.at),
        "why": step.why,
        "gpu_seconds": step.gpu_seconds or None,
    }
