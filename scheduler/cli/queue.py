"""`tendik queue`: the jobs that wait and run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Unpack

import click

from scheduler.cli.choices import OneOf
from scheduler.cli.client import Client
from scheduler.cli.estimates import start_phrase
from scheduler.cli.job_json import job_fields
from scheduler.cli.job_words import (
    STATES,
    job_label,
    only_newest,
    state_cell,
    time_taken,
    where_or_why,
)
from scheduler.cli.lookup import list_jobs
from scheduler.cli.options import connected, format_option
from scheduler.cli.records import JOB
from scheduler.cli.render import Format, print_data, print_table
from scheduler.cli.table import Column, Row, Table
from scheduler.cli.terminal import note
from scheduler.cli.times import local, span
from scheduler.cli.whose import Whose, jobs_wanted, whose_options
from scheduler.texts import said
from scheduler.v1.job_service_pb2 import Job, JobState

Words = Callable[[Job], str]

MORE = (
    *(said("PROJECT"), said("CLASS"), said("POOL"), said("LIMIT")),
    *(said("SUBMITTED"), said("STARTED"), said("SLURM JOB")),
)


@click.command()
@whose_options
@click.option(
    "--state",
    "states",
    multiple=True,
    type=OneOf(list(STATES)),
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
    client: Client, states: tuple[str, ...], limit: int, form: Format, **whose: Unpack[Whose]
) -> None:
    """List your jobs that wait and run, newest first."""
    wanted = jobs_wanted(client, whose, _states(states))
    jobs = list_jobs(client, wanted, limit + 1)
    if form.for_programs:
        print_data(form, JOB, [job_fields(job) for job in jobs[:limit]])
    else:
        _print(jobs[:limit], form, with_user=form is Format.WIDE or not wanted.user)
    if len(jobs) > limit:
        note(only_newest(limit))


def job_table(jobs: Sequence[Job], now: datetime, with_user: bool) -> Table:
    """Return the jobs as a table; pending elements of an array that wait alike share a row."""
    owners: list[Words] = [lambda job: job.user] if with_user else []
    if len({job.organisation for job in jobs}) > 1:
        owners.insert(0, lambda job: job.organisation)
    starts: list[Words] = [lambda job: start_phrase(job, now)]
    if not any(map(starts[0], jobs)):
        starts = []
    rows = [
        (*_row(few, now, owners, starts), *_more(few))
        for few in (list(alike) for _, alike in groupby(jobs, _alike))
    ]
    heads = (
        Column(said("ORGANISATION"), least=8, cut=True),
        Column(said("USER"), least=6, cut=True),
    )
    return Table(
        (
            Column(said("JOB")),
            Column(said("NAME"), least=8, cut=True),
            *heads[len(heads) - len(owners) :],
            Column(said("STATE")),
            Column(said("GPUS"), right=True),
            Column(said("TIME"), right=True),
            *(Column(said("STARTS")) for _ in starts),
            Column(said("WHERE OR WHY"), least=14),
            *(Column(title, wide=True) for title in MORE),
        ),
        rows,
    )


def _states(words: Sequence[str]) -> list[JobState]:
    if "any" in words:
        return []
    return [state for word in words for state in STATES[word]]


def _print(jobs: Sequence[Job], form: Format, with_user: bool) -> None:
    if not jobs:
        note(said("no such jobs"))
        return
    print_table(job_table(jobs, datetime.now(UTC), with_user), form)


def _alike(job: Job) -> tuple[int, str]:
    if job.HasField("array") and job.state == JobState.JOB_STATE_PENDING:
        return job.array.array_job_id, where_or_why(job)
    return job.job_id, ""


def _row(
    alike: Sequence[Job], now: datetime, owners: Iterable[Words], starts: Iterable[Words]
) -> Row:
    job = alike[0]
    label, gpus = job_label(job), str(job.resources.gpus)
    if len(alike) > 1:
        indices = ranges(sorted(element.array.index for element in alike))
        label, gpus = f"{job.array.array_job_id}_[{indices}]", f"{len(alike)} x {gpus}"
    who, when = (tuple(say(job) for say in said) for said in (owners, starts))
    state = (state_cell(job), gpus, time_taken(job, now))
    return (label, job.display_name, *who, *state, *when, where_or_why(job))


def _more(alike: Sequence[Job]) -> Row:
    """Return the cells of the wide columns, those of MORE."""
    job = alike[0]
    limit, slurm = span(job.resources.walltime.seconds), str(job.slurm_job_id or "")
    begun = (local(job.submit_time), local(job.start_time))
    return (job.project, job.tenant_class, job.pool, limit, *begun, slurm)


def ranges(numbers: Sequence[int]) -> str:
    """Return ascending numbers as Slurm writes them: "0-6,9"."""
    runs = groupby(enumerate(numbers), lambda pair: pair[1] - pair[0])
    ends = [[number for _, number in run] for _, run in runs]
    return ",".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in ends)
