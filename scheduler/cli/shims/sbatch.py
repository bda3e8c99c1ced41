"""`sbatch`: hands a script to the service, and answers as Slurm does."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Sequence
from pathlib import Path

import click

from scheduler.cli.client import Client
from scheduler.cli.files import STDIN
from scheduler.cli.handed_in import MAX_SCRIPT_BYTES, Source, handed_in, source_of
from scheduler.cli.own_environment import own_environment
from scheduler.cli.session import session
from scheduler.cli.shims.refusals import Refused
from scheduler.cli.shims.sbatch_line import SbatchLine, read_line
from scheduler.cli.submit import accepted, number_of
from scheduler.cli.waiting import MAX_WATCHED_JOBS, changes
from scheduler.v1.job_service_pb2 import Job, JobState, SubmitJobRequest

SIGNALLED = 128


def run(client: Client, words: Sequence[str]) -> int:
    """Submit the script; with --wait return the exit code of the job that ended worst."""
    line = read_line(words)
    given = handed_in(_source(line), line.flags, session().environ)
    request = SubmitJobRequest(
        request_id=str(uuid.uuid4()),
        script=given.script,
        flags=given.flags,
        working_directory=str(Path.cwd()),
        validate_only=line.test_only,
    )
    if line.comment is not None:
        click.echo("sbatch: --comment is not kept: the service marks its jobs there", err=True)
    if line.test_only:
        accepted(client, request, given.source)
        click.echo("sbatch: the service would take the job", err=True)
        return 0
    request.environment.update(own_environment(session().environ, given.script, given.flags))
    jobs = accepted(client, request, given.source)
    number = number_of(jobs)
    click.echo(number if line.parsable else f"Submitted batch job {number}")
    return _worst_end(client, jobs) if line.wait else 0


def _source(line: SbatchLine) -> Source:
    if line.wrap is not None:
        return source_of(STDIN, line.wrap)
    return Source(_script(line.script), line.script or "standard input", Path(line.script).name)


def _script(path: str) -> str:
    try:
        text = Path(path).read_text() if path else sys.stdin.read()
    except OSError as error:
        raise Refused(f"Unable to open file {path}") from error
    except UnicodeDecodeError as error:
        raise Refused(f"{path or 'standard input'} is not text in UTF-8") from error
    if len(text.encode()) > MAX_SCRIPT_BYTES:
        raise Refused(f"{path or 'standard input'} is larger than 4 MiB")
    return text


def _worst_end(client: Client, jobs: Sequence[Job]) -> int:
    ids = [job.job_id for job in jobs]
    few = (ids[n : n + MAX_WATCHED_JOBS] for n in range(0, len(ids), MAX_WATCHED_JOBS))
    ends = {job.job_id: job for some in few for job in changes(client, some)}
    return max(map(_code, ends.values()))


def _code(job: Job) -> int:
    if job.state == JobState.JOB_STATE_COMPLETED:
        return 0
    return job.exit_code if 0 < job.exit_code < SIGNALLED else 1
