"""`tendik start-times`: how often the start times that jobs were told came true."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

from scheduler.cli.client import Client
from scheduler.cli.cluster_records import TRACK_RECORD
from scheduler.cli.options import connected, format_option
from scheduler.cli.render import Format, print_data, print_table
from scheduler.cli.table import Column, Table
from scheduler.cli.terminal import note
from scheduler.texts import said
from scheduler.v1.cluster_service_pb2 import ListTrackRecordsRequest, TrackRecord
from scheduler.v1.cluster_service_pb2_grpc import ClusterServiceStub


@click.command("start-times")
@format_option()
@connected
def start_times(client: Client, form: Format) -> None:
    """Show how often the start times that jobs were told came true."""
    records = track_records(client)
    if form.for_programs:
        print_data(form, TRACK_RECORD, list(map(track_record_fields, records)))
    elif records:
        print_table(_table(records), form)
    else:
        note(said("no start time that was told can be judged yet"))


def track_records(client: Client) -> list[TrackRecord]:
    """Return how the newest start times came out, by class."""
    stub = ClusterServiceStub(client.channel)
    return list(client.call(stub.ListTrackRecords, ListTrackRecordsRequest()).records)


def track_record_fields(record: TrackRecord) -> dict[str, Any]:
    return {
        "tenant_class": record.tenant_class,
        "judged": record.judged,
        "within_p50": record.within_p50,
        "within_p90": record.within_p90,
    }


def _table(records: Iterable[TrackRecord]) -> Table:
    heads = (
        Column(said("CLASS")),
        Column(said("TOLD"), right=True),
        *(Column(said("BEFORE {time}", time=time), right=True) for time in ("P50", "P90")),
    )
    rows = [
        (
            *(record.tenant_class, str(record.judged)),
            *(f"{part / record.judged:.0%}" for part in (record.within_p50, record.within_p90)),
        )
        for record in records
    ]
    return Table(heads, rows)
