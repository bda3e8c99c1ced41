"""`tendik policy simulate`: the last weeks, or a trace, under an old and a new policy."""

from __future__ import annotations

import re

import click

from scheduler.cli.errors import usage_error
from scheduler.cli.options import Opened, connectable, format_option
from scheduler.cli.render import Format
from scheduler.texts import said

MEMBER = re.compile(r"(?P<organisation>[^=]+)=(?P<tenant_class>[^=]+)")


@click.command()
@click.argument("file", metavar="FILE|-|NUMBER")
@click.option(
    "--days",
    type=click.IntRange(1, 366),
    metavar="N",
    help="The last N days.  [default: 30 of the site, all of a trace]",
)
@click.option(
    "--against", default="", metavar="FILE|NUMBER", help="Not the version in force, but this."
)
@click.option("--trace", default="", metavar="FILE", help="Jobs of this CSV file, not of the site.")
@click.option(
    "--pool",
    "pools",
    multiple=True,
    metavar="NAME=NODESxGPUS",
    help="A pool for the trace, as alem/h200=64x8; may be repeated.",
)
@click.option(
    "--member",
    "members",
    multiple=True,
    metavar="ORGANISATION=CLASS",
    help="The class of an organisation of the trace; may be repeated.",
)
@click.option(
    "--cycle",
    "cycle_s",
    type=click.IntRange(1, 3600),
    metavar="SECONDS",
    help="Least time between two cycles.  [default: 60, or 300 with more than 256 nodes]",
)
@click.option("--plots", default="", metavar="FOLDER", help="Write pictures into this folder, too.")
@format_option()
@connectable
def simulate(
    opened: Opened,
    *,
    file: str,
    days: int | None,
    against: str,
    trace: str,
    pools: tuple[str, ...],
    members: tuple[str, ...],
    cycle_s: int | None,
    plots: str,
    form: Format,
) -> None:
    """Say what a file would have done over the last weeks, for whom.

    The jobs that were submitted are replayed here, not by the service, twice: under the version in
    force, and under the file. No service is asked with --trace and --against.
    """
    if (pools or members) and not trace:
        raise usage_error(said("--pool and --member describe a trace; name it with --trace"))
    if trace and not pools:
        raise usage_error(
            said("a trace does not say on which machines; add --pool NAME=NODESxGPUS")
        )
    # Imported here because the allocator and what reads policies are slow to load.
    from scheduler.cli.simulation.asked import Asked, answer  # noqa: PLC0415

    asked = Asked(
        *(opened, file, against, trace, pools, dict(map(_member, members))),
        *(days, cycle_s, plots, form),
    )
    answer(asked)


def _member(text: str) -> tuple[str, str]:
    match = MEMBER.fullmatch(text)
    if match is None:
        raise usage_error(said("--member: {text!r} is not ORGANISATION=CLASS", text=text))
    return match["organisation"], match["tenant_class"]
