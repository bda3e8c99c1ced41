"""`tendik admin cluster`: the pools, the last cycle, and the backend."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from scheduler.cli.client import Client
from scheduler.cli.cluster_records import CLUSTER
from scheduler.cli.cluster_state import get_cluster
from scheduler.cli.options import connected, format_option
from scheduler.cli.pools import pool_fields, pool_table
from scheduler.cli.reader_times import told_time
from scheduler.cli.render import Format, print_data, print_fields, print_table
from scheduler.cli.table import Cell
from scheduler.cli.times import iso
from scheduler.texts import said
from scheduler.v1.cluster_service_pb2 import (
    Cycle,
    GetClusterResponse,
    ReceiptHead,
)


@click.command()
@format_option()
@connected
def cluster(client: Client, form: Format) -> None:
    """Show pools, backend, and how the last decision was made."""
    answer = get_cluster(client)
    if form.for_programs:
        print_data(form, CLUSTER, _as_json(answer))
        return
    print_table(pool_table(answer.pools), form)
    click.echo()
    print_fields(_state(answer))


def _state(answer: GetClusterResponse) -> Iterator[tuple[str, Cell | str]]:
    if answer.backend_up:
        yield said("backend"), Cell(said("{backend}, answers", backend=answer.backend), "green")
    else:
        yield (
            said("backend"),
            Cell(said("{backend}, does not answer", backend=answer.backend), "red"),
        )
    if answer.receipt_head.sha256:
        yield from _receipts(answer.receipt_head)
    if not answer.HasField("last_cycle"):
        yield said("last cycle"), said("none yet")
        return
    cycle = answer.last_cycle
    yield said("last cycle"), f"{cycle.number}, {told_time(cycle.time)}"
    yield said("policy version"), str(cycle.policy_version)
    yield said("solver"), f"{cycle.solver}, {cycle.status}, {cycle.duration_seconds:.3f} s"
    yield (
        said("decisions"),
        said(
            "{started_jobs} started, {waiting_jobs} wait",
            started_jobs=cycle.started_jobs,
            waiting_jobs=cycle.waiting_jobs,
        ),
    )
    for violation in cycle.violations:
        yield said("audit"), Cell(violation, "red")


def _receipts(head: ReceiptHead) -> Iterator[tuple[str, Cell | str]]:
    yield said("receipts"), said("cycle {cycle}, {sha256}", cycle=head.cycle, sha256=head.sha256)
    if head.failed or head.skipped:
        lost = said(
            "{failed} could not be written, {skipped} cycles went without",
            failed=head.failed,
            skipped=head.skipped,
        )
        yield "", Cell(lost, "red")


def _as_json(answer: GetClusterResponse) -> dict[str, Any]:
    return {
        "pools": list(map(pool_fields, answer.pools)),
        "backend": answer.backend,
        "backend_up": answer.backend_up,
        "receipts": _head(answer.receipt_head) if answer.HasField("receipt_head") else None,
        "last_cycle": cycle_fields(answer.last_cycle) if answer.HasField("last_cycle") else None,
    }


def _head(head: ReceiptHead) -> dict[str, Any]:
    names = ("cycle", "sha256", "kept", "failed", "skipped")
    return {name: getattr(head, name) for name in names}


def cycle_fields(cycle: Cycle) -> dict[str, Any]:
    """Return the cycle as JSON takes it."""
    return {
        "number": cycle.number,
        "time": iso(cycle.time),
        "policy_version": cycle.policy_version,
        "solver": cycle.solver,
        "status": cycle.status,
        "started_jobs": cycle.started_jobs,
        "waiting_jobs": cycle.waiting_jobs,
        "duration_seconds": cycle.duration_seconds,
        "violations": list(cycle.violations),
    }
