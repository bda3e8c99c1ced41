"""The service under fault: its jobs, its words on them, and its own death."""

from __future__ import annotations

import os
import signal
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

import grpc

from deploy.slurm.devcluster.jobs import descendants
from loadtests.chaos.judging import Told
from loadtests.chaos.tiny_jobs import TinyJob
from loadtests.slurm_records import installation_of
from loadtests.stack import Client, Member, Stack, start_again, start_service, stop_service
from scheduler.v1 import job_service_pb2 as pb

T = TypeVar("T")
PATIENCE_S = 90.0
ENGINE = b"scheduler.engine_child"
MEMBER = Member("astana-university", "Astana University", "universities", "aigerim", "aigerim")
# A cancel answered in one of these states was acknowledged before the release was on record.
BEFORE_RELEASE = frozenset(
    {pb.JOB_STATE_PENDING, pb.JOB_STATE_SUBMITTING, pb.JOB_STATE_HELD, pb.JOB_STATE_CANCELLED}
)
# In these Slurm has not answered yet.
UNANSWERED = frozenset({pb.JOB_STATE_PENDING, pb.JOB_STATE_SUBMITTING})
TOLD: Mapping[int, Told] = {
    pb.JOB_STATE_COMPLETED: Told.COMPLETED,
    pb.JOB_STATE_CANCELLED: Told.CANCELLED,
    pb.JOB_STATE_NODE_FAILED: Told.NODE_FAILED,
    pb.JOB_STATE_FAILED: Told.OTHER,
    pb.JOB_STATE_TIMED_OUT: Told.OTHER,
    pb.JOB_STATE_OUT_OF_MEMORY: Told.OTHER,
    pb.JOB_STATE_LOST: Told.OTHER,
}


class Ours:
    """A service that may be killed and started anew; a question is repeated until answered."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._token = stack.register((MEMBER,))[MEMBER.organisation]
        self.installation = installation_of(stack.environment)

    @property
    def pid(self) -> int:
        return self._stack.process.pid

    def submit(self, jobs: Sequence[TinyJob], home: Path) -> dict[str, int]:
        """Submit the jobs in one durable write; return their ids by name."""
        requests = [
            pb.SubmitJobRequest(
                request_id=str(uuid.uuid4()), script=job.script, working_directory=str(home)
            )
            for job in jobs
        ]
        batch = pb.BatchSubmitJobsRequest(requests=requests)
        answer = self._ask(
            lambda client: client.jobs.BatchSubmitJobs(batch, metadata=client.metadata, timeout=10)
        )
        ids = (result.response.jobs[0].job_id for result in answer.results)
        return {job.name: job_id for job, job_id in zip(jobs, ids, strict=True)}

    def cancel(self, job_id: int) -> pb.Job:
        """Cancel a job; return it as it was when the cancel was on record."""
        request = pb.CancelJobRequest(name=f"jobs/{job_id}")
        answer = self._ask(
            lambda client: client.jobs.CancelJob(request, metadata=client.metadata, timeout=10)
        )
        return answer.job

    def jobs(self, job_ids: Sequence[int]) -> tuple[pb.Job, ...]:
        return self._ask(lambda client: tuple(_job(client, job_id) for job_id in job_ids))

    def engine_pid(self) -> int | None:
        """Return the process that talks to Slurm; None while there is none."""
        below = (process.pid for process in descendants(self.pid))
        return next((pid for pid in below if ENGINE in _command_line(pid)), None)

    def engine_killer(self) -> Callable[[], None]:
        """Return what kills the engine's process; the service begins another one by itself.

        The process is looked up here, which takes longer than Slurm's answer takes to be recorded.
        """
        engine = self.engine_pid()
        return partial(os.kill, engine, signal.SIGKILL) if engine else _nothing

    def killer(self) -> Callable[[], None]:
        """Return what kills all of the service at once, as a power cut would."""
        kill_engine = self.engine_killer()

        def kill() -> None:
            self._stack.process.kill()
            kill_engine()
            self._stack.process.wait()

        return kill

    def start_again(self) -> None:
        """Start it anew where it was killed. Raises RuntimeError when it does not come up."""
        if self._stack.process.poll() is not None:
            self._stack = start_again(self._stack)

    def stop(self) -> None:
        stop_service(self._stack.process)

    def _ask(self, question: Callable[[Client], T]) -> T:
        """Raises grpc.RpcError when there was no answer for long, or a clear refusal."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            client = self._stack.client(self._token)
            try:
                return question(client)
            except grpc.RpcError as error:
                if error.code() not in _PASSING or time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
            finally:
                client.close()


_PASSING = frozenset({grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED})


@contextmanager
def our_service(folder: Path, settings: Mapping[str, str]) -> Iterator[Ours]:
    """Run a service with an empty database; drain whatever of it runs at the end."""
    ours = Ours(start_service(folder, settings))
    try:
        yield ours
    finally:
        ours.stop()


def _nothing() -> None:
    """Kill nobody: no engine was running."""


def _job(client: Client, job_id: int) -> pb.Job:
    request = pb.GetJobRequest(name=f"jobs/{job_id}")
    answer = client.jobs.GetJob(request, metadata=client.metadata, timeout=10)
    return answer.job


def _command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
