"""Following jobs as they change, to their end."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing

from scheduler.cli.waiting import MAX_WATCHED_JOBS
from scheduler.client.convert import job_of
from scheduler.client.jobs import Job
from scheduler.client.looking import found, id_of, name_of
from scheduler.client.manners import Following
from scheduler.client.steps import Flow, Operation, Tell
from scheduler.v1.job_service_pb2 import WatchJobsRequest, WatchJobsResponse


def watched(jobs: Sequence[int | Job]) -> Flow[Job]:
    """Tell each job's present state, then its changes, until all of them have ended.

    Of no jobs: the caller's live ones and new ones as they come, without end.
    """
    left = {id_of(job) for job in jobs}
    known: dict[int, Job] = {}
    with closing(_following(jobs, None)) as stream:
        while (part := (yield from stream.heard())) is not None:
            job = job_of(part.job)
            # A stream that began anew says again what was told.
            if known.get(job.id) != job:
                known[job.id] = job
                yield Tell(job)
            if job.has_ended:
                left.discard(job.id)
            if jobs and not left:
                return


def waited_for(jobs: Sequence[int | Job], timeout_s: float | None) -> Operation[tuple[Job, ...]]:
    """Return the jobs once all have ended. Raises WaitTimedOut."""
    ends_at_s = None if timeout_s is None else time.monotonic() + timeout_s
    ends: dict[int, Job] = {}
    for begin in range(0, len(jobs), MAX_WATCHED_JOBS):
        left_s = None if ends_at_s is None else max(0.0, ends_at_s - time.monotonic())
        ends |= yield from _ends(jobs[begin : begin + MAX_WATCHED_JOBS], left_s)
    return tuple(ends[id_of(job)] for job in jobs)


def _ends(jobs: Sequence[int | Job], timeout_s: float | None) -> Operation[dict[int, Job]]:
    """Return how each job ended; the service ends the stream when all have."""
    left = {id_of(job) for job in jobs}
    ends: dict[int, Job] = {}
    with closing(_following(jobs, timeout_s)) as stream:
        while left and (part := (yield from stream.heard())) is not None:
            job = job_of(part.job)
            ends[job.id] = job
            if job.has_ended:
                left.discard(job.id)
    for job_id in left:
        # It ended in a way that this version does not know.
        ends[job_id] = yield from found(job_id)
    return ends


def _following(
    jobs: Sequence[int | Job], timeout_s: float | None
) -> Following[WatchJobsRequest, WatchJobsResponse]:
    request = WatchJobsRequest(names=list(map(name_of, jobs)))
    return Following(lambda stubs: stubs.jobs.WatchJobs, request, timeout_s)
