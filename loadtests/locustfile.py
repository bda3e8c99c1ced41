"""Locust users who speak real gRPC: researchers who submit, look and cancel, and a watcher.

Run by `make load`, which starts a service of its own; or by hand against any service:
TENDIK_LOAD_TOKENS=token,token locust -f loadtests/locustfile.py --host 127.0.0.1:7443
"""

from __future__ import annotations

import os
import random
import time
import uuid
from collections.abc import Callable
from itertools import cycle
from typing import Any

import grpc
import grpc.experimental.gevent
from locust import User, between, constant, task

from loadtests.stack import Client
from loadtests.workload import sbatch_script
from scheduler.v1 import cluster_service_pb2 as cluster
from scheduler.v1 import job_service_pb2 as jobs

# locust runs its users as greenlets; without this, one call would block them all.
grpc.experimental.gevent.init_gevent()

TOKENS = cycle(os.environ.get("TENDIK_LOAD_TOKENS", "").split(","))


class Caller(User):
    """Calls in the name of one token and tells locust of every call."""

    abstract = True

    def on_start(self) -> None:
        self.client = Client(self.host or "127.0.0.1:7443", next(TOKENS))

    def on_stop(self) -> None:
        self.client.close()

    def timed(self, call: Callable[..., Any], request: Any) -> Any:
        """Make the call, report its time and outcome to locust, and return the answer or None."""
        begun = time.perf_counter()
        answer, error = None, None
        try:
            answer = call(request, metadata=self.client.metadata, timeout=10)
        except grpc.RpcError as raised:
            error = raised
        self.environment.events.request.fire(
            request_type="grpc",
            name=type(request).__name__.removesuffix("Request"),
            response_time=(time.perf_counter() - begun) * 1000,
            response_length=answer.ByteSize() if answer is not None else 0,
            exception=error,
            context={},
        )
        return answer


class Researcher(Caller):
    """Submits now and then, looks at the queue often, and changes their mind sometimes."""

    weight = 9
    wait_time = between(0.05, 0.3)

    def on_start(self) -> None:
        super().on_start()
        self.mine: list[str] = []

    @task(4)
    def submit(self) -> None:
        script = sbatch_script("load", random.choice((1, 2, 4, 8)), random.randint(1, 5))
        request = jobs.SubmitJobRequest(request_id=str(uuid.uuid4()), script=script)
        answer = self.timed(self.client.jobs.SubmitJob, request)
        if answer is not None:
            self.mine.append(answer.jobs[0].name)

    @task(3)
    def look_at_the_queue(self) -> None:
        self.timed(self.client.jobs.ListJobs, jobs.ListJobsRequest(page_size=50))

    @task(2)
    def ask_why(self) -> None:
        if self.mine:
            request = jobs.GetJobRequest(name=random.choice(self.mine))
            self.timed(self.client.jobs.GetJob, request)

    @task(1)
    def cancel(self) -> None:
        if self.mine:
            request = jobs.CancelJobRequest(name=self.mine.pop())
            self.timed(self.client.jobs.CancelJob, request)


class Onlooker(Caller):
    """Looks at everybody's shares once a second, as a page on a wall would."""

    weight = 1
    wait_time = constant(1)

    @task
    def shares(self) -> None:
        self.timed(self.client.cluster.ListShares, cluster.ListSharesRequest())
