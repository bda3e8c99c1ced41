"""`tendik requeue`: ended jobs run once more, as new jobs."""

from __future__ import annotations

from collections.abc import Sequence

import click

from scheduler.cli.anew import request_anew, require_own, submitted_anew
from scheduler.cli.client import Client
from scheduler.cli.completers import jobs_in
from scheduler.cli.each_job import wish_for_each
from scheduler.cli.errors import CliError
from scheduler.cli.exit_codes import ExitCode
from scheduler.cli.job_words import ENDED, job_label, state_word
from scheduler.cli.options import connected, format_option
from scheduler.cli.render import Format
from scheduler.texts import said
from scheduler.v1.job_service_pb2 import GetJobRequest, Job
from scheduler.v1.job_service_pb2_grpc import JobServiceStub


@click.command()
@click.argument("jobs", metavar="JOB...", nargs=-1, required=True, shell_complete=jobs_in("ended"))
@format_option()
@connected
def requeue(client: Client, jobs: tuple[str, ...], form: Format) -> None:
    """Submit ended jobs anew, by their own scripts and options.

    Each is a new job with a number of its own, and has the environment of this shell.
    """
    labels: dict[int, str] = {}

    def asked(client: Client, old: Job) -> Job:
        new = requeued(client, old)
        labels[new.job_id] = job_label(old)
        return new

    wish_for_each(
        client,
        jobs,
        form,
        asked,
        lambda new: said(
            "Submitted job {new}: {old} once more", new=job_label(new), old=labels[new.job_id]
        ),
    )


def requeued(client: Client, old: Job) -> Job:
    """Submit an ended job anew and return the new one. Raises CliError."""
    label = job_label(old)
    if old.state not in ENDED:
        message = said(
            "job {job} is {state}, and no job runs twice\n"
            "`tendik cancel {job}` ends it; then it can be submitted anew.",
            job=label,
            state=state_word(old.state),
        )
        raise CliError(message, ExitCode.CONFLICT)
    require_own(client, old)
    request = GetJobRequest(name=old.name, include_script=True)
    whole = client.call(JobServiceStub(client.channel).GetJob, request).job
    unclear = said(
        "It is not known whether job {job} was submitted anew: `tendik queue` tells.", job=label
    )
    return submitted_anew(client, request_anew(whole, _alone(old)), unclear)[0]


def _alone(old: Job) -> Sequence[str]:
    """Return the flag by which an array's element is submitted without the others."""
    return (f"--array={old.array.index}",) if old.HasField("array") else ()
