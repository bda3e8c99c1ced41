"""The port `Backend` over a channel: the cluster as an agent tells of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar

from scheduler.agent.channel import Way
from scheduler.agent.convert import (
    cluster_state,
    ended_runs,
    launch_message,
    marked_jobs,
    marked_request,
    measured_runs,
    notice_message,
    submissions_of,
)
from scheduler.agent.pairing import Pairing, Unclear
from scheduler.agent.v1 import agent_service_pb2 as pb
from scheduler.agent.vocabulary import (
    LAUNCHES_AT_ONCE,
    ORDER_LIMIT_S,
    READ_LIMIT_S,
    SUBMIT_LIMIT_S,
)
from scheduler.domain.cluster import (
    BackendJob,
    ClusterState,
    EndedRun,
    Launch,
    Submission,
    SubmissionOutcome,
)
from scheduler.domain.measured import MeasuredRun
from scheduler.domain.recalls.notices import Notice
from scheduler.errors import BackendUnavailable
from scheduler.texts import said, said_by

A = TypeVar("A")
T = TypeVar("T")


class AgentBackend:
    """A cluster behind an agent, which may be away, hang, or be started anew at any moment.

    Whatever is not an answer is BackendUnavailable; a submission that may have been tried is
    UNKNOWN, and never refused.
    """

    def __init__(self, way: Way, name: str, installation: str) -> None:
        """Meet no agent yet: a service starts, and takes jobs, while its agent is away."""
        self._name = name
        self.address = way.address
        self._pairing = Pairing(way, name, installation)

    @property
    def name(self) -> str:
        return self._name

    def read(self, watched: Collection[int]) -> ClusterState:
        request = pb.ReadClusterRequest(pairing=self._pairing.words(), watched=watched)
        with _unclear_is_unavailable():
            answer = self._pairing.call(lambda stub: stub.ReadCluster, request, READ_LIMIT_S)
            return _understood(cluster_state, answer)

    def marked_since(self, since: datetime) -> tuple[BackendJob, ...]:
        request = marked_request(self._pairing.words(), since)
        with _unclear_is_unavailable():
            answer = self._pairing.call(lambda stub: stub.ReadMarked, request, READ_LIMIT_S)
            return _understood(marked_jobs, answer)

    def measured(self, slurm_ids: Collection[int]) -> tuple[MeasuredRun, ...]:
        request = pb.ReadMeasuredRequest(pairing=self._pairing.words(), slurm_ids=slurm_ids)
        with _unclear_is_unavailable():
            answer = self._pairing.call(lambda stub: stub.ReadMeasured, request, ORDER_LIMIT_S)
            return measured_runs(answer)

    def ended_runs(self, slurm_ids: Collection[int]) -> tuple[EndedRun, ...]:
        request = pb.ReadEndedRunsRequest(pairing=self._pairing.words(), slurm_ids=slurm_ids)
        with _unclear_is_unavailable():
            answer = self._pairing.call(lambda stub: stub.ReadEndedRuns, request, ORDER_LIMIT_S)
            return ended_runs(answer)

    def submit(self, launches: Sequence[Launch]) -> tuple[Submission, ...]:
        """Submit in batches, and none after an unclear answer: each might wait as long again."""
        submissions: list[Submission] = []
        for first in range(0, len(launches), LAUNCHES_AT_ONCE):
            batch = launches[first : first + LAUNCHES_AT_ONCE]
            if any(one.outcome is SubmissionOutcome.UNKNOWN for one in submissions):
                submissions += _unknown(batch, "not tried: one before it got no clear answer")
            else:
                submissions += self._submitted(batch, is_first=not first)
        return tuple(submissions)

    def release(self, slurm_ids: Sequence[int]) -> frozenset[int]:
        request = pb.ReleaseJobsRequest(pairing=self._pairing.words(), slurm_ids=slurm_ids)
        with _unclear_is_unavailable():
            answer = self._pairing.call(lambda stub: stub.ReleaseJobs, request, ORDER_LIMIT_S)
        return frozenset(answer.refused_slurm_ids)

    def signal(self, notices: Sequence[Notice]) -> None:
        messages = map(notice_message, notices)
        request = pb.SignalJobsRequest(pairing=self._pairing.words(), notices=messages)
        with _unclear_is_unavailable():
            self._pairing.call(lambda stub: stub.SignalJobs, request, ORDER_LIMIT_S)

    def cancel(self, slurm_ids: Sequence[int]) -> None:
        request = pb.CancelJobsRequest(pairing=self._pairing.words(), slurm_ids=slurm_ids)
        with _unclear_is_unavailable():
            self._pairing.call(lambda stub: stub.CancelJobs, request, ORDER_LIMIT_S)

    def close(self) -> None:
        """Let the agent go; a call under way is cut off."""
        self._pairing.part()

    def _submitted(self, batch: Sequence[Launch], *, is_first: bool) -> Sequence[Submission]:
        """Return a batch's answers. Raises BackendUnavailable when not even the first was tried."""
        try:
            words = self._pairing.words()
            request = pb.SubmitJobsRequest(pairing=words, launches=map(launch_message, batch))
            answer = self._pairing.call(lambda stub: stub.SubmitJobs, request, SUBMIT_LIMIT_S)
            return _in_order(_understood(submissions_of, answer), batch)
        except Unclear as error:
            return tuple(_unknown(batch, str(error)))
        except BackendUnavailable as error:
            if is_first:
                raise
            return tuple(_unknown(batch, str(error)))


@contextmanager
def _unclear_is_unavailable() -> Iterator[None]:
    """Where repeating does no harm it is all the same whether anything was done."""
    try:
        yield
    except Unclear as error:
        raise BackendUnavailable(said_by(error)) from error


def _understood(read: Callable[[A], T], answer: A) -> T:
    """Return what the answer says. Raises Unclear when it says what cannot be."""
    try:
        return read(answer)
    except (KeyError, ValueError) as error:
        raise Unclear(
            said("the agent's answer is not understood: {error!r}", error=error)
        ) from error


def _in_order(answers: Sequence[Submission], batch: Sequence[Launch]) -> Sequence[Submission]:
    """Return the answers when they are the batch's. Raises Unclear when they are not."""
    if [answer.job_id for answer in answers] != [launch.job_id for launch in batch]:
        raise Unclear(said("the agent answered for other jobs than it was asked to submit"))
    return answers


def _unknown(launches: Sequence[Launch], message: str) -> Iterator[Submission]:
    for launch in launches:
        yield Submission(launch.job_id, SubmissionOutcome.UNKNOWN, message=message)
