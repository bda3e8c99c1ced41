"""`tendik gpus`: what each pool has free now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from scheduler.cli.client import Client
from scheduler.cli.cluster_records import POOL
from scheduler.cli.cluster_state import get_cluster
from scheduler.cli.options import connected, format_option
from scheduler.cli.render import Format, print_data, print_table
from scheduler.cli.table import Column, Table
from scheduler.cli.terminal import note
from scheduler.texts import said
from scheduler.v1.cluster_service_pb2 import PoolStatus


@click.command()
@format_option()
@connected
def gpus(client: Client, form: Format) -> None:
    """Show how many GPUs of each pool are free now."""
    answer = get_cluster(client)
    if form.for_programs:
        print_data(form, POOL, list(map(pool_fields, answer.pools)))
    elif answer.pools:
        print_table(pool_table(answer.pools), form)
    else:
        note(said("no pools are known yet"))
    if not answer.backend_up:
        note(said("the cluster does not answer: these are the numbers that it told last"))


def pool_table(pools: Sequence[PoolStatus]) -> Table:
    """Return the pools as a table."""
    numbers = (said("CAPACITY"), said("HELD"), said("FOREIGN"), said("FREE"), said("WANTED"))
    heads = (Column(said("POOL")), *(Column(number, right=True) for number in numbers))
    rows = [[str(value) for value in pool_fields(pool).values()] for pool in pools]
    return Table(heads, rows)


def pool_fields(pool: PoolStatus) -> dict[str, Any]:
    """Return the pool as JSON takes it."""
    free = pool.capacity_gpus - pool.held_gpus - pool.foreign_gpus
    return {
        "pool": pool.name,
        "capacity_gpus": pool.capacity_gpus,
        "held_gpus": pool.held_gpus,
        "foreign_gpus": pool.foreign_gpus,
        "free_gpus": max(0, free),
        "wanted_gpus": pool.wanted_gpus,
    }
