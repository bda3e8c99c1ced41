"""`tendik show` and `tendik cancel`: one job closely, and taking jobs back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import click

from scheduler.cli.client import Client
from scheduler.cli.completers import jobs_in
from scheduler.cli.each_job import wish_for_each
from scheduler.cli.errors import ServiceError
from scheduler.cli.estimates import start_sentence
from scheduler.cli.job_json import job_fields
from scheduler.cli.job_words import (
    LIVE,
    asked,
    job_label,
    recalls_phrase,
    state_cell,
    state_word,
    where_or_why,
)
from scheduler.cli.lookup import one_job
from scheduler.cli.options import connected, format_option
from scheduler.cli.records import JOB
from scheduler.cli.render import Format, print_data, print_fields
from scheduler.cli.table import Cell
from scheduler.cli.terminal import note, on_terminal, printable
from scheduler.cli.times import local, span
from scheduler.v1.job_service_pb2 import CancelJobRequest, Job, JobState
from scheduler.v1.job_service_pb2_grpc import JobServiceStub

AGAIN = "it is safe to cancel it again."


@click.command()
@click.argument("job", metavar="JOB", shell_complete=jobs_in("any"))
@click.option("--script", is_flag=True, help="Also write the script.")
@format_option()
@connected
def show(client: Client, job: str, script: bool, form: Format) -> None:
    """Show all that is known of a job."""
    found = one_job(client, job, include_script=script)
    if form.for_programs:
        print_data(form, JOB, job_fields(found) | ({"script": found.script} if script else {}))
        return
    print_fields(_fields(found))
    if script:
        click.echo()
        _print_script(found.script)


@click.command()
@click.argument("jobs", metavar="JOB...", nargs=-1, required=True, shell_complete=jobs_in("live"))
@format_option()
@connected
def cancel(client: Client, jobs: tuple[str, ...], form: Format) -> None:
    """End jobs; an array's number ends all its elements."""
    wish_for_each(client, jobs, form, _cancelled, _told)


def _cancelled(client: Client, job: Job) -> Job:
    """Ask for the job's end; asking twice is the same wish, so it is safe to repeat."""
    if job.state not in LIVE:
        return job
    request = CancelJobRequest(name=f"jobs/{job.job_id}")
    try:
        return client.call_until_answered(JobServiceStub(client.channel).CancelJob, request).job
    except ServiceError as error:
        raise error.advised(
            f"Whether job {job_label(job)} will end is not known: {AGAIN}"
        ) from error


def _told(job: Job) -> str:
    if job.state == JobState.JOB_STATE_CANCELLED:
        return f"Cancelled job {job_label(job)}"
    if job.state in LIVE:
        return f"Cancelling job {job_label(job)}, which is {state_word(job.state)}"
    return f"Job {job_label(job)} had ended already: {state_word(job.state)}"


def _fields(job: Job) -> Iterator[tuple[str, Cell | str]]:
    yield "job", job_label(job)
    yield "job id", str(job.job_id) if job.HasField("array") else ""
    yield "name", job.display_name
    yield "state", state_cell(job)
    yield "now", where_or_why(job) if job.state in LIVE else ""
    yield "outcome", job.outcome
    yield "exit code", str(job.exit_code) if job.HasField("exit_code") else ""
    yield "asked for", asked(job.resources)
    yield "partitions", ", ".join(job.resources.partitions)
    yield "time limit", span(job.resources.walltime.seconds)
    yield "recallable", "yes, it said --requeue" if job.recallable else ""
    yield "recalled", recalls_phrase(job)
    yield "waits for", job.dependency
    yield "array limit", f"{job.array.limit} at once" if job.array.limit else ""
    yield "submitted", local(job.submit_time)
    yield "expected", start_sentence(job, datetime.now(UTC))
    yield "started", local(job.start_time)
    yield "ended", local(job.end_time)
    yield "pool", job.pool
    yield "nodes", ", ".join(job.nodes)
    yield "Slurm job", str(job.slurm_job_id or "")
    yield "user", job.user
    yield "Unix account", job.unix_account
    yield "project", job.project
    yield "organisation", job.organisation
    yield "class", job.tenant_class


def _print_script(script: str) -> None:
    """Write the script: verbatim for programs, harmless for terminals."""
    if on_terminal():
        script = "\n".join(map(printable, script.split("\n")))
    click.echo(script, nl=not script.endswith("\n"))
    if not script:
        note("the service has no script of this job")
