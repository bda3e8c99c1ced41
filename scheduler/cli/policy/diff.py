"""`tendik policy diff`: what a policy file would change for whom, in words, GPUs and jobs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from scheduler.cli.client import Client
from scheduler.cli.files import read_text
from scheduler.cli.job_words import counted
from scheduler.cli.options import connected, format_option
from scheduler.cli.policy.records import FORECAST
from scheduler.cli.render import Format, print_data, print_table
from scheduler.cli.table import Column, Row, Table
from scheduler.cli.terminal import note, say
from scheduler.cli.times import iso, local
from scheduler.texts import Said, listed, said
from scheduler.v1 import policy_service_pb2 as v1
from scheduler.v1.policy_service_pb2_grpc import PolicyServiceStub

_MOST_NAMED = 8
Jobs = Sequence[v1.AffectedJob]
_LISTS = ("starts", "held_back", "recalled", "spared", "barred")


@click.command()
@click.argument("file", metavar="FILE|-|NUMBER")
@format_option()
@connected
def diff(client: Client, file: str, form: Format) -> None:
    """Say what a file or proposal would change now, for whom.

    The next cycle is decided twice on the jobs of this moment: under the policy in force, and
    under the file. Running jobs are never ended by a change: who holds more than the file allows
    keeps what runs, and starts nothing until it is less.
    """
    stub = PolicyServiceStub(client.channel)
    request = v1.ForecastPolicyRequest(text=text_of(client, file))
    found = client.call(stub.ForecastPolicy, request)
    if form.for_programs:
        print_data(form, FORECAST, _fields(found))
        return
    note(
        said(
            "against version {number}, as of {at}",
            number=found.base_number,
            at=local(found.snapshot_time),
        )
    )
    for change in found.changes or [said("changes nothing against the version in force")]:
        say(listed(("- ", change), ""))
    _tell_jobs(found)
    changed = [one for one in found.standings if _changes(one)]
    if changed:
        print_table(Table(_COLUMNS, list(map(_row, changed))), form)


def text_of(client: Client, file: str) -> str:
    """Return a file's text, or that of the proposal of this number. Raises CliError."""
    if not file.isdigit():
        return read_text(file)
    stub = PolicyServiceStub(client.channel)
    return client.call(stub.GetProposal, v1.GetProposalRequest(number=int(file))).proposal.text


def _tell_jobs(found: v1.ForecastPolicyResponse) -> None:
    if not any(getattr(found, name) for name in _LISTS):
        say(said("the next cycle starts and recalls the same jobs"))
    if jobs := found.starts:
        say(said("start: {jobs}", jobs=_told(jobs)))
    if jobs := found.held_back:
        say(said("wait, and would start now: {jobs}", jobs=_told(jobs)))
    if jobs := found.recalled:
        say(said("are recalled: {jobs}", jobs=_told(jobs)))
    if jobs := found.spared:
        say(said("are not recalled any more: {jobs}", jobs=_told(jobs)))
    if jobs := found.barred:
        say(said("pass a limit, and wait for ever: {jobs}", jobs=_told(jobs)))


def _told(jobs: Jobs) -> Said:
    """Return the first jobs by number and organisation, and the GPUs of all."""
    gpus = sum(job.gpus for job in jobs)
    size = counted(gpus, "GPU")
    names = ", ".join(f"{job.job_id} ({job.organisation_id})" for job in jobs[:_MOST_NAMED])
    more = len(jobs) - _MOST_NAMED
    if more > 0:
        return said("{names} and {more} more, {size}", names=names, more=more, size=size)
    return said("{names}, {size}", names=names, size=size)


_COLUMNS = (
    *map(Column, (said("ORGANISATION"), said("CLASS"), said("POOL"))),
    *(Column(name, right=True) for name in (said("HELD"), said("WANTED"), said("ENTITLED"))),
    *(Column(name, right=True) for name in (said("THEN"), said("EVEN SHARE"), said("THEN"))),
    Column(said("OVER"), right=True),
)


def _changes(one: v1.PolicyStanding) -> bool:
    return (
        one.entitled_gpus_before != one.entitled_gpus_after
        or one.even_gpus_before != one.even_gpus_after
        or one.over_gpus > 0
    )


def _row(one: v1.PolicyStanding) -> Row:
    return (
        one.organisation_id,
        one.tenant_class,
        one.pool,
        str(one.held_gpus),
        str(one.wanted_gpus),
        f"{one.entitled_gpus_before:.1f}",
        f"{one.entitled_gpus_after:.1f}",
        f"{one.even_gpus_before:.1f}",
        f"{one.even_gpus_after:.1f}",
        str(one.over_gpus or "-"),
    )


def _fields(found: v1.ForecastPolicyResponse) -> dict[str, Any]:
    lists = {name: list(map(_job, getattr(found, name))) for name in _LISTS}
    return {
        "time": iso(found.snapshot_time),
        "base_version": found.base_number,
        "changes": list(found.changes),
        **lists,
        "standings": [
            {
                "organisation": one.organisation_id,
                "tenant_class": one.tenant_class,
                "pool": one.pool,
                "held_gpus": one.held_gpus,
                "wanted_gpus": one.wanted_gpus,
                "entitled_gpus_before": one.entitled_gpus_before,
                "entitled_gpus_after": one.entitled_gpus_after,
                "even_gpus_before": one.even_gpus_before,
                "even_gpus_after": one.even_gpus_after,
                "over_gpus": one.over_gpus,
            }
            for one in found.standings
        ],
    }


def _job(job: v1.AffectedJob) -> dict[str, Any]:
    return {
        "job_id": job.job_id,
        "organisation": job.organisation_id,
        "user": job.user_id,
        "gpus": job.gpus,
    }
