"""`tendik watch`: jobs as they change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

import click

from scheduler.cli.client import Client
from scheduler.cli.completers import jobs_in
from scheduler.cli.job_json import job_fields
from scheduler.cli.job_words import job_label, state_word, where_or_why
from scheduler.cli.language import spoken
from scheduler.cli.lookup import all_jobs
from scheduler.cli.options import connected, format_option
from scheduler.cli.queue import job_table
from scheduler.cli.records import JOB
from scheduler.cli.render import Format, print_each
from scheduler.cli.terminal import columns, note, on_terminal, printable
from scheduler.cli.waiting import changes
from scheduler.texts import said
from scheduler.v1.job_service_pb2 import Job

REFRESH_PER_S = 2


@click.command()
@click.argument("jobs", metavar="[JOB]...", nargs=-1, shell_complete=jobs_in("live"))
@format_option()
@connected
def watch(client: Client, jobs: tuple[str, ...], form: Format) -> None:
    """Follow jobs until they end, or all of yours until Ctrl-C.

    On a terminal a table that stays up to date, otherwise a line for each change.
    """
    followed = [job.job_id for word in jobs for job in all_jobs(client, word)]
    if form.for_programs:
        print_each(form, JOB, map(job_fields, _without_repeats(changes(client, followed))))
    elif not follow(client, followed, form):
        note(said("no such jobs"))


def follow(client: Client, job_ids: Sequence[int], form: Format) -> dict[int, Job]:
    """Show a person the jobs as they change, until they end; return each as it was last."""
    known: dict[int, Job] = {}
    news = _noted(_without_repeats(changes(client, job_ids)), known)
    if on_terminal():
        _draw(news, known, form)
    else:
        for job in news:
            click.echo(_line(job, datetime.now(UTC)))
    return known


def _noted(news: Iterator[Job], known: dict[int, Job]) -> Iterator[Job]:
    for job in news:
        known[job.job_id] = job
        yield job


def _without_repeats(news: Iterator[Job]) -> Iterator[Job]:
    """Leave out what a stream that began anew says again."""
    known: dict[int, Job] = {}
    for job in news:
        if known.get(job.job_id) != job:
            known[job.job_id] = job
            yield job


def _line(job: Job, now: datetime) -> str:
    clock = now.astimezone().strftime("%H:%M:%S")
    words = (clock, job_label(job), job.display_name, state_word(job.state), where_or_why(job))
    return printable("  ".join(spoken(word) for word in words if word))


def _draw(news: Iterator[Job], known: Mapping[int, Job], form: Format) -> None:
    # Loaded here because only this picture changes in its place.
    from rich.live import Live  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    command = click.get_current_context()

    def picture() -> Text:
        newest = [known[job_id] for job_id in sorted(known, reverse=True)]
        jobs = job_table(newest, datetime.now(UTC), with_user=False)
        drawing = jobs if form is Format.WIDE else jobs.narrow()
        # Drawn in a thread, which knows the command, and so its language, only by this.
        with command.scope(cleanup=False):
            return Text.from_ansi("\n".join(drawing.lines(columns())))

    # Its own thread redraws, so that the times grow while nothing changes.
    with Live(get_renderable=picture, refresh_per_second=REFRESH_PER_S) as live:
        for _ in news:
            live.refresh()
