"""`tendik admin receipt` fetches receipts; `tendik verify-receipt` checks them on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from scheduler.cli.client import Client
from scheduler.cli.errors import CliError
from scheduler.cli.exit_codes import ExitCode
from scheduler.cli.files import write_whole
from scheduler.cli.options import connected, format_option
from scheduler.cli.render import Format
from scheduler.cli.terminal import note
from scheduler.texts import said
from scheduler.v1.cluster_service_pb2 import GetReceiptRequest, GetReceiptResponse
from scheduler.v1.cluster_service_pb2_grpc import ClusterServiceStub


@click.command()
@click.argument("cycle", type=click.IntRange(0), default=0, metavar="[CYCLE]")
@click.option(
    "-n", "--count", type=click.IntRange(1), default=1, metavar="N", help="And the N-1 before it."
)
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    default=Path(),
    metavar="FOLDER",
    help="Where to write the files; here if not told.",
)
@connected
def receipt(client: Client, cycle: int, count: int, output: Path) -> None:
    """Fetch a cycle's receipt and write it to a file.

    Without CYCLE the newest that is kept.
    """
    for found in _receipts(client, cycle, count):
        file = output / f"cycle-{found.cycle}.receipt"
        write_whole(file, found.content)
        click.echo(str(file))


def _receipts(client: Client, cycle: int, count: int) -> Iterator[GetReceiptResponse]:
    """Yield up to `count` receipts, newest first."""
    stub = ClusterServiceStub(client.channel)
    for _ in range(count):
        found = client.call(stub.GetReceipt, GetReceiptRequest(cycle=cycle))
        yield found
        if not found.previous_cycle:
            note(said("no receipt before that of cycle {cycle} is kept", cycle=found.cycle))
            return
        cycle = found.previous_cycle


@click.command("verify-receipt")
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@format_option()
def verify_receipt(files: tuple[str, ...], form: Format) -> None:
    """Check receipts on this machine.

    Checked are their bytes, their chain, and that deciding again gives the same.
    No service is needed, and none is asked.
    """
    # Imported here because it loads the allocator with its solver, which no other command does.
    from scheduler.cli.receipt_check import show_verdicts  # noqa: PLC0415

    failed = show_verdicts(files, form)
    if failed:
        raise CliError(
            said("receipts that do not hold: {failed} of {files}", failed=failed, files=len(files)),
            ExitCode.DIFFERS,
        )
