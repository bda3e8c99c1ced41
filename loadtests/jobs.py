"""Lists a client's jobs page by page."""

from __future__ import annotations

from collections.abc import Sequence

from loadtests.stack import Client
from scheduler.v1.job_service_pb2 import (
    JOB_STATE_HELD,
    JOB_STATE_PENDING,
    JOB_STATE_RELEASING,
    JOB_STATE_RUNNING,
    JOB_STATE_SETTLING,
    JOB_STATE_SUBMITTED,
    JOB_STATE_SUBMITTING,
    Job,
    JobState,
    ListJobsRequest,
)

LIVE = (
    JOB_STATE_PENDING,
    JOB_STATE_SUBMITTING,
    JOB_STATE_HELD,
    JOB_STATE_RELEASING,
    JOB_STATE_SUBMITTED,
    JOB_STATE_RUNNING,
    JOB_STATE_SETTLING,
)


def live_jobs(client: Client) -> tuple[Job, ...]:
    """Return the jobs that have not ended."""
    return all_jobs(client, LIVE)


def all_jobs(client: Client, states: Sequence[JobState] = ()) -> tuple[Job, ...]:
    """Return every job in these states that the client may see; no states means all."""
    jobs: list[Job] = []
    token = ""
    while True:
        request = ListJobsRequest(states=states, page_size=1000, page_token=token)
        answer = client.jobs.ListJobs(request, metadata=client.metadata, timeout=10)
        jobs += answer.jobs
        token = answer.next_page_token
        if not token:
            return tuple(jobs)
