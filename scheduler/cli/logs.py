"""`tendik logs`: what a job wrote, as its own file has it."""

from __future__ import annotations

import codecs
import io
import sys
from collections.abc import Callable, Iterator

import click

from scheduler.cli.client import Client
from scheduler.cli.completers import jobs_in
from scheduler.cli.errors import CliError, usage_error
from scheduler.cli.exit_codes import ExitCode
from scheduler.cli.job_words import LIVE, job_label, state_word
from scheduler.cli.lookup import one_job
from scheduler.cli.options import connected
from scheduler.cli.terminal import note, on_terminal, printable
from scheduler.texts import Said, listed, said
from scheduler.v1.job_service_pb2 import (
    Job,
    OutputStatus,
    ReadJobOutputRequest,
    ReadJobOutputResponse,
)
from scheduler.v1.job_service_pb2_grpc import JobServiceStub

NOTHING_YET = (OutputStatus.OUTPUT_STATUS_NOT_STARTED, OutputStatus.OUTPUT_STATUS_NO_FILE)


@click.command()
@click.argument("job", metavar="JOB", shell_complete=jobs_in("any"))
@click.option("-f", "--follow", is_flag=True, help="Go on until the job has ended.")
@click.option("--stderr", is_flag=True, help="The file of --error, where the job has one.")
@click.option(
    "--tail",
    type=click.IntRange(min=1),
    metavar="LINES",
    help="Begin with so many of the last lines (of the last MiB at most).",
)
@click.option(
    "--offset",
    type=click.IntRange(min=0),
    default=0,
    metavar="BYTE",
    help="Begin at this byte, counted from 0.",
)
@connected
def logs(
    client: Client, job: str, *, follow: bool, stderr: bool, tail: int | None, offset: int
) -> None:
    """Show what a job of yours wrote, also while it runs.

    The file is read as your own Unix account. Piped, its bytes come as they are; on a terminal,
    what could harm it is replaced.
    """
    if tail and offset:
        raise usage_error(said("--tail and --offset both say where to begin; write one of them"))
    found = one_job(client, job)
    request = ReadJobOutputRequest(
        name=f"jobs/{found.job_id}",
        stderr=stderr,
        offset=offset,
        tail_lines=tail or 0,
        follow=follow,
    )
    write = _for_people() if on_terminal() else _write_bytes
    last: ReadJobOutputResponse | None = None
    # A byte that was asked for and never came may well be one that the file never had.
    behind_the_end = offset
    for last in messages(client, request):
        write(last.data)
        if last.data:
            behind_the_end = 0
        if last.status == OutputStatus.OUTPUT_STATUS_SHORTER:
            note(_why_from_its_beginning(last, behind_the_end))
        elif follow and last.status in NOTHING_YET and found.state in LIVE:
            waiting = said("Waiting for it; Ctrl-C ends that.")
            note(listed((_why_nothing(found, last), waiting), "\n"))
    if last is not None and last.status in NOTHING_YET:
        raise CliError(_why_nothing(found, last), ExitCode.NOT_FOUND)


def messages(client: Client, request: ReadJobOutputRequest) -> Iterator[ReadJobOutputResponse]:
    """Yield a stream's messages, going on where it broke or was cut. Raises ServiceError."""
    stub = JobServiceStub(client.channel)
    cut = True
    while cut:
        cut = False
        for message in client.stream(stub.ReadJobOutput, request):
            # The stream is asked for anew by this very request.
            request.offset, request.tail_lines = message.offset + len(message.data), 0
            cut = message.status == OutputStatus.OUTPUT_STATUS_CUT
            yield message


def _why_from_its_beginning(message: ReadJobOutputResponse, behind_the_end: int) -> Said:
    if behind_the_end:
        return said(
            "{path} has {size} bytes, and none at {offset}: it is read from its beginning",
            path=message.path,
            size=message.size_bytes,
            offset=behind_the_end,
        )
    return said("{path} became shorter: it is read from its beginning", path=message.path)


def _why_nothing(job: Job, message: ReadJobOutputResponse) -> Said:
    label = job_label(job)
    if message.status == OutputStatus.OUTPUT_STATUS_NO_FILE:
        return said(
            "job {job} has no file {path}\n"
            "It wrote none yet, the file was moved or deleted, or its folder is not on a file "
            "system that the nodes share with the cluster's service.",
            job=label,
            path=message.path,
        )
    if job.state not in LIVE:
        return said(
            "job {job} wrote nothing: it is {state} and never started",
            job=label,
            state=state_word(job.state),
        )
    return said(
        "job {job} has not started; it will write to {path}\n"
        "`tendik why {job}` says what it waits for.",
        job=label,
        path=message.path,
    )


def _write_bytes(data: bytes) -> None:
    out = sys.stdout.buffer
    out.write(data)
    out.flush()


def _for_people() -> Callable[[bytes], None]:
    """Return what writes text that may end anywhere; a progress bar's steps become lines."""
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    lines = io.IncrementalNewlineDecoder(decoder, translate=True)

    def write(data: bytes) -> None:
        text: str = lines.decode(data)
        click.echo("\n".join(map(printable, text.split("\n"))), nl=False)

    return write
