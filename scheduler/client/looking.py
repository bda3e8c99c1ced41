"""Looking at jobs and shares, and wishes about jobs that are safe to repeat."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypedDict

from scheduler.client.answers import Why
from scheduler.client.convert import job_of, pool_of, share_of, why_of, wire_name
from scheduler.client.errors import Unavailable
from scheduler.client.jobs import Job, JobState
from scheduler.client.manners import asked, until_answered
from scheduler.client.shares import Pool, Share
from scheduler.client.steps import Flow, Operation, Tell
from scheduler.v1.cluster_service_pb2 import GetClusterRequest, ListSharesRequest
from scheduler.v1.job_service_pb2 import (
    CancelJobRequest,
    ExplainJobRequest,
    GetJobRequest,
    HoldJobRequest,
    ListJobsRequest,
    ReleaseJobRequest,
    RequeueJobRequest,
)
from scheduler.v1.tenant_service_pb2 import WhoAmIRequest

PAGE_JOBS = 1000


class Filter(TypedDict, total=False):
    """Which jobs are meant: your own, unless it names others or says `everybody`.

    `array` is an array's number, or any job of it. Without `states` they may be in any.
    """

    states: Collection[JobState]
    everybody: bool
    organisation: str
    project: str
    user: str
    array: int | Job


def id_of(job: int | Job) -> int:
    return job.id if isinstance(job, Job) else job


def name_of(job: int | Job) -> str:
    """Return what the service calls the job."""
    return f"jobs/{id_of(job)}"


def found(job: int | Job) -> Operation[Job]:
    request = GetJobRequest(name=name_of(job))
    return job_of((yield from asked(lambda stubs: stubs.jobs.GetJob, request)).job)


def listed(wanted: Filter) -> Flow[Job]:
    """Tell the jobs, newest first; a page is asked for when it is come to."""
    request = yield from _list_request(wanted)
    while True:
        page = yield from asked(lambda stubs: stubs.jobs.ListJobs, request)
        for message in page.jobs:
            yield Tell(job_of(message))
        if not page.next_page_token:
            return
        request.page_token = page.next_page_token


def _list_request(wanted: Filter) -> Operation[ListJobsRequest]:
    request = ListJobsRequest(
        page_size=PAGE_JOBS,
        organisation=wanted.get("organisation", ""),
        project=wanted.get("project", ""),
        user=wanted.get("user", ""),
        states=map(wire_name, wanted.get("states", ())),
        array_job_id=_array_id(wanted.get("array", 0)),
    )
    named = (wanted.get(key) for key in ("everybody", "organisation", "project", "user", "array"))
    if not any(named):
        me = (yield from asked(lambda stubs: stubs.tenants.WhoAmI, WhoAmIRequest())).user
        request.organisation, request.user = me.organisation_id, me.user_id
    return request


def _array_id(array: int | Job) -> int:
    return array.array.array_id if isinstance(array, Job) and array.array else id_of(array)


def cancelled(job: int | Job) -> Operation[Job]:
    request = CancelJobRequest(name=name_of(job))
    return job_of((yield from until_answered(lambda stubs: stubs.jobs.CancelJob, request)).job)


def requeued(job: int | Job) -> Operation[Job]:
    """Let the run that the job has now end; a repeat of the call ends no later one."""
    known = job if isinstance(job, Job) else (yield from found(job))
    request = RequeueJobRequest(name=name_of(known))
    if known.started_at is not None:
        request.start_time.FromDatetime(known.started_at)
    return job_of((yield from until_answered(lambda stubs: stubs.jobs.RequeueJob, request)).job)


def held(job: int | Job) -> Operation[Job]:
    request = HoldJobRequest(name=name_of(job))
    return job_of((yield from until_answered(lambda stubs: stubs.jobs.HoldJob, request)).job)


def released(job: int | Job) -> Operation[Job]:
    request = ReleaseJobRequest(name=name_of(job))
    return job_of((yield from until_answered(lambda stubs: stubs.jobs.ReleaseJob, request)).job)


def explained(job: int | Job) -> Operation[Why]:
    """Return why the job waits as of now, or as of the newest cycle where nobody can say it now."""
    request = ExplainJobRequest(name=name_of(job))
    try:
        return why_of((yield from asked(lambda stubs: stubs.jobs.ExplainJob, request)))
    except Unavailable:
        return Why((yield from found(job)), None)


def shares() -> Operation[tuple[Share, ...]]:
    answer = yield from asked(lambda stubs: stubs.cluster.ListShares, ListSharesRequest())
    return tuple(map(share_of, answer.shares))


def pools() -> Operation[tuple[Pool, ...]]:
    answer = yield from asked(lambda stubs: stubs.cluster.GetCluster, GetClusterRequest())
    return tuple(map(pool_of, answer.pools))
