"""`tendik reservations`: which GPUs are set apart, when and for whom."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

from scheduler.cli.client import Client
from scheduler.cli.options import connected, format_option
from scheduler.cli.records import RESERVATION
from scheduler.cli.render import Format, print_data, print_table
from scheduler.cli.table import Column, Table
from scheduler.cli.terminal import note
from scheduler.cli.times import iso, local, moment
from scheduler.texts import said
from scheduler.v1.cluster_service_pb2 import (
    ListReservationsRequest,
    ListReservationsResponse,
    Reservation,
)
from scheduler.v1.cluster_service_pb2_grpc import ClusterServiceStub


@click.command()
@format_option()
@connected
def reservations(client: Client, form: Format) -> None:
    """Show which GPUs are set apart, when and for whom."""
    stub = ClusterServiceStub(client.channel)
    answer = client.call(stub.ListReservations, ListReservationsRequest())
    if form.for_programs:
        fields = [reservation_fields(one, answer) for one in answer.reservations]
        print_data(form, RESERVATION, fields)
    elif answer.reservations:
        print_table(_table(answer), form)
    else:
        note(said("no reservation is live or comes"))


def reservation_fields(one: Reservation, answer: ListReservationsResponse) -> dict[str, Any]:
    """Return the window as JSON takes it."""
    return {
        "reservation": one.name,
        "state": "live" if _is_live(one, answer) else "upcoming",
        "pool": one.pool,
        "tenant_class": one.tenant_class or None,
        "organisation": one.organisation_id or None,
        "project": one.project_id or None,
        "maintenance": _is_maintenance(one),
        "start_time": iso(one.start_time),
        "end_time": iso(one.end_time),
        "weekly": one.weekly,
        "gpus": one.gpus,
        "nodes": list(one.nodes),
    }


def _table(answer: ListReservationsResponse) -> Table:
    heads = (
        *(Column(head) for head in (said("RESERVATION"), said("STATE"), said("POOL"))),
        Column(said("GPUS"), right=True),
        *(Column(head) for head in (said("FOR"), said("STARTS"), said("ENDS"), said("NODES"))),
    )
    return Table(heads, list(_rows(answer)))


def _rows(answer: ListReservationsResponse) -> Iterable[tuple[str, ...]]:
    for one in answer.reservations:
        state = said("live") if _is_live(one, answer) else said("upcoming")
        yield (
            *(one.name, state, one.pool, str(one.gpus), _whom(one)),
            *(local(one.start_time), local(one.end_time), ",".join(one.nodes)),
        )


def _whom(one: Reservation) -> str:
    if _is_maintenance(one):
        return said("maintenance")
    if one.project_id:
        return f"{one.organisation_id}/{one.project_id}"
    return one.organisation_id or one.tenant_class


def _is_maintenance(one: Reservation) -> bool:
    return not (one.tenant_class or one.organisation_id)


def _is_live(one: Reservation, answer: ListReservationsResponse) -> bool:
    starts, now = moment(one.start_time), moment(answer.time)
    return starts is not None and now is not None and starts <= now
