"""Following jobs as they change, to their end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scheduler.cli.client import Client
from scheduler.cli.job_words import LIVE, job_label, state_word
from scheduler.cli.terminal import note
from scheduler.texts import said
from scheduler.v1.job_service_pb2 import Job, JobState, WatchJobsRequest
from scheduler.v1.job_service_pb2_grpc import JobServiceStub

MAX_WATCHED_JOBS = 1000


def changes(client: Client, job_ids: Sequence[int]) -> Iterator[Job]:
    """Yield each job's present state and then its changes, until all of them have ended.

    Without ids: the caller's live jobs and new ones as they come, without end.
    """
    request = WatchJobsRequest(names=[f"jobs/{job_id}" for job_id in job_ids])
    left = set(job_ids)
    for answer in client.stream(JobServiceStub(client.channel).WatchJobs, request):
        yield answer.job
        if answer.job.state not in LIVE:
            left.discard(answer.job.job_id)
        if job_ids and not left:
            return


def wait_for_end(client: Client, jobs: Sequence[Job]) -> bool:
    """Return when all jobs have ended: whether all of them completed."""
    ends: dict[int, Job] = {}
    for begin in range(0, len(jobs), MAX_WATCHED_JOBS):
        few = jobs[begin : begin + MAX_WATCHED_JOBS]
        for job in changes(client, [job.job_id for job in few]):
            if job.state not in LIVE and job.job_id not in ends:
                ends[job.job_id] = job
                note(ended(job))
    return all(job.state == JobState.JOB_STATE_COMPLETED for job in ends.values())


def ended(job: Job) -> str:
    """Return a sentence on the job's end."""
    code = said(" with exit code {code}", code=job.exit_code)
    outcome = f": {job.outcome}" if job.outcome else ""
    return said(
        "Job {job} {state}{code}{outcome}",
        job=job_label(job),
        state=state_word(job.state).replace("_", " "),
        code=code if job.HasField("exit_code") else "",
        outcome=outcome,
    )
