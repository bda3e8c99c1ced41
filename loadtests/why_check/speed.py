"""How long `ExplainJob` takes on a running service with 10,000 pending jobs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from random import Random

from rich.progress import track

from loadtests.stack import ROOT, Client
from loadtests.why_check.queue import full_queue
from scheduler.v1.job_service_pb2 import ExplainJobRequest, JobState, ListJobsRequest

FOLDER = ROOT / "build" / "why-check"
CALL_TIMEOUT_S = 30.0


def answer_seconds(calls: int) -> list[float]:
    """Return how long each call took, of jobs drawn from all over the queue.

    The first call begins the process that answers, and is left out.
    """
    with full_queue(FOLDER) as client:
        chosen = Random(1).sample(list(_waiting(client)), calls + 1)
        return [_seconds(client, name) for name in track(chosen, "why")][1:]


def _waiting(client: Client) -> Iterator[str]:
    """Yield the names of all that wait."""
    wanted = ListJobsRequest(page_size=1000, states=[JobState.JOB_STATE_PENDING])
    while True:
        page = client.jobs.ListJobs(wanted, metadata=client.metadata)
        yield from (job.name for job in page.jobs)
        if not page.next_page_token:
            return
        wanted.page_token = page.next_page_token


def _seconds(client: Client, name: str) -> float:
    began = time.perf_counter()
    request = ExplainJobRequest(name=name)
    client.jobs.ExplainJob(request, timeout=CALL_TIMEOUT_S, metadata=client.metadata)
    return time.perf_counter() - began
