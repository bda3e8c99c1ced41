"""Finding jobs: by what a user types, and by filters, page after page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from scheduler.cli.client import Client
from scheduler.cli.errors import CliError, usage_error
from scheduler.cli.exit_codes import ExitCode
from scheduler.cli.job_words import job_label
from scheduler.cli.terminal import note
from scheduler.texts import said
from scheduler.v1.job_service_pb2 import GetJobRequest, Job, ListJobsRequest
from scheduler.v1.job_service_pb2_grpc import JobServiceStub
from scheduler.v1.tenant_service_pb2 import WhoAmIRequest, WhoAmIResponse
from scheduler.v1.tenant_service_pb2_grpc import TenantServiceStub

JOB_WORD = re.compile(r"(?:jobs/)?(?P<number>[1-9]\d{0,17})(?:_(?P<index>\d{1,9}))?")
PAGE_JOBS = 1000


def who_am_i(client: Client) -> WhoAmIResponse:
    return client.call(TenantServiceStub(client.channel).WhoAmI, WhoAmIRequest())


def list_jobs(client: Client, wanted: ListJobsRequest, limit: int) -> list[Job]:
    """Return at most `limit` jobs, newest first."""
    wanted.page_size = min(limit, PAGE_JOBS)
    return list(islice(each_job(client, wanted), limit))


def one_job(client: Client, word: str, include_script: bool = False) -> Job:
    """Return the job that the word names, e.g. "1042" or "1042_3". Raises CliError.

    An array's number is its first element's as well, and names that one here; the user is told.
    """
    number, index = _parsed(word)
    if index is not None:
        number = _element(client, number, index).job_id
    request = GetJobRequest(name=f"jobs/{number}", include_script=include_script)
    job = client.call(JobServiceStub(client.channel).GetJob, request).job
    if index is None and job.HasField("array"):
        note(said("job {number} is element {job} of an array", number=number, job=job_label(job)))
    return job


def all_jobs(client: Client, word: str) -> list[Job]:
    """Return the jobs that the word names: an array's number names all its elements."""
    number, index = _parsed(word)
    if index is not None:
        return [_element(client, number, index)]
    elements = list(_array(client, number))
    return elements or [one_job(client, word)]


def _parsed(word: str) -> tuple[int, int | None]:
    match = JOB_WORD.fullmatch(word)
    if match is None:
        raise usage_error(
            said("{word!r} names no job; write a number like 1042, or 1042_3", word=word)
        )
    return int(match["number"]), int(match["index"]) if match["index"] else None


def _element(client: Client, array_job_id: int, index: int) -> Job:
    for job in _array(client, array_job_id):
        if job.array.index == index:
            return job
    raise CliError(
        said("no job {array_job_id}_{index}", array_job_id=array_job_id, index=index),
        ExitCode.NOT_FOUND,
    )


def _array(client: Client, array_job_id: int) -> Iterator[Job]:
    return each_job(client, ListJobsRequest(array_job_id=array_job_id))


def each_job(client: Client, wanted: ListJobsRequest) -> Iterator[Job]:
    """Yield the jobs, newest first; a page is asked for when it is come to."""
    wanted.page_size = wanted.page_size or PAGE_JOBS
    stub = JobServiceStub(client.channel)
    while True:
        page = client.call(stub.ListJobs, wanted)
        yield from page.jobs
        if not page.next_page_token:
            return
        wanted.page_token = page.next_page_token
