"""JobService over the use cases of jobs."""

# ruff: noqa: N802 - the methods are named in the protos

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

from scheduler.rpc.caller import current_caller
from scheduler.rpc.convert import jobs as convert
from scheduler.rpc.convert.efficiency import efficiency_response
from scheduler.rpc.convert.explaining import advise_response, explain_response
from scheduler.rpc.convert.output import output_message, output_request
from scheduler.rpc.convert.values import job_id_of, job_ids_of, moment
from scheduler.service import Service
from scheduler.v1 import job_service_pb2 as pb
from scheduler.v1 import job_service_pb2_grpc as pb_grpc


class JobServicer(pb_grpc.JobServiceServicer):
    """Answers on the event loop; what reads the store runs in a thread.

    SubmitJob needs no thread: it reads memory only and leaves the store to the writer.
    """

    def __init__(self, service: Service) -> None:
        self._submissions = service.submissions
        self._jobs = service.jobs
        self._explaining = service.explaining
        self._watching = service.watching
        self._outputs = service.outputs

    async def SubmitJob(
        self, request: pb.SubmitJobRequest, _context: object
    ) -> pb.SubmitJobResponse:
        wanted = convert.job_request(request)
        return convert.submit_response(await self._submissions.submit(current_caller(), wanted))

    async def BatchSubmitJobs(
        self, request: pb.BatchSubmitJobsRequest, _context: object
    ) -> pb.BatchSubmitJobsResponse:
        wanted = tuple(map(convert.job_request, request.requests))
        outcomes = await self._submissions.submit_batch(current_caller(), wanted)
        return convert.batch_response(outcomes)

    async def GetJob(self, request: pb.GetJobRequest, _context: object) -> pb.GetJobResponse:
        get = self._jobs.get_with_script if request.include_script else self._jobs.get
        job = await asyncio.to_thread(get, current_caller(), job_id_of(request.name))
        return pb.GetJobResponse(job=convert.job_message(job, with_script=request.include_script))

    async def ListJobs(self, request: pb.ListJobsRequest, _context: object) -> pb.ListJobsResponse:
        query = convert.job_query(request)
        page = await asyncio.to_thread(self._jobs.page, current_caller(), query)
        return convert.list_response(page)

    async def CancelJob(
        self, request: pb.CancelJobRequest, _context: object
    ) -> pb.CancelJobResponse:
        job_id = job_id_of(request.name)
        job = await asyncio.to_thread(self._jobs.cancel, current_caller(), job_id)
        return pb.CancelJobResponse(job=convert.job_message(job))

    async def RequeueJob(
        self, request: pb.RequeueJobRequest, _context: object
    ) -> pb.RequeueJobResponse:
        job_id = job_id_of(request.name)
        began = moment(request.start_time) if request.HasField("start_time") else None
        job = await asyncio.to_thread(self._jobs.requeue, current_caller(), job_id, began)
        return pb.RequeueJobResponse(job=convert.job_message(job))

    async def HoldJob(self, request: pb.HoldJobRequest, _context: object) -> pb.HoldJobResponse:
        job_id = job_id_of(request.name)
        job = await asyncio.to_thread(self._jobs.hold, current_caller(), job_id)
        return pb.HoldJobResponse(job=convert.job_message(job))

    async def ReleaseJob(
        self, request: pb.ReleaseJobRequest, _context: object
    ) -> pb.ReleaseJobResponse:
        job_id = job_id_of(request.name)
        job = await asyncio.to_thread(self._jobs.release, current_caller(), job_id)
        return pb.ReleaseJobResponse(job=convert.job_message(job))

    async def ExplainJob(
        self, request: pb.ExplainJobRequest, _context: object
    ) -> pb.ExplainJobResponse:
        job_id = job_id_of(request.name)
        return explain_response(await self._explaining.explain(current_caller(), job_id))

    async def AdviseJob(
        self, request: pb.AdviseJobRequest, _context: object
    ) -> pb.AdviseJobResponse:
        wanted = convert.job_request(request.request)
        return advise_response(await self._explaining.advise(current_caller(), wanted))

    async def GetJobEfficiency(
        self, request: pb.GetJobEfficiencyRequest, _context: object
    ) -> pb.GetJobEfficiencyResponse:
        job_id = job_id_of(request.name)
        used = await asyncio.to_thread(self._jobs.efficiency, current_caller(), job_id)
        return efficiency_response(used)

    async def WatchJobs(
        self, request: pb.WatchJobsRequest, _context: object
    ) -> AsyncIterator[pb.WatchJobsResponse]:
        changes = self._watching.watch(current_caller(), job_ids_of(request.names))
        async with aclosing(changes):
            async for job in changes:
                yield pb.WatchJobsResponse(job=convert.job_message(job))

    async def ReadJobOutput(
        self, request: pb.ReadJobOutputRequest, _context: object
    ) -> AsyncIterator[pb.ReadJobOutputResponse]:
        output = self._outputs.read(current_caller(), output_request(request))
        async with aclosing(output):
            async for news in output:
                yield output_message(news)
