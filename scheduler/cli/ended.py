"""`tendik history`: the jobs that have ended, and what they used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import Unpack

import click

from scheduler.cli.choices import OneOf
from scheduler.cli.client import Client
from scheduler.cli.job_json import job_fields
from scheduler.cli.job_words import (
    ENDED,
    counted,
    job_label,
    only_newest,
    state_cell,
    state_word,
    time_taken,
)
from scheduler.cli.lookup import each_job
from scheduler.cli.options import connected, format_option
from scheduler.cli.records import JOB
from scheduler.cli.render import Format, print_data, print_table
from scheduler.cli.table import Column, Row, Table
from scheduler.cli.terminal import note
from scheduler.cli.times import When, local, moment
from scheduler.cli.whose import Whose, jobs_wanted, whose_options
from scheduler.texts import said
from scheduler.v1.job_service_pb2 import Job

STATES = {state_word(state): state for state in ENDED}
# The service lists jobs by when they were submitted. One that was submitted so long before the
# time that is asked for, and ended in it, is not found.
REACH = timedelta(days=60)


class Ended(Whose):
    """Which ended jobs are wanted."""

    states: tuple[str, ...]
    since: datetime
    until: datetime | None


@click.command()
@click.option("--since", type=When(), default="7d", show_default=True, help="Ended since then.")
@click.option("--until", type=When(), help="Ended before then; now unless told.")
@click.option(
    "--state",
    "states",
    multiple=True,
    type=OneOf(list(STATES)),
    help="Ended so; may be repeated.",
)
@whose_options
@click.option(
    "--limit",
    type=click.IntRange(1),
    default=1000,
    show_default=True,
    metavar="JOBS",
    help="At most so many are shown; the totals are of all.",
)
@format_option()
@connected
def history(client: Client, limit: int, form: Format, **asked: Unpack[Ended]) -> None:
    """List your jobs that have ended, and what they used.

    WHEN is how long ago (90m, 12h, 7d, 2w) or a date with or without a time, in your own
    clock's time: 2026-01-31, 2026-01-31T09:30.
    """
    jobs = sorted(_ended(client, asked), key=_end, reverse=True)
    if form.for_programs:
        print_data(form, JOB, [job_fields(job) for job in jobs[:limit]])
        return
    if jobs:
        print_table(_table(jobs[:limit]), form)
    note(_totals(jobs))
    if len(jobs) > limit:
        note(only_newest(limit))


def _ended(client: Client, asked: Ended) -> Iterator[Job]:
    states = [STATES[word] for word in asked["states"]] or ENDED
    since, until = asked["since"], asked["until"] or datetime.now(UTC)
    oldest = since - REACH
    newest_first = each_job(client, jobs_wanted(client, asked, states))
    for job in takewhile(lambda job: job.submit_time.ToDatetime(UTC) >= oldest, newest_first):
        if since <= _end(job) <= until:
            yield job


def _end(job: Job) -> datetime:
    return job.end_time.ToDatetime(UTC)


def gpu_hours(job: Job) -> float:
    """Return what the job's last run used."""
    begun, end = moment(job.start_time), moment(job.end_time)
    return job.resources.gpus * (end - begun).total_seconds() / 3600 if begun and end else 0.0


MORE = (
    *(said("ORGANISATION"), said("PROJECT"), said("POOL"), said("SUBMITTED")),
    *(said("STARTED"), said("EXIT CODE"), said("SLURM JOB")),
)


def _table(jobs: Sequence[Job]) -> Table:
    heads = (
        Column(said("JOB")),
        Column(said("NAME"), least=8, cut=True),
        Column(said("USER"), least=6, cut=True),
        Column(said("STATE")),
        Column(said("GPUS"), right=True),
        Column(said("TIME"), right=True),
        Column(said("GPU-HOURS"), right=True),
        Column(said("ENDED")),
        Column(said("HOW"), least=14),
        *(Column(title, wide=True) for title in MORE),
    )
    return Table(heads, list(map(_row, jobs)))


def _row(job: Job) -> Row:
    took = (time_taken(job, datetime.now(UTC)), f"{gpu_hours(job):,.1f}")
    return (
        job_label(job),
        job.display_name,
        job.user,
        state_cell(job),
        str(job.resources.gpus),
        *took,
        f"{_end(job).astimezone():%m-%d %H:%M}",
        job.outcome,
        *_more(job),
    )


def _more(job: Job) -> Row:
    """Return the cells of MORE."""
    exit_code = str(job.exit_code) if job.HasField("exit_code") else ""
    times = (local(job.submit_time), local(job.start_time))
    return (job.organisation, job.project, job.pool, *times, exit_code, str(job.slurm_job_id or ""))


def _totals(jobs: Sequence[Job]) -> str:
    """Return what all the jobs used, by how they ended."""
    if not jobs:
        return said("no such jobs")
    ways = Counter(state_word(job.state).replace("_", " ") for job in jobs)
    how = ", ".join(f"{number:,} {way}" for way, number in ways.most_common())
    return said(
        "{jobs} ({how}), {gpu_hours:,.1f} GPU-hours",
        jobs=counted(len(jobs), "job"),
        how=how,
        gpu_hours=sum(map(gpu_hours, jobs)),
    )
