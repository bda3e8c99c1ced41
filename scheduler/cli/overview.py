"""`tendik admin overview`: one look at everything that an administrator minds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain
from operator import attrgetter
from typing import Any

import click

from scheduler.cli.client import Client
from scheduler.cli.cluster import cycle_fields
from scheduler.cli.estimates import estimate_fields, start_phrase
from scheduler.cli.job_words import blockers_of, job_label, reason_word, reasons_phrase, time_taken
from scheduler.cli.options import connected, format_option
from scheduler.cli.overview_records import OVERVIEW
from scheduler.cli.pools import pool_fields
from scheduler.cli.reader_times import told_clock
from scheduler.cli.render import Format, print_data, print_table
from scheduler.cli.shares import amounts, share_fields
from scheduler.cli.table import Cell, Column, Row, Table
from scheduler.cli.terminal import say
from scheduler.cli.times import iso, local, moment
from scheduler.texts import Said, listed, said
from scheduler.v1 import policy_service_pb2 as v1
from scheduler.v1.cluster_service_pb2 import (
    Alert,
    Cycle,
    GetOverviewRequest,
    GetOverviewResponse,
    OrganisationOverview,
    OrganisationShare,
    PoolOverview,
)
from scheduler.v1.cluster_service_pb2_grpc import ClusterServiceStub
from scheduler.v1.job_service_pb2 import Job
from scheduler.v1.policy_service_pb2 import Proposal, ProposalState

# A whole screen's worth: of each pool at most so many organisations, programs get all.
MOST_ORGANISATIONS = 20


@click.command()
@format_option()
@connected
def overview(client: Client, form: Format) -> None:
    """See who holds, borrows and waits, and what is wrong now.

    Organisations that hold and want nothing are left out, but for `-o wide` and programs.
    """
    stub = ClusterServiceStub(client.channel)
    found = client.call(stub.GetOverview, GetOverviewRequest())
    if form.for_programs:
        print_data(form, OVERVIEW, _fields(found))
        return
    for sentence in _head(found):
        say(sentence)
    click.echo()
    print_table(Table(_POOL_HEADS, list(map(_pool_row, found.pools))), form)
    click.echo()
    _print_organisations(found.organisations, form)
    _print_waits(found.longest_waits, form)
    if found.cycles:
        print_table(Table(_CYCLE_HEADS, list(map(_cycle_row, found.cycles))), form)


def _head(found: GetOverviewResponse) -> Iterator[str]:
    backend = (
        said("{backend}, answers", backend=found.backend)
        if found.backend_up
        else said("{backend}, does not answer", backend=found.backend)
    )
    policy = said(
        'policy {number} "{title}" by {by}',
        number=found.policy.number,
        title=found.policy.title,
        by=found.policy.applied_by,
    )
    yield listed((local(found.time), backend), "  ")
    yield policy
    if not found.leads:
        yield said("another replica decides: its cycles are not known here")
    yield from map(_alert_line, found.alerts)
    if not found.alerts:
        yield said("no alerts")
    yield from map(_proposal_line, found.open_proposals)


def _alert_line(alert: Alert) -> str:
    at = moment(alert.since_time)
    since = said("since {time}", time=told_clock(at, datetime.now(UTC))) if at else ""
    parts = (alert.message, since, alert.runbook)
    told = listed(filter(None, parts))
    return said("CRITICAL: {alert}", alert=told) if alert.critical else listed(("! ", told), "")


def _proposal_line(proposal: Proposal) -> str:
    names = {"number": proposal.number, "title": proposal.title}
    match proposal.state:
        case v1.PROPOSAL_STATE_PROPOSED:
            return said('proposal {number} "{title}" waits for a signature', **names)
        case v1.PROPOSAL_STATE_SHADOWED:
            return said('proposal {number} "{title}" is in shadow', **names)
        case v1.PROPOSAL_STATE_CANARY:
            return said(
                'proposal {number} "{title}" is tried on {classes} until {until}',
                **names,
                classes=", ".join(proposal.canary.classes),
                until=local(proposal.canary.until_time),
            )
        case _:
            return said(
                'proposal {number} "{title}" is signed and waits to be put in force', **names
            )


_POOL_HEADS = (
    Column(said("POOL")),
    *(
        Column(title, right=True)
        for title in (
            *(said("UP"), said("DOWN"), said("HELD"), said("FOREIGN"), said("RESERVED")),
            *(said("FREE"), said("WANTED")),
        )
    ),
)


def _pool_row(one: PoolOverview) -> Row:
    told = pool_fields(one.pool)
    return (
        one.pool.name,
        str(one.pool.capacity_gpus),
        Cell(str(one.down_gpus or "-"), "red" if one.down_gpus else "dim"),
        str(one.pool.held_gpus),
        str(one.pool.foreign_gpus or "-"),
        str(one.reserved_gpus or "-"),
        str(told["free_gpus"]),
        str(one.pool.wanted_gpus),
    )


_ORGANISATION_HEADS = (
    Column(said("ORGANISATION"), least=12, cut=True),
    Column(said("CLASS"), wide=True),
    Column(said("POOL"), least=6, cut=True),
    *(
        Column(title, right=True)
        for title in (
            *(said("FLOOR"), said("ENTITLED"), said("HELD"), said("WANTED"), said("BORROWED")),
            *(said("LENT"), said("OWED")),
        )
    ),
    Column(said("UNTIL"), least=5),
)


def _print_organisations(found: Sequence[OrganisationOverview], form: Format) -> None:
    """Print each pool's organisations, those that lack or borrow most first, and who owes whom."""
    shown = [one for one in found if form is Format.WIDE or _is_of_note(one)]
    shown.sort(key=lambda one: (one.share.pool, -_imbalance(one.share), one.share.organisation_id))
    pools = sorted({one.share.pool for one in shown})
    of_pool = {pool: [one for one in shown if one.share.pool == pool] for pool in pools}
    most = None if form is Format.WIDE else MOST_ORGANISATIONS
    rows = [_organisation_row(one) for pool in pools for one in of_pool[pool][:most]]
    if rows:
        print_table(Table(_ORGANISATION_HEADS, rows), form)
        click.echo()
    lines = list(chain.from_iterable(_debts(pool, of_pool[pool], most) for pool in pools))
    for line in lines:
        say(line)
    if lines:
        click.echo()


