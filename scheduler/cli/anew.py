"""A job's script and options as they would be submitted anew."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from scheduler.cli.client import Client
from scheduler.cli.errors import ServiceError, usage_error
from scheduler.cli.job_words import job_label
from scheduler.cli.lookup import who_am_i
from scheduler.cli.own_environment import own_environment
from scheduler.cli.session import session
from scheduler.cli.terminal import note
from scheduler.texts import Said, said
from scheduler.v1.job_service_pb2 import Job, SubmitJobRequest
from scheduler.v1.job_service_pb2_grpc import JobServiceStub


def require_own(client: Client, old: Job) -> None:
    """Raise CliError for somebody else's job: submitted anew, it would be another's."""
    me = who_am_i(client).user
    if (old.user, old.organisation) != (me.user_id, me.organisation_id):
        raise usage_error(
            said("job {job} is {user}'s, and would become yours", job=job_label(old), user=old.user)
        )


def request_anew(old: Job, more_flags: Sequence[str] = ()) -> SubmitJobRequest:
    """Return the request for a job that came with its script, with this shell's environment."""
    request = SubmitJobRequest(
        script=old.script,
        flags=(*old.flags, *more_flags),
        working_directory=old.working_directory,
        project=old.project,
    )
    request.environment.update(own_environment(session().environ, old.script, request.flags))
    return request


def submitted_anew(client: Client, request: SubmitJobRequest, unclear: Said) -> Sequence[Job]:
    """Submit for good, once; `unclear` is told where it is not known whether that was done."""
    request.request_id = str(uuid.uuid4())
    try:
        return client.call_until_answered(JobServiceStub(client.channel).SubmitJob, request).jobs
    except (ServiceError, KeyboardInterrupt):
        note(unclear)
        raise
