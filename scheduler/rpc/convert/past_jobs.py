"""Messages of past jobs."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime

from scheduler.domain.past_jobs import PastJob, PastJobQuery
from scheduler.domain.requests import GpuRequest, GpusPer
from scheduler.errors import InvalidRequest, Violation
from scheduler.rpc.convert.values import moment, timestamp
from scheduler.texts import said
from scheduler.use_cases.past_jobs import PastPage
from scheduler.v1 import job_service_pb2 as jobs_pb
from scheduler.v1 import policy_service_pb2 as pb

EVER = datetime.min.replace(tzinfo=UTC)


def past_job_query(message: pb.ListPastJobsRequest) -> PastJobQuery:
    """Raises InvalidRequest for a page that does not exist."""
    if message.page_size < 0:
        raise InvalidRequest(
            Violation("page_size", said("is negative; use 0 for the default of 1000"))
        )
    since = moment(message.since_time) if message.HasField("since_time") else EVER
    return PastJobQuery(since, _after_job_id(message.page_token), message.page_size)


def past_jobs_response(page: PastPage) -> pb.ListPastJobsResponse:
    return pb.ListPastJobsResponse(
        jobs=map(_past_job, page.jobs),
        next_page_token=_page_token(page.next_after_job_id),
        history_start_time=timestamp(page.history_began_at),
    )


def _page_token(after: int) -> str:
    return base64.urlsafe_b64encode(f"after:{after}".encode()).decode() if after else ""


def _after_job_id(token: str) -> int:
    try:
        text = base64.b64decode(token, b"-_", validate=True).decode()
        after = int(text.removeprefix("after:")) if token else 0
    except (binascii.Error, ValueError):
        after = -1
    if after < 0 or _page_token(after) != token:
        message = said("not a token of ours; pass next_page_token unchanged, or leave it empty")
        raise InvalidRequest(Violation("page_token", message))
    return after


def _past_job(job: PastJob) -> pb.PastJob:
    tenant, array = job.tenant, job.array
    return pb.PastJob(
        job_id=job.job_id,
        tenant_class=tenant.tenant_class,
        organisation=tenant.organisation,
        project=tenant.project,
        user=tenant.user,
        request=request_message(job.request),
        ready_time=timestamp(job.ready_at),
        recallable=job.recallable,
        array=None
        if array is None
        else jobs_pb.ArrayPlace(array_job_id=array.array_id, index=array.index, limit=array.limit),
        start_time=timestamp(job.started_at),
        end_time=timestamp(job.ended_at),
    )


def request_message(request: GpuRequest) -> pb.PastRequest:
    return pb.PastRequest(
        gpus=request.gpus,
        gpus_per_node=request.gpus_per is GpusPer.NODE,
        nodes=request.nodes or 0,
        tasks=request.tasks or 0,
        tasks_per_node=request.tasks_per_node or 0,
        cpus_per_task=request.cpus_per_task,
        memory_mib=request.memory.mib if request.memory else 0,
        memory_per=request.memory.per.value if request.memory else "",
        walltime_seconds=request.walltime_s,
        gpu_type=request.gpu_type,
        partitions=request.partitions,
        constraint=(pb.FeatureSet(features=sorted(one)) for one in request.constraint),
    )
