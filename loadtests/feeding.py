"""Hands a character's submissions in when their time has come, safe to repeat."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from itertools import islice

from loadtests.stack import Client
from loadtests.workload import Submission
from scheduler.v1 import job_service_pb2

# One call carries as many due jobs as this: as a researcher's own loop over a folder would.
MAX_BATCH = 100


class Feeder:
    """Submits in the name of one client; counts what was accepted."""

    def __init__(self, client: Client, submissions: Iterator[Submission]) -> None:
        self._client = client
        self._left = list(submissions)
        self.accepted = 0

    def feed(self, passed_s: float) -> int:
        """Submit what is due after `passed_s` and return how many jobs were accepted so far.

        Raises RuntimeError when the service refuses a job.
        """
        due = list(islice((one for one in self._left if one.at_s <= passed_s), MAX_BATCH))
        if due:
            self._left = self._left[len(due) :]
            self._submit(due)
        return self.accepted

    def _submit(self, due: list[Submission]) -> None:
        requests = [
            job_service_pb2.SubmitJobRequest(request_id=str(uuid.uuid4()), script=one.script)
            for one in due
        ]
        answer = self._client.jobs.BatchSubmitJobs(
            job_service_pb2.BatchSubmitJobsRequest(requests=requests),
            metadata=self._client.metadata,
            timeout=30,
        )
        for result in answer.results:
            if result.HasField("failure"):
                raise RuntimeError(f"refused: {result.failure.reason}: {result.failure.message}")
            self.accepted += len(result.response.jobs)
