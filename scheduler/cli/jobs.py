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
from scheduler.cli.reader_times import told_time
from scheduler.cli.records import JOB
from scheduler.cli.render import Format, print_data, print_fields
from scheduler.cli.table import Cell
from scheduler.cli.terminal import note, on_terminal, printable
from scheduler.cli.times import span
from scheduler.texts import said
from scheduler.v1.job_service_pb2 import CancelJobRequest, GrantHold, Job, JobState
from scheduler.v1.job_service_pb2_grpc import JobServiceStub

AGAIN = said("it is safe to cancel it again.")


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
            said(
                "Whether job {job} will end is not known: {again}", job=job_label(job), again=AGAIN
            )
        ) from error


def _told(job: Job) -> str:
    if job.state == JobState.JOB_STATE_CANCELLED:
        return said("Cancelled job {job}", job=job_label(job))
    if job.state in LIVE:
        return said(
            "Cancelling job {job}, which is {state}",
            job=job_label(job),
            state=state_word(job.state),
        )
    return said(
        "Job {job} had ended already: {state}", job=job_label(job), state=state_word(job.state)
    )


def _fields(job: Job) -> Iterator[tuple[str, Cell | str]]:
    yield said("job"), job_label(job)
    yield said("job id"), str(job.job_id) if job.HasField("array") else ""
    yield said("name"), job.display_name
    yield said("state"), state_cell(job)
    yield said("now"), where_or_why(job) if job.state in LIVE else ""
    yield said("outcome"), job.outcome
    yield said("exit code"), str(job.exit_code) if job.HasField("exit_code") else ""
    yield said("asked for"), asked(job.resources)
    yield said("partitions"), ", ".join(job.resources.partitions)
    yield said("time limit"), span(job.resources.walltime.seconds)
    yield said("paid by"), ", ".join(map(_hold, job.grant_holds))
    yield said("recallable"), said("yes, it said --requeue") if job.recallable else ""
    yield said("recalled"), recalls_phrase(job)
    yield said("waits for"), job.dependency
    yield (
        said("array limit"),
        said("{limit} at once", limit=job.array.limit) if job.array.limit else "",
    )
    yield said("submitted"), told_time(job.submit_time)
    yield said("expected"), start_sentence(job, datetime.now(UTC))
    yield said("started"), told_time(job.start_time)
    yield said("ended"), told_time(job.end_time)
    yield said("pool"), job.pool
    yield said("nodes"), ", ".join(job.nodes)
    yield said("Slurm job"), str(job.slurm_job_id or "")
    yield said("user"), job.user
    yield said("Unix account"), job.unix_account
    yield said("project"), job.project
    yield said("organisation"), job.organisation
    yield said("class"), job.tenant_class


def _hold(hold: GrantHold) -> str:
    return said(
        "grant {number} (holds {hours:,.2f} GPU-hours)",
        number=hold.grant_number,
        hours=hold.gpu_seconds / 3600,
    )


def _print_script(script: str) -> None:
    """Write the script: verbatim for programs, harmless for terminals."""
    if on_terminal():
        script = "\n".join(map(printable, script.split("\n")))
    click.echo(script, nl=not script.endswith("\n"))
    if not script:
        note(said("the service has no script of this job"))
