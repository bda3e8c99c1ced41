"""The agent's calls: each is checked, has its turn at the backend, and answers in time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import BoundedSemaphore
from typing import TypeAlias

import grpc
import structlog

from scheduler.agent.convert import (
    cluster_message,
    ended_message,
    launch_of,
    marked_message,
    measured_message,
    notice_of,
    since_of,
    submission_messages,
)
from scheduler.agent.output import piece_message, wanted_of
from scheduler.agent.turns import Turns
from scheduler.agent.v1 import agent_service_pb2 as pb
from scheduler.agent.v1 import agent_service_pb2_grpc
from scheduler.agent.vocabulary import LONGEST_LIMIT_S, PROTOCOL
from scheduler.errors import BackendUnavailable
from scheduler.ports import Backend, OutputReader

log = structlog.get_logger()
Context: TypeAlias = grpc.ServicerContext
# Files may be slow: enough threads are left for the calls that matter more.
READS_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Identity:
    """Who answers: a program's version, one run of it, and the backend that it has."""

    version: str
    run_id: str
    backend: str


class AgentServicer(agent_service_pb2_grpc.AgentServiceServicer):
    """Maps the calls one to one to the ports `Backend` and `OutputReader`."""

    def __init__(self, identity: Identity, turns: Turns, output: OutputReader) -> None:
        self._identity = identity
        self._turns = turns
        self._output = output
        self._reads = BoundedSemaphore(READS_AT_ONCE)

    def GetAgent(self, request: pb.GetAgentRequest, context: Context) -> pb.GetAgentResponse:  # noqa: ARG002, N802 - gRPC's
        return pb.GetAgentResponse(
            protocol=PROTOCOL,
            version=self._identity.version,
            run_id=self._identity.run_id,
            backend=self._identity.backend,
        )

    def ReadCluster(  # noqa: N802 - gRPC's
        self, request: pb.ReadClusterRequest, context: Context
    ) -> pb.ReadClusterResponse:
        with self._turn(request.pairing, context) as backend:
            state = backend.read(frozenset(request.watched))
        return cluster_message(state)

    def ReadMarked(  # noqa: N802 - gRPC's
        self, request: pb.ReadMarkedRequest, context: Context
    ) -> pb.ReadMarkedResponse:
        with self._turn(request.pairing, context) as backend:
            return marked_message(backend.marked_since(since_of(request)))

    def ReadMeasured(  # noqa: N802 - gRPC's
        self, request: pb.ReadMeasuredRequest, context: Context
    ) -> pb.ReadMeasuredResponse:
        with self._turn(request.pairing, context) as backend:
            return measured_message(backend.measured(frozenset(request.slurm_ids)))

    def ReadEndedRuns(  # noqa: N802 - gRPC's
        self, request: pb.ReadEndedRunsRequest, context: Context
    ) -> pb.ReadEndedRunsResponse:
        with self._turn(request.pairing, context) as backend:
            return ended_message(backend.ended_runs(frozenset(request.slurm_ids)))

    def SubmitJobs(  # noqa: N802 - gRPC's
        self, request: pb.SubmitJobsRequest, context: Context
    ) -> pb.SubmitJobsResponse:
        with self._turn(request.pairing, context) as backend:
            return submission_messages(backend.submit(tuple(map(launch_of, request.launches))))

    def ReleaseJobs(  # noqa: N802 - gRPC's
        self, request: pb.ReleaseJobsRequest, context: Context
    ) -> pb.ReleaseJobsResponse:
        with self._turn(request.pairing, context) as backend:
            refused = backend.release(tuple(request.slurm_ids))
        return pb.ReleaseJobsResponse(refused_slurm_ids=sorted(refused))

    def SignalJobs(  # noqa: N802 - gRPC's
        self, request: pb.SignalJobsRequest, context: Context
    ) -> pb.SignalJobsResponse:
        with self._turn(request.pairing, context) as backend:
            backend.signal(tuple(map(notice_of, request.notices)))
        return pb.SignalJobsResponse()

    def CancelJobs(  # noqa: N802 - gRPC's
        self, request: pb.CancelJobsRequest, context: Context
    ) -> pb.CancelJobsResponse:
        with self._turn(request.pairing, context) as backend:
            backend.cancel(tuple(request.slurm_ids))
        return pb.CancelJobsResponse()

    def ReadOutput(  # noqa: N802 - gRPC's
        self, request: pb.ReadOutputRequest, context: Context
    ) -> pb.ReadOutputResponse:
        self._check_run(request.pairing, context)
        if not self._reads.acquire(blocking=False):
            context.abort(grpc.StatusCode.ABORTED, f"{READS_AT_ONCE} files are being read already")
        try:
            return piece_message(self._output.read(wanted_of(request)))
        finally:
            self._reads.release()

    def _check_run(self, pairing: pb.Pairing, context: Context) -> None:
        if pairing.run_id != self._identity.run_id:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, "paired with another run")

    @contextmanager
    def _turn(self, pairing: pb.Pairing, context: Context) -> Iterator[Backend]:
        """Yield the backend for one call; without an answer of its the call is aborted."""
        self._check_run(pairing, context)
        try:
            with self._turns.backend(pairing.installation, _patience_s(context)) as backend:
                if not context.is_active():
                    # The caller has given up: what he counts as not done had better not be.
                    context.abort(grpc.StatusCode.CANCELLED, "nobody waits for it any more")
                yield backend
        except BackendUnavailable as error:
            log.warning("no_good_answer", error=str(error))
            context.abort(grpc.StatusCode.ABORTED, str(error))


def _patience_s(context: Context) -> float:
    """Return how long the caller waits, and no longer than any of ours does."""
    remaining_s: float | None = context.time_remaining()
    return LONGEST_LIMIT_S if remaining_s is None else min(max(0.0, remaining_s), LONGEST_LIMIT_S)
