"""`tendik requeue`: running jobs wait again, and ended ones run once more as new jobs."""

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
from scheduler.domain.sbatch.directives import read_flags, read_script
from scheduler.texts import Said, said
from scheduler.v1.job_service_pb2 import GetJobRequest, Job, JobState, RequeueJobRequest
from scheduler.v1.job_service_pb2_grpc import JobServiceStub


@click.command()
@click.argument("jobs", metavar="JOB...", nargs=-1, required=True, shell_complete=jobs_in("any"))
@format_option()
@connected
def requeue(client: Client, jobs: tuple[str, ...], form: Format) -> None:
    """Let running jobs wait again, and submit ended ones anew.

    A running job ends now and keeps its number; what it ran is charged, and its wait begins anew.
    An ended one is submitted by its own script and options, with a number of its own and the
    environment of this shell, and waits for no other jobs.
    """
    labels: dict[int, str] = {}

    def asked(client: Client, old: Job) -> Job:
        new = requeued(client, old)
        labels[new.job_id] = job_label(old)
        return new

    wish_for_each(client, jobs, form, asked, lambda new: _told(new, labels[new.job_id]))


def requeued(client: Client, old: Job) -> Job:
    """Requeue a running job, or submit an ended one anew; return it or the new one.

    Raises CliError for a job that is on its way to its run.
    """
    if old.state == JobState.JOB_STATE_RUNNING:
        request = RequeueJobRequest(name=old.name, start_time=old.start_time)
        return client.call_until_answered(JobServiceStub(client.channel).RequeueJob, request).job
    label = job_label(old)
    if old.state not in ENDED:
        message = said(
            "job {job} is {state}, and has no run that could be ended\n"
            "It runs when it is its turn; `tendik cancel {job}` takes it back.",
            job=label,
            state=state_word(old.state),
        )
        raise CliError(message, ExitCode.CONFLICT)
    require_own(client, old)
    whole_request = GetJobRequest(name=old.name, include_script=True)
    whole = client.call(JobServiceStub(client.channel).GetJob, whole_request).job
    unclear = said(
        "It is not known whether job {job} was submitted anew: `tendik queue` tells.", job=label
    )
    flags = (*_alone(old), *_no_dependency(whole))
    return submitted_anew(client, request_anew(whole, flags), unclear)[0]


def _told(job: Job, old: str) -> Said:
    if job_label(job) == old:
        return said("Job {job} ends now, and waits again under its number", job=old)
    return said("Submitted job {new}: {old} once more", new=job_label(job), old=old)


def _alone(old: Job) -> Sequence[str]:
    """Return the flag by which an array's element is submitted without the others."""
    return (f"--array={old.array.index}",) if old.HasField("array") else ()


def _no_dependency(old: Job) -> Sequence[str]:
    """Return the flag by which it waits for nothing: what it waited for is over, well or not."""
    readings = read_script(old.script), read_flags(old.flags)
    return ("--dependency=",) if any(one.gives("dependency") for one in readings) else ()