def _is_of_note(one: OrganisationOverview) -> bool:
    share = one.share
    return any((share.held_gpus, share.wanted_gpus, share.lent_gpus, one.floor_gpus))


def _imbalance(share: OrganisationShare) -> float:
    return float(abs(share.held_gpus - share.entitled_gpus))


def _organisation_row(one: OrganisationOverview) -> Row:
    share = one.share
    short = share.held_gpus < min(one.floor_gpus, share.wanted_gpus)
    return (
        share.organisation_id,
        share.tenant_class,
        share.pool,
        Cell(str(one.floor_gpus or "-"), "red" if short else ""),
        *amounts(share),
    )


def _debts(pool: str, found: Sequence[OrganisationOverview], most: int | None) -> Iterator[Said]:
    """Say what is borrowed in a pool, from whom, and to whom it is owed."""
    if most is not None and len(found) > most:
        yield said(
            "{pool}: {more} more organisations; -o wide shows all",
            pool=pool,
            more=len(found) - most,
        )
    shares = [one.share for one in found]
    borrowed, lent, owed = (
        _named(shares, name) for name in ("borrowed_gpus", "lent_gpus", "owed_gpus")
    )
    if borrowed:
        yield said("{pool}: borrowed by {names}", pool=pool, names=borrowed)
    if lent:
        yield said("{pool}: lent by {names}, of their even shares", pool=pool, names=lent)
    if owed:
        yield said("{pool}: owed to {names}", pool=pool, names=owed)


def _named(shares: Sequence[OrganisationShare], field: str) -> str:
    """Return the organisations with most of it, and how much: "caspian 9, steppe 4"."""
    gpus_of = attrgetter(field)
    having = sorted(filter(gpus_of, shares), key=lambda share: -gpus_of(share))
    return listed(f"{share.organisation_id} {gpus_of(share)}" for share in having[:5])


