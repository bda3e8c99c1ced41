"""`tendik submit`: hand in a batch script, once and only once."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict, Unpack

import click

from scheduler.cli.client import Client
from scheduler.cli.errors import CliError, ServiceError
from scheduler.cli.exit_codes import ExitCode
from scheduler.cli.files import read_text, source_name
from scheduler.cli.job_json import job_fields
from scheduler.cli.job_words import asked, counted
from scheduler.cli.options import connected, format_option
from scheduler.cli.render import Format, print_json
from scheduler.cli.sbatch_words import tell_apart
from scheduler.cli.terminal import note
from scheduler.cli.times import span
from scheduler.cli.waiting import wait_for_end
from scheduler.v1.job_service_pb2 import Job, SubmitJobRequest
from scheduler.v1.job_service_pb2_grpc import JobServiceStub

MAX_SCRIPT_BYTES = 4 * 1024 * 1024


class Options(TypedDict):
    """Our own options, beside sbatch's."""

    project: str
    request_id: str
    dry_run: bool
    wait: bool
    parsable: bool


class SbatchCommand(click.Command):
    """A command that leaves the options it does not know to sbatch."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        options = [param for param in self.get_params(ctx) if isinstance(param, click.Option)]
        own = {name: not option.is_flag for option in options for name in option.opts}
        if "--help" in args or not args:
            return super().parse_args(ctx, ["--help"])
        told = tell_apart(args, own)
        return super().parse_args(ctx, [*told.own, "--", told.script, *told.flags])


@click.command(cls=SbatchCommand)
@click.argument("script", metavar="SCRIPT|-")
@click.argument(
    "flags", metavar="[SBATCH OPTIONS]...", nargs=-1, type=click.UNPROCESSED, required=False
)
@click.option("--project", default="", metavar="PROJECT", help="Charge this project of yours.")
@click.option(
    "--request-id",
    default="",
    metavar="ID",
    help="Repeat an earlier submit: the same id and script never make a second job.",
)
@click.option("--dry-run", is_flag=True, help="Check everything, submit nothing.")
@click.option("--wait", is_flag=True, help="Wait for the end; exit 0 only if it completed.")
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
    override the script's #SBATCH lines. -o FILE is sbatch's, -o json and -o table are ours.
    """
    request = SubmitJobRequest(
        request_id=options["request_id"] or str(uuid.uuid4()),
        script=_script(script),
        flags=flags,
        working_directory=str(Path.cwd()),
        project=options["project"],
        validate_only=options["dry_run"],
    )
    jobs = _accepted(client, request, source_name(script))
    if form is Format.JSON:
        print_json([job_fields(job) for job in jobs])
    else:
        click.echo(_number(jobs) if options["parsable"] else _told(jobs, options["dry_run"]))
    if options["wait"] and not options["dry_run"] and not wait_for_end(client, jobs):
        raise click.exceptions.Exit(ExitCode.JOB_FAILED)


def _script(path: str) -> str:
    text = read_text(path)
    if len(text.encode()) > MAX_SCRIPT_BYTES:
        message = f"{source_name(path)} is larger than 4 MiB; keep data out of the script"
        raise CliError(message, ExitCode.INVALID)
    return text


def _accepted(client: Client, request: SubmitJobRequest, source: str) -> Sequence[Job]:
    """Return the stored jobs. Raises ServiceError, which tells how to repeat in safety."""
    try:
        stub = JobServiceStub(client.channel)
        return client.call_until_answered(stub.SubmitJob, request).jobs
    except ServiceError as error:
        if error.exit_code == ExitCode.UNAVAILABLE and not request.validate_only:
            note(
                "It is not known whether the job was taken. The same command with "
                f"--request-id {request.request_id} never submits it twice."
            )
        raise error.about(source) from error


def _number(jobs: Sequence[Job]) -> str:
    first = jobs[0]
    return str(first.array.array_job_id if first.HasField("array") else first.job_id)


def _told(jobs: Sequence[Job], dry_run: bool) -> str:
    first = jobs[0]
    if dry_run:
        times = f"an array of {len(jobs)} elements, each " if first.HasField("array") else ""
        limit = span(first.resources.walltime.seconds)
        return f"Would submit {first.display_name}: {times}{asked(first.resources)} for {limit}"
    if first.HasField("array"):
        return f"Submitted array {_number(jobs)} with {counted(len(jobs), 'element')}"
    return f"Submitted job {_number(jobs)}"
