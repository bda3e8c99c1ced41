"""`tendik hold` and `tendik release`: waiting jobs that are not to start yet."""

from __future__ import annotations

import click

from scheduler.cli.client import Client
from scheduler.cli.completers import jobs_in
from scheduler.cli.each_job import wish_for_each
from scheduler.cli.errors import CliError
from scheduler.cli.exit_codes import ExitCode
from scheduler.cli.job_words import job_label, state_word
from scheduler.cli.options import connected, format_option
from scheduler.cli.render import Format
from scheduler.texts import said
from scheduler.v1.job_service_pb2 import HoldJobRequest, Job, JobState, ReleaseJobRequest
from scheduler.v1.job_service_pb2_grpc import JobServiceStub


def held(client: Client, job: Job) -> Job:
    """Hold the job; asking twice is the same wish, so it is safe to repeat."""
    request = HoldJobRequest(name=f"jobs/{job.job_id}")
    return client.call_until_answered(JobServiceStub(client.channel).HoldJob, request).job


def released(client: Client, job: Job) -> Job:
    """Release the job; one that nobody holds is left as it is."""
    request = ReleaseJobRequest(name=f"jobs/{job.job_id}")
    return client.call_until_answered(JobServiceStub(client.channel).ReleaseJob, request).job


@click.command()
@click.argument(
    "jobs", metavar="JOB...", nargs=-1, required=True, shell_complete=jobs_in("pending")
)
@format_option()
@connected
def hold(client: Client, jobs: tuple[str, ...], form: Format) -> None:
    """Keep waiting jobs from starting until they are released.

    A job that was admitted already is not stopped: cancel it.
    """
    wish_for_each(client, jobs, form, lambda *of: _in_time(held(*of)), _holding)


@click.command()
@click.argument(
    "jobs", metavar="JOB...", nargs=-1, required=True, shell_complete=jobs_in("pending")
)
@format_option()
@connected
def release(client: Client, jobs: tuple[str, ...], form: Format) -> None:
    """Let held jobs wait for their turn again.

    The time of the hold does not count as waiting.
    """
    wish_for_each(client, jobs, form, lambda *of: _in_time(released(*of)), _released)


def _in_time(job: Job) -> Job:
    if job.state == JobState.JOB_STATE_PENDING:
        return job
    message = said(
        "job {job} waits no more: it is {state}", job=job_label(job), state=state_word(job.state)
    )
    raise CliError(
        said("{message}\nIt goes on unchanged; `tendik cancel` ends it.", message=message),
        ExitCode.CONFLICT,
    )


def _holding(job: Job) -> str:
    return said("Holding job {job}", job=job_label(job))


def _released(job: Job) -> str:
    return said("Released job {job}", job=job_label(job))
