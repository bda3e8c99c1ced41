"""`tendik admin fund`: where GPU-hours come from."""

from __future__ import annotations

from typing import Any, TypedDict, Unpack

import click

from scheduler.cli.budgets.grant_words import GpuHours, in_hours
from scheduler.cli.budgets.reading import budget_stub
from scheduler.cli.budgets.records import FUND
from scheduler.cli.client import Client, look_first
from scheduler.cli.options import connected, format_option
from scheduler.cli.render import Format, print_data, print_table
from scheduler.cli.table import Column, Table
from scheduler.cli.terminal import note, say
from scheduler.texts import said
from scheduler.v1 import budget_service_pb2 as v1


class Contents(TypedDict):
    """What a fund holds; `hours` are GPU-seconds by now."""

    hours: int
    title: str
    carry_over: int


@click.group()
def fund() -> None:
    """Funds: where GPU-hours of grants come from."""


@fund.command("create")
@click.argument("name", metavar="FUND")
@click.option(
    "--hours", type=GpuHours(), required=True, metavar="N", help="So many GPU-hours in all."
)
@click.option("--title", default="", help="The name for people.")
@click.option(
    "--carry-over",
    type=click.IntRange(0, 100),
    default=0,
    show_default=True,
    metavar="PERCENT",
    help="So much of an award may go on to the project's next grant as it expires.",
)
@format_option()
@connected
def create_fund(client: Client, name: str, form: Format, **contents: Unpack[Contents]) -> None:
    """Register a fund."""
    wanted = v1.Fund(
        fund_id=name,
        title=contents["title"],
        gpu_seconds=contents["hours"],
        carry_over_percent=contents["carry_over"],
    )
    request = v1.CreateFundRequest(fund=wanted)
    advice = look_first("tendik admin fund list")
    made = client.change(budget_stub(client).CreateFund, request, advice).fund
    if form.for_programs:
        print_data(form, FUND, _fields(made))
    else:
        say(
            said(
                "Created fund {fund} of {hours} GPU-hours",
                fund=made.fund_id,
                hours=in_hours(made.gpu_seconds),
            )
        )


@fund.command("list")
@format_option()
@connected
def list_funds(client: Client, form: Format) -> None:
    """List the funds, and what they have left."""
    found = client.call(budget_stub(client).ListFunds, v1.ListFundsRequest()).funds
    if form.for_programs:
        print_data(form, FUND, list(map(_fields, found)))
    elif not found:
        note(said("none yet"))
    else:
        print_table(Table(_COLUMNS, list(map(_row, found))), form)


_COLUMNS = (
    Column(said("FUND")),
    Column(said("TITLE")),
    *(
        Column(head, right=True)
        for head in (said("GPU-HOURS"), said("AWARDED"), said("LEFT"), said("CARRY OVER"))
    ),
)


def _row(one: v1.Fund) -> tuple[str, ...]:
    amounts = (one.gpu_seconds, one.awarded_gpu_seconds, one.left_gpu_seconds)
    return (one.fund_id, one.title, *map(in_hours, amounts), f"{one.carry_over_percent} %")


def _fields(one: v1.Fund) -> dict[str, Any]:
    return {
        "fund": one.fund_id,
        "title": one.title,
        "gpu_seconds": one.gpu_seconds,
        "carry_over_percent": one.carry_over_percent,
        "awarded_gpu_seconds": one.awarded_gpu_seconds,
        "left_gpu_seconds": one.left_gpu_seconds,
    }
