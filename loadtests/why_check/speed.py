"""How long `ExplainJob` takes on a running service with 10,000 pending jobs."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from random import Random

from rich.progress import track

from loadtests.national import NODE_GPUS, NODES, POOLS, fill
from loadtests.stack import ROOT, Client, running_service
from scheduler.v1.cluster_service_pb2 import GetClusterRequest
from scheduler.v1.job_service_pb2 import ExplainJobRequest, JobState, ListJobsRequest

FOLDER = ROOT / "build" / "why-check"
PENDING_JOBS = 10_000
# The first cycles fill the idle cluster with jobs that run for minutes.
WARM_UP_CYCLES = 4
PATIENCE_S = 120.0
CALL_TIMEOUT_S = 30.0
SETTINGS = {
    "TENDIK_BACKEND": "simulated",
    "TENDIK_SIMULATED_CLUSTER": f"{POOLS}x{NODES}x{NODE_GPUS}",
}


def answer_seconds(calls: int) -> list[float]:
    """Return how long each call took, of jobs drawn from all over the queue.

    The first call begins the process that answers, and is left out.
    """
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    fill(f"sqlite:///{FOLDER / 'tendik.db'}", PENDING_JOBS)
    with running_service(FOLDER, SETTINGS) as stack:
        client = stack.client(stack.admin_token)
        try:
            _warm_up(client)
            chosen = Random(1).sample(list(_waiting(client)), calls + 1)
            return [_seconds(client, name) for name in track(chosen, "why")][1:]
        finally:
            client.close()


def _warm_up(client: Client) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline_s:
        answer = client.cluster.GetCluster(GetClusterRequest(), metadata=client.metadata)
        if answer.last_cycle.number >= WARM_UP_CYCLES:
            return
        time.sleep(0.2)
    raise RuntimeError("the service decided too few cycles; see its log in build/why-check")


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
