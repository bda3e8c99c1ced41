"""`tendik advise`: what would become of a script now, before it is submitted."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from scheduler.cli.client import Client
from scheduler.cli.completers import files, projects
from scheduler.cli.errors import ServiceError
from scheduler.cli.explained import explanation_fields, print_explanation
from scheduler.cli.files import STDIN
from scheduler.cli.handed_in import handed_in, source_of
from scheduler.cli.job_json import blocker_fields, job_fields
from scheduler.cli.job_words import asked, counted, kept_back, reason_phrase
from scheduler.cli.options import connected, format_option
from scheduler.cli.records import ADVICE
from scheduler.cli.render import Format, print_data, print_fields
from scheduler.cli.sbatch_command import SbatchCommand
from scheduler.cli.session import session
from scheduler.cli.times import span
from scheduler.texts import listed, said
from scheduler.v1.job_service_pb2 import AdviseJobRequest, AdviseJobResponse, SubmitJobRequest
from scheduler.v1.job_service_pb2_grpc import JobServiceStub


@click.command(cls=SbatchCommand)
@click.argument("script", metavar="[SCRIPT|-]", shell_complete=files)
@click.argument(
    "flags", metavar="[SBATCH OPTIONS]...", nargs=-1, type=click.UNPROCESSED, required=False
)
@click.option(
    "--project",
    default="",
    metavar="PROJECT",
    help="As if charged to this project.",
    shell_complete=projects,
)
@format_option("--format")
@connected
def advise(client: Client, script: str, flags: tuple[str, ...], project: str, form: Format) -> None:
    """Say what would become of a script now.

    Whether it starts, what is in its way, who goes first, and what would help. Takes what
    `submit` takes, and submits nothing.
    """
    given = handed_in(source_of(script, None), flags, session().environ)
    request = SubmitJobRequest(
        script=given.script,
        flags=given.flags,
        working_directory=str(Path.cwd()),
        project=project,
    )
    answer = _advice(client, request, given.source)
    if form.for_programs:
        print_data(form, ADVICE, _as_json(answer))
        return
    print_fields(_fields(answer))
    if not answer.explanation.starts:
        print_explanation(answer.explanation, _command(script, flags, project))


def _command(script: str, flags: tuple[str, ...], project: str) -> str:
    """Return how the script would be submitted as it was given; standard input is used up."""
    own = ("--project", project) if project else ()
    return "" if script == STDIN else shlex.join(("tendik", "submit", *own, script, *flags))


def _advice(client: Client, request: SubmitJobRequest, source: str) -> AdviseJobResponse:
    try:
        stub = JobServiceStub(client.channel)
        return client.call(stub.AdviseJob, AdviseJobRequest(request=request))
    except ServiceError as error:
        raise error.about(source) from error


def _fields(answer: AdviseJobResponse) -> Iterator[tuple[str, str]]:
    first = answer.jobs[0]
    times = (
        said("{elements}, each ", elements=counted(len(answer.jobs), "element"))
        if first.HasField("array")
        else ""
    )
    limit = span(first.resources.walltime.seconds)
    yield (
        said("would ask for"),
        said("{times}{asked} for {limit}", times=times, asked=asked(first.resources), limit=limit),
    )
    kept = kept_back(first)
    yield said("before that"), kept
    soon = said("in the next cycle after that") if kept else said("in the next cycle")
    yield said("would start"), soon if answer.explanation.starts else ""
    for blocker in answer.explanation.blockers:
        yield (
            said("in its way"),
            listed((reason_phrase(blocker), blocker.detail or blocker.meaning), ": "),
        )
        yield said("advice"), blocker.advice


def _as_json(answer: AdviseJobResponse) -> dict[str, Any]:
    return {
        "jobs": [job_fields(job) for job in answer.jobs],
        "blockers": [blocker_fields(blocker) for blocker in answer.explanation.blockers],
        "explanation": explanation_fields(answer.explanation),
    }
