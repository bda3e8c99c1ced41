"""`tendik schema`: what the output for programs promises, as JSON Schema."""

from __future__ import annotations

from typing import Any

import click

from scheduler.cli.choices import OneOf
from scheduler.cli.fields import Record, json_schema
from scheduler.cli.forms import as_json
from scheduler.cli.options import format_option
from scheduler.cli.records import KIND, RECORDS
from scheduler.cli.render import Format, print_data, print_table
from scheduler.cli.table import Column, Table
from scheduler.texts import said


@click.command()
@click.argument("name", metavar="[NAME]", required=False, type=OneOf(list(RECORDS)))
@format_option()
def schema(name: str | None, form: Format) -> None:
    """Write the JSON Schema of an output, or list them.

    No service is needed, and none is asked.
    """
    if name:
        click.echo(as_json(json_schema(RECORDS[name]), indent=2))
        return
    found = [_fields(record) for record in RECORDS.values()]
    if form.for_programs:
        print_data(form, KIND, found)
        return
    heads = (
        Column(said("NAME")),
        Column(said("MEANING"), least=20),
        Column(said("WRITTEN BY"), least=20),
    )
    rows = [(one["name"], one["meaning"], ", ".join(one["commands"])) for one in found]
    print_table(Table(heads, rows))


def _fields(record: Record) -> dict[str, Any]:
    return {
        "name": record.name,
        "id": record.stamp,
        "meaning": record.meaning,
        "commands": list(record.written_by),
    }
