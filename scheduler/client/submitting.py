"""Handing in scripts: as the command line does, once and only once."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

from scheduler.cli.handed_in import HandedIn, Source, handed_in, source_of
from scheduler.cli.own_environment import own_environment
from scheduler.client.answers import Advice
from scheduler.client.convert import advice_of, jobs_of
from scheduler.client.errors import TendikError, WrongUse
from scheduler.client.failures import local_failures
from scheduler.client.jobs import Job
from scheduler.client.manners import asked, until_answered
from scheduler.client.sbatch import SbatchOptions, flags_of
from scheduler.client.steps import Operation
from scheduler.texts import said
from scheduler.v1.job_service_pb2 import AdviseJobRequest, SubmitJobRequest


class Hypothetical(SbatchOptions, total=False):
    """sbatch's options, and the project that would be charged; without one, the user's own."""

    project: str


class Submission(Hypothetical, total=False):
    """sbatch's options, and ours.

    `request_id` repeats an earlier submission: the same id and script never make a second job.
    With `dry_run` all is checked and nothing is submitted: the jobs answered have the id 0.
    """

    request_id: str
    dry_run: bool


# Every other word is sbatch's, and the service judges it.
OWN = Submission.__annotations__.keys() - SbatchOptions.__annotations__.keys()


def submitted(script: str | Path, options: Submission) -> Operation[Job]:
    """Submit one job. Raises WrongUse for an array, before anything is sent."""
    given = _given(script, options)
    if given.gives("array"):
        raise WrongUse(said("this is an array, which submit_array takes"), "USAGE")
    return (yield from _accepted(given, options))[0]


def submitted_array(script: str | Path, options: Submission) -> Operation[tuple[Job, ...]]:
    """Submit an array and return its elements by index; a single job is an array of one."""
    return (yield from _accepted(_given(script, options), options))


def advised(script: str | Path, options: Hypothetical) -> Operation[Advice]:
    """Say what would become of the script now, and submit nothing."""
    request = AdviseJobRequest(request=_request(_given(script, options), options))
    return advice_of((yield from asked(lambda stubs: stubs.jobs.AdviseJob, request)))


def _accepted(given: HandedIn, options: Submission) -> Operation[tuple[Job, ...]]:
    request = _request(given, options)
    request.request_id = options.get("request_id") or str(uuid.uuid4())
    request.validate_only = options.get("dry_run", False)
    if not request.validate_only:
        request.environment.update(own_environment(os.environ, given.script, given.flags))
    try:
        answer = yield from until_answered(lambda stubs: stubs.jobs.SubmitJob, request)
    except TendikError as error:
        error.request_id = request.request_id
        if not (request.validate_only or options.get("request_id")):
            error.safe_to_retry = False
        raise
    return jobs_of(answer.jobs)


def _request(given: HandedIn, options: Hypothetical) -> SubmitJobRequest:
    return SubmitJobRequest(
        script=given.script,
        flags=given.flags,
        working_directory=str(Path.cwd()),
        project=options.get("project", ""),
    )


def _given(script: str | Path, options: Hypothetical) -> HandedIn:
    """Return the script and its flags. Raises WrongUse, InvalidRequest."""
    of_sbatch = {name: value for name, value in options.items() if name not in OWN}
    with local_failures():
        return handed_in(_source(script), flags_of(of_sbatch), os.environ)


def _source(script: str | Path) -> Source:
    """Return the script: a text begins with #! or has several lines, all else names a file."""
    if isinstance(script, str) and (script.startswith("#!") or "\n" in script):
        return Source(script, "the script")
    return source_of(str(script), None)
