"""`tendik submit`: hand in a batch script, once and only once."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict, Unpack

import click

from scheduler.cli.client import Client
from scheduler.cli.completers import files, projects
from scheduler.cli.errors import ServiceError
from scheduler.cli.exit_codes import ExitCode
from scheduler.cli.handed_in import handed_in, source_of
from scheduler.cli.job_json import job_fields
from scheduler.cli.job_words import asked, counted, kept_back
from scheduler.cli.options import connected, format_option
from scheduler.cli.own_environment import own_environment
from scheduler.cli.records import JOB
from scheduler.cli.render import Format, print_data
from scheduler.cli.sbatch_command import SbatchCommand
from scheduler.cli.session import session
from scheduler.cli.terminal import note, say
from scheduler.cli.times import span
from scheduler.cli.waiting import MAX_WATCHED_JOBS, wait_for_end
from scheduler.texts import said
from scheduler.v1.job_service_pb2 import Job, JobState, SubmitJobRequest
from scheduler.v1.job_service_pb2_grpc import JobServiceStub


class Options(TypedDict):
    """Our own options, beside sbatch's."""

    project: str
    wrap: str | None
    request_id: str
    dry_run: bool
    wait: bool
    watch: bool
    parsable: bool


@click.command(cls=SbatchCommand)
@click.argument("script", metavar="[SCRIPT|-]", shell_complete=files)
@click.argument(
    "flags", metavar="[SBATCH OPTIONS]...", nargs=-1, type=click.UNPROCESSED, required=False
)
@click.option("--wrap", metavar="COMMAND", help="Submit a script of this command, as sbatch does.")
@click.option(
    "--project",
    default="",
    metavar="PROJECT",
    help="Charge this project of yours.",
    shell_complete=projects,
)
@click.option(
    "--request-id",
    default="",
    metavar="ID",
    help="Repeat an earlier submit: the same id and script never make a second job.",
)
@click.option("--dry-run", is_flag=True, help="Check everything, submit nothing.")
@click.option("--wait", is_flag=True, help="Wait for the end; exit 0 only if it completed.")
@click.option("--watch", is_flag=True, help="Follow it to its end; exit 0 only if it completed.")
@click.option("--parsable", is_flag=True, help="Write the job's number only.")
@format_option("--format")
@connected
def submit(
    client: Client,
    script: str,
    flags: tuple[str, ...],
    form: Format,
    **options: Unpack[Options],
) -> None:
    """Submit a batch script as sbatch does.

    All options of sbatch may be given, before or after SCRIPT (- is standard input); they
    override sbatch's SBATCH_* variables, and those the script's #SBATCH lines. -o FILE is
    sbatch's, -o json and -o table are ours.
    """
    given = handed_in(source_of(script, options["wrap"]), flags, session().environ)
    request = SubmitJobRequest(
        request_id=options["request_id"] or str(uuid.uuid4()),
        script=given.script,
        flags=given.flags,
        working_directory=str(Path.cwd()),
        project=options["project"],
        validate_only=options["dry_run"],
    )
    if not request.validate_only:
        request.environment.update(own_environment(session().environ, given.script, given.flags))
    jobs = accepted(client, request, given.source)
    if form.for_programs:
        print_data(form, JOB, [job_fields(job) for job in jobs])
    else:
        is_parsable = options["parsable"] or given.gives("parsable")
        say(number_of(jobs) if is_parsable else _told(jobs, options["dry_run"]))
    if not options["dry_run"] and not _went_well(client, jobs, form, options):
        raise click.exceptions.Exit(ExitCode.JOB_FAILED)


def _went_well(client: Client, jobs: Sequence[Job], form: Format, options: Options) -> bool:
    """Stay until the jobs' end, if that was asked for, and say whether all of them completed."""
    if options["watch"] and not form.for_programs:
        # Loaded here because few ask for it, and its picture takes long to load.
        from scheduler.cli.watch import follow  # noqa: PLC0415

        newest = follow(client, [job.job_id for job in jobs[:MAX_WATCHED_JOBS]], form)
        followed = all(job.state == JobState.JOB_STATE_COMPLETED for job in newest.values())
        return wait_for_end(client, jobs[MAX_WATCHED_JOBS:]) and followed
    return not (options["wait"] or options["watch"]) or wait_for_end(client, jobs)


def accepted(client: Client, request: SubmitJobRequest, source: str) -> Sequence[Job]:
    """Return the stored jobs. Raises ServiceError, which tells how to repeat in safety."""
    try:
        stub = JobServiceStub(client.channel)
        return client.call_until_answered(stub.SubmitJob, request).jobs
    except ServiceError as error:
        if error.exit_code == ExitCode.UNAVAILABLE:
            _tell_how_to_repeat(request)
        raise error.about(source) from error
    except KeyboardInterrupt:
        _tell_how_to_repeat(request)
        raise


def _tell_how_to_repeat(request: SubmitJobRequest) -> None:
    if not request.validate_only:
        note(
            said(
                "It is not known whether the job was taken. The same command with --request-id "
                "{request_id} never submits it twice.",
                request_id=request.request_id,
            )
        )


def number_of(jobs: Sequence[Job]) -> str:
    """Return the job's number, an array's its first element's."""
    first = jobs[0]
    return str(first.array.array_job_id if first.HasField("array") else first.job_id)


def _told(jobs: Sequence[Job], dry_run: bool) -> str:
    first, kept = jobs[0], kept_back(jobs[0])
    stands = said(" ({kept})", kept=kept) if kept else ""
    if dry_run:
        times = (
            said("an array of {jobs} elements, each ", jobs=len(jobs))
            if first.HasField("array")
            else ""
        )
        limit = span(first.resources.walltime.seconds)
        return said(
            "Would submit {name}: {times}{asked} for {limit}",
            name=first.display_name,
            times=times,
            asked=asked(first.resources),
            limit=limit,
        )
    if first.HasField("array"):
        return said(
            "Submitted array {number} with {elements}{stands}",
            number=number_of(jobs),
            elements=counted(len(jobs), "element"),
            stands=stands,
        )
    return said("Submitted job {number}{stands}", number=number_of(jobs), stands=stands)
