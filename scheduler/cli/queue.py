"""`tendik queue`: the jobs that wait and run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import TypedDict, Unpack

import click

from scheduler.cli.client import Client
from scheduler.cli.job_json import job_fields
from scheduler.cli.job_words import (
    ENDED,
    LIVE,
    counted,
    job_label,
    state_cell,
    state_word,
    time_taken,
    where_or_why,
)
from scheduler.cli.lookup import list_jobs, who_am_i
from scheduler.cli.options import connected, format_option
from scheduler.cli.render import Format, print_json, print_table
from scheduler.cli.table import Column, Row, Table
from scheduler.cli.terminal import note
from scheduler.v1.job_service_pb2 import Job, JobState, ListJobsRequest

Owner = Callable[[Job], str]

# No organisation has such a name.
MINE = "@mine"
STATES = {
    "live": LIVE,
    "ended": ENDED,
    "any": (),
    **{state_word(state): (state,) for state in (*LIVE, *ENDED)},
}


class Filters(TypedDict):
    """Which jobs are wanted; empty strings mean any."""

    organisation: str
    project: str
    user: str
    states: tuple[str, ...]


@click.command()
@click.option("--all", "everybody", is_flag=True, help="All jobs that you may see.")
@click.option(
    "--org",
    "organisation",
    is_flag=False,
    flag_value=MINE,
    default="",
    metavar="[ORG]",
    help="All jobs of your organisation, or of the one named.",
)
@click.option("--project", default="", metavar="PROJECT", help="Only this project's jobs.")
@click.option("--user", default="", metavar="USER", help="This user's jobs.")
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice(list(STATES)),
    default=("live",),
    show_default=True,
    help="Jobs in this state; may be repeated.",
)
@click.option(
    "--limit", type=click.IntRange(1, 100_000), default=1000, show_default=True, metavar="JOBS"
)
@format_option()
@connected
def queue(
    client: Client, everybody: bool, limit: int, form: Format, **filters: Unpack[Filters]
) -> None:
    """List your jobs that wait and run, newest first."""
    wanted = _wanted(client, everybody, filters)
    jobs = list_jobs(client, wanted, limit + 1)
    if form is Format.JSON:
        print_json([job_fields(job) for job in jobs[:limit]])
    else:
        _print(jobs[:limit], mine_only=bool(wanted.user))
    if len(jobs) > limit:
        note(f"only the newest {counted(limit, 'job')} are shown; --limit shows more")


def job_table(jobs: Sequence[Job], now: datetime, with_user: bool) -> Table:
    """Return the jobs as a table; pending elements of an array that wait alike share a row."""
    owners: list[Owner] = [lambda job: job.user] if with_user else []
    if len({job.organisation for job in jobs}) > 1:
        owners.insert(0, lambda job: job.organisation)
    rows = [_row(list(alike), now, owners) for _, alike in groupby(jobs, _alike)]
    heads = (Column("ORGANISATION", least=8, cut=True), Column("USER", least=6, cut=True))
    return Table(
        (
            Column("JOB"),
            Column("NAME", least=8, cut=True),
            *heads[len(heads) - len(owners) :],
            Column("STATE"),
            Column("GPUS", right=True),
            Column("TIME", right=True),
            Column("WHERE OR WHY", least=14),
        ),
        rows,
    )


def _states(words: Sequence[str]) -> list[JobState]:
    if "any" in words:
        return []
    return [state for word in words for state in STATES[word]]


def _wanted(client: Client, everybody: bool, filters: Filters) -> ListJobsRequest:
    """Return the request, with what the caller means by "my jobs" and "my organisation"."""
    wanted = ListJobsRequest(
        organisation=filters["organisation"],
        project=filters["project"],
        user=filters["user"],
        states=_states(filters["states"]),
    )
    if wanted.organisation == MINE:
        wanted.organisation = who_am_i(client).user.organisation_id
    elif not (everybody or wanted.organisation or wanted.user or wanted.project):
        me = who_am_i(client).user
        wanted.organisation, wanted.user = me.organisation_id, me.user_id
    return wanted


def _print(jobs: Sequence[Job], mine_only: bool) -> None:
    if not jobs:
        note("no such jobs")
        return
    print_table(job_table(jobs, datetime.now(UTC), with_user=not mine_only))


def _alike(job: Job) -> tuple[int, str]:
    if job.HasField("array") and job.state == JobState.JOB_STATE_PENDING:
        return job.array.array_job_id, where_or_why(job)
    return job.job_id, ""


def _row(alike: Sequence[Job], now: datetime, owners: Iterable[Owner]) -> Row:
    job = alike[0]
    label, gpus = job_label(job), str(job.resources.gpus)
    if len(alike) > 1:
        indices = ranges(sorted(element.array.index for element in alike))
        label, gpus = f"{job.array.array_job_id}_[{indices}]", f"{len(alike)} x {gpus}"
    rest = (state_cell(job), gpus, time_taken(job, now), where_or_why(job))
    return (label, job.display_name, *(owner(job) for owner in owners), *rest)


def ranges(numbers: Sequence[int]) -> str:
    """Return ascending numbers as Slurm writes them: "0-6,9"."""
    runs = groupby(enumerate(numbers), lambda pair: pair[1] - pair[0])
    ends = [[number for _, number in run] for _, run in runs]
    return ",".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in ends)