_WAIT_HEADS = (
    Column(said("LONGEST WAITS")),
    Column(said("ORGANISATION"), least=12, cut=True),
    Column(said("USER"), least=6, cut=True),
    Column(said("GPUS"), right=True),
    Column(said("WAITED"), right=True),
    Column(said("STARTS"), least=10),
    Column(said("WHY"), least=16),
)


def _print_waits(jobs: Sequence[Job], form: Format) -> None:
    now = datetime.now(UTC)
    rows = [
        (
            job_label(job),
            job.organisation,
            job.user,
            str(job.resources.gpus),
            time_taken(job, now),
            start_phrase(job, now) or "-",
            reasons_phrase(job),
        )
        for job in jobs
    ]
    if rows:
        print_table(Table(_WAIT_HEADS, rows), form)
        click.echo()


_CYCLE_HEADS = (
    Column(said("LAST CYCLES")),
    Column(said("AT")),
    *(
        Column(title, right=True)
        for title in (said("MS"), said("STARTED"), said("RECALLED"), said("WAITING"))
    ),
    Column(said("SOLVER")),
    Column(said("RESULT"), least=16),
)


def _cycle_row(cycle: Cycle) -> Row:
    at = moment(cycle.time)
    return (
        str(cycle.number),
        f"{at.astimezone():%H:%M:%S}" if at else "-",
        f"{cycle.duration_seconds * 1000:.0f}",
        str(cycle.started_jobs),
        str(cycle.recalled_jobs),
        str(cycle.waiting_jobs),
        cycle.solver,
        Cell(_result(cycle), "red" if cycle.violations else ""),
    )


def _result(cycle: Cycle) -> str:
    """Return whether the best was proved, or how far from it the cycle may be."""
    if cycle.violations:
        return said("the audit refused it")
    if not cycle.HasField("gap"):
        return said("nothing to search")
    if cycle.gap:
        return said("within {part} of the best", part=f"{cycle.gap:.1%}")
    return said("proved the best")


def _fields(found: GetOverviewResponse) -> dict[str, Any]:
    return {
        "time": iso(found.time),
        "backend": found.backend,
        "backend_up": found.backend_up,
        "leads": found.leads,
        "policy_version": found.policy.number,
        "policy_title": found.policy.title,
        "alerts": list(map(_alert, found.alerts)),
        "open_proposals": list(map(_proposal, found.open_proposals)),
        "pools": list(map(_pool, found.pools)),
        "organisations": [
            share_fields(one.share) | {"floor_gpus": one.floor_gpus} for one in found.organisations
        ],
        "longest_waits": list(map(_wait, found.longest_waits)),
        "cycles": [
            cycle_fields(one)
            | {"recalled_jobs": one.recalled_jobs, "gap": one.gap if one.HasField("gap") else None}
            for one in found.cycles
        ],
    }


def _alert(alert: Alert) -> dict[str, Any]:
    return {
        "kind": alert.kind,
        "critical": alert.critical,
        "message": alert.message,
        "since_time": iso(alert.since_time),
        "runbook": alert.runbook or None,
    }


def _proposal(proposal: Proposal) -> dict[str, Any]:
    return {
        "proposal": proposal.number,
        "state": ProposalState.Name(proposal.state).removeprefix("PROPOSAL_STATE_"),
        "title": proposal.title,
        "by": proposal.steps[0].by if proposal.steps else "",
    }


def _pool(one: PoolOverview) -> dict[str, Any]:
    lacks = ("reserved_gpus", "down_gpus", "nodes", "nodes_down")
    return pool_fields(one.pool) | {name: getattr(one, name) for name in lacks}


def _wait(job: Job) -> dict[str, Any]:
    told = estimate_fields(job)
    return {
        "job_id": job.job_id,
        "organisation": job.organisation,
        "user": job.user,
        "gpus": job.resources.gpus,
        "submit_time": iso(job.submit_time),
        "reasons": [reason_word(one.reason) for one in blockers_of(job)],
        "p50_time": told["p50_time"] if told else None,
        "p90_time": told["p90_time"] if told else None,
    }
