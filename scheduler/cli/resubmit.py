"""`tendik resubmit`: a waiting job taken back and submitted anew, with other options."""

from __future__ import annotations

from collections.abc import Sequence

import click

from scheduler.cli.anew import request_anew, require_own, submitted_anew
from scheduler.cli.client import Client
from scheduler.cli.completers import jobs_in
from scheduler.cli.errors import CliError, usage_error
from scheduler.cli.exit_codes import ExitCode
from scheduler.cli.job_json import job_fields
from scheduler.cli.job_words import asked, job_label, state_word
from scheduler.cli.lookup import one_job
from scheduler.cli.options import connected, format_option
from scheduler.cli.records import JOB
from scheduler.cli.render import Format, print_data
from scheduler.cli.sbatch_command import SbatchCommand
from scheduler.cli.submit import accepted, number_of
from scheduler.cli.terminal import note, say
from scheduler.cli.times import span
from scheduler.domain.sbatch.directives import read_script
from scheduler.texts import said
from scheduler.v1.job_service_pb2 import (
    CancelJobRequest,
    Job,
    JobState,
    Resources,
    SubmitJobRequest,
    WaitReason,
)
from scheduler.v1.job_service_pb2_grpc import JobServiceStub


@click.command(cls=SbatchCommand)
@click.argument("job", metavar="JOB", shell_complete=jobs_in("pending"))
@click.argument(
    "flags", metavar="[SBATCH OPTIONS]...", nargs=-1, type=click.UNPROCESSED, required=False
)
@format_option("--format")
@connected
def resubmit(client: Client, job: str, flags: tuple[str, ...], form: Format) -> None:
    """Submit a waiting job anew with other options.

    The new one waits from now on. Nothing is taken back unless the service would take the new
    one, and nothing runs twice: the old one is gone before the new one is submitted.
    """
    old = one_job(client, job, include_script=True)
    _check(client, old)
    request = request_anew(old, (*_dependency(old), *flags))
    request.validate_only = True
    accepted(client, request, said("the script of job {job}", job=job_label(old)))
    _take_back(client, old)
    new = _submitted(client, request, old)
    if form.for_programs:
        print_data(form, JOB, [job_fields(one) for one in new])
    else:
        told = _difference(old.resources, new[0].resources)
        say(
            said(
                "Submitted job {number} in place of {job}: {told}",
                number=number_of(new),
                job=job_label(old),
                told=told,
            )
        )
        if new[0].waiting.reason == WaitReason.WAIT_REASON_HELD_BY_USER:
            note(said("its script says --hold: let it go with `tendik release`"))


def _difference(old: Resources, new: Resources) -> str:
    """Say what is asked for, and what of it is another: GPUs, the time limit, or neither."""
    before, after = asked(old), asked(new)
    if after == before:
        before, after = (
            said(
                "{times}{asked} for {limit}",
                times="",
                asked=asked(one),
                limit=span(one.walltime.seconds),
            )
            for one in (old, new)
        )
    return (
        after
        if after == before
        else said("{asked} instead of {before}", asked=after, before=before)
    )


def _check(client: Client, old: Job) -> None:
    """Raise CliError for a job that would not be the same one, submitted anew."""
    if old.state != JobState.JOB_STATE_PENDING:
        raise _too_late(old)
    require_own(client, old)
    if old.HasField("array"):
        raise usage_error(
            said("job {job} is an element of an array; submit it anew whole", job=job_label(old))
        )
    if old.waiting.reason == WaitReason.WAIT_REASON_HELD_BY_USER:
        raise usage_error(said("job {job} is held; release it first", job=job_label(old)))


def _dependency(old: Job) -> tuple[str, ...]:
    """Say what the job still waits for: what is met is not waited for again."""
    if not old.dependency and not read_script(old.script).gives("dependency"):
        return ()
    kills = "yes" if old.kill_on_invalid_dependency else "no"
    return f"--dependency={old.dependency}", f"--kill-on-invalid-dep={kills}"


def _take_back(client: Client, old: Job) -> None:
    """Cancel the job. Raises CliError where it began meanwhile: then its cancel is on its way."""
    request = CancelJobRequest(name=f"jobs/{old.job_id}")
    job = client.call_until_answered(JobServiceStub(client.channel).CancelJob, request).job
    if job.state != JobState.JOB_STATE_CANCELLED:
        raise _too_late(job)


def _submitted(client: Client, request: SubmitJobRequest, old: Job) -> Sequence[Job]:
    """Submit for good; whatever keeps it from that, the old job's script is where it was."""
    request.validate_only = False
    label = job_label(old)
    unclear = said(
        "Job {label} was taken back, and it is not known whether the new one was "
        "taken: `tendik queue` tells. Its script is kept: tendik show {label} --script",
        label=label,
    )
    return submitted_anew(client, request, unclear)


def _too_late(job: Job) -> CliError:
    ending = (
        said("; its end was asked for, and nothing was submitted") if job.cancel_requested else ""
    )
    message = said(
        "job {job} waits no more: it is {state}{ending}",
        job=job_label(job),
        state=state_word(job.state),
        ending=ending,
    )
    return CliError(message, ExitCode.CONFLICT)
