"""`tendik share`: what every organisation is entitled to, holds and wants."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

import click

from scheduler.cli import completers
from scheduler.cli.choices import checked_pool
from scheduler.cli.client import Client
from scheduler.cli.cluster_records import SHARES
from scheduler.cli.cluster_state import get_cluster
from scheduler.cli.options import connected, format_option
from scheduler.cli.reader_times import told_clock
from scheduler.cli.render import Format, print_data, print_table
from scheduler.cli.table import Cell, Column, Row, Table
from scheduler.cli.terminal import columns, note, say
from scheduler.cli.times import iso, moment
from scheduler.texts import listed, said
from scheduler.v1.cluster_service_pb2 import (
    ListSharesRequest,
    ListSharesResponse,
    OrganisationShare,
    PoolStatus,
)
from scheduler.v1.cluster_service_pb2_grpc import ClusterServiceStub

LONG_BAR_CELLS, SHORT_BAR_CELLS = 24, 5
WIDE_COLUMNS = 100

Signs = tuple[str, str, str]
# Held within the entitlement, held above it, entitled and not held.
BAR_SIGNS = ("█", "▒", "·")
PLAIN_BAR_SIGNS = ("#", "+", ".")


@click.command()
@click.option(
    "--pool",
    default="",
    metavar="POOL",
    help='Only this pool, e.g. "alem/h200".',
    shell_complete=completers.pools,
)
@format_option()
@connected
def share(client: Client, pool: str, form: Format) -> None:
    """Show every organisation's share of each pool."""
    answer = get_shares(client)
    pool = checked_pool(pool, (share.pool for share in answer.shares))
    shares = [share for share in answer.shares if pool in ("", share.pool)]
    if form.for_programs:
        print_data(form, SHARES, _as_json(answer, shares))
        return
    pools = {status.name: status for status in get_cluster(client).pools}
    shares.sort(key=lambda share: (share.pool, share.tenant_class, share.organisation_id))
    for name, of_pool in groupby(shares, lambda share: share.pool):
        _print_pool(name, pools.get(name), list(of_pool), form)
    _explain(shares)


def get_shares(client: Client) -> ListSharesResponse:
    return client.call(ClusterServiceStub(client.channel).ListShares, ListSharesRequest())


def plain_columns() -> tuple[Column, ...]:
    """Return the columns of one organisation's shares."""
    return (Column(said("POOL")), *_numbers())


def plain_row(share: OrganisationShare) -> Row:
    return (share.pool, *amounts(share))


def share_fields(share: OrganisationShare) -> dict[str, Any]:
    """Return the share as JSON takes it."""
    return {
        "organisation": share.organisation_id,
        "tenant_class": share.tenant_class,
        "pool": share.pool,
        "entitled_gpus": share.entitled_gpus,
        "held_gpus": share.held_gpus,
        "wanted_gpus": share.wanted_gpus,
        "borrowed_gpus": share.borrowed_gpus,
        "lent_gpus": share.lent_gpus,
        "mean_gpus": share.mean_gpus,
        "owed_gpus": share.owed_gpus,
        "owed_since_time": iso(share.owed_since_time),
        "owed_until_time": iso(share.owed_until_time),
        "borrowed_until_time": iso(share.borrowed_until_time),
    }


def bar(share: OrganisationShare, most_gpus: float) -> str:
    """Draw the share to the scale of the pool's largest."""
    held, borrowed, empty = _signs()
    length = LONG_BAR_CELLS if columns() >= WIDE_COLUMNS else SHORT_BAR_CELLS
    cells = length / most_gpus if most_gpus else 0.0
    within = round(min(share.held_gpus, share.entitled_gpus) * cells)
    above = round(share.held_gpus * cells) - within
    unused = max(0, round(share.entitled_gpus * cells) - within)
    return held * within + borrowed * above + empty * unused


def _numbers() -> tuple[Column, ...]:
    heads = (
        *(said("ENTITLED"), said("HELD"), said("WANTED"), said("BORROWED"), said("LENT")),
        said("OWED"),
    )
    numbers = (Column(head, right=True) for head in heads)
    return (*numbers, Column(said("UNTIL"), least=5))


def amounts(share: OrganisationShare) -> Row:
    """Return the cells of a share that every table of shares has, from ENTITLED to UNTIL."""
    return (
        f"{share.entitled_gpus:.1f}",
        str(share.held_gpus),
        str(share.wanted_gpus),
        Cell(str(share.borrowed_gpus or "-"), "yellow" if share.borrowed_gpus else "dim"),
        Cell(str(share.lent_gpus or "-"), "cyan" if share.lent_gpus else "dim"),
        Cell(str(share.owed_gpus or "-"), "red" if share.owed_gpus else "dim"),
        _until(share),
    )


def _until(share: OrganisationShare) -> Cell:
    """Return until when the GPUs are owed, or may be kept: nobody both borrows and is owed."""
    at = moment(share.owed_until_time) or moment(share.borrowed_until_time)
    return Cell(told_clock(at, datetime.now(UTC))) if at else Cell("-", "dim")


def _print_pool(
    name: str, status: PoolStatus | None, shares: Sequence[OrganisationShare], form: Format
) -> None:
    say(listed((name, _filling(status)), ""))
    most = max(max(share.entitled_gpus, share.held_gpus) for share in shares)
    names = (
        Column(said("ORGANISATION"), least=12, cut=True),
        Column(said("CLASS"), least=6, cut=True),
    )
    heads = (*names, *_numbers(), Column(said("MEAN"), right=True, wide=True), Column(""))
    rows = [
        (share.organisation_id, share.tenant_class, *amounts(share), mean, bar(share, most))
        for share, mean in ((share, f"{share.mean_gpus:.1f}") for share in shares)
    ]
    print_table(Table(heads, rows), form)
    click.echo()


def _filling(status: PoolStatus | None) -> str:
    if status is None:
        return ""
    free = status.capacity_gpus - status.held_gpus - status.foreign_gpus
    foreign = (
        said(", {gpus} used by others", gpus=status.foreign_gpus) if status.foreign_gpus else ""
    )
    return said(
        ": {capacity} GPUs, {held} held{foreign}, {free} free",
        capacity=status.capacity_gpus,
        held=status.held_gpus,
        foreign=foreign,
        free=max(0, free),
    )


def _explain(shares: Sequence[OrganisationShare]) -> None:
    if not shares:
        note(said("no shares yet: no organisation, or no cycle has run"))
        return
    if any(share.owed_until_time.seconds or share.borrowed_until_time.seconds for share in shares):
        note(said("UNTIL: what is owed comes by then at the latest, what is borrowed may be kept"))
    held, borrowed, empty = _signs()
    note(
        said(
            "{held} held  {borrowed} borrowed  {empty} entitled, not held",
            held=held,
            borrowed=borrowed,
            empty=empty,
        )
    )


def _signs() -> Signs:
    """Return signs that the output can carry."""
    try:
        "".join(BAR_SIGNS).encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return PLAIN_BAR_SIGNS
    return BAR_SIGNS


def _as_json(answer: ListSharesResponse, shares: Sequence[OrganisationShare]) -> dict[str, Any]:
    return {
        "time": iso(answer.time),
        "policy_version": answer.policy_version,
        "shares": [share_fields(share) for share in shares],
    }
