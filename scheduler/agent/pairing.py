"""A service paired with one run of an agent: each call is made for that run, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import grpc
import structlog

from scheduler.agent.channel import Way
from scheduler.agent.v1 import agent_service_pb2 as pb
from scheduler.agent.v1.agent_service_pb2_grpc import AgentServiceStub
from scheduler.agent.vocabulary import GREETING_LIMIT_S, PROTOCOL, own_version
from scheduler.errors import BackendUnavailable
from scheduler.texts import Said, said

log = structlog.get_logger()
# What a setting asks for, and which of an agent's backends are that.
SUITABLE: Mapping[str, frozenset[str]] = {
    "slurm": frozenset({"slurm-cli", "slurm-pyslurm"}),
    "slurm-cli": frozenset({"slurm-cli"}),
    "slurm-pyslurm": frozenset({"slurm-pyslurm"}),
    "simulated": frozenset({"simulated"}),
}
# gRPC makes neither by itself: the agent said so, and had begun nothing.
NOTHING_TRIED = frozenset({grpc.StatusCode.FAILED_PRECONDITION, grpc.StatusCode.ABORTED})
Q = TypeVar("Q")
A = TypeVar("A")
Method = Callable[[AgentServiceStub], "grpc.UnaryUnaryMultiCallable[Q, A]"]


class Unclear(Exception):
    """No answer came, so what the agent did is not known."""


@dataclass(frozen=True, slots=True)
class _Met:
    """A run of an agent that was checked, and the channel to it."""

    run_id: str
    channel: grpc.Channel


class Pairing:
    """Meets an agent, checks that it is the right one, and calls it; after a failure meets it anew.

    An agent that was started anew refuses what was meant for the run before it, so no call has an
    effect in an agent that was not checked.
    """

    def __init__(self, way: Way, backend: str, installation: str) -> None:
        self._way = way
        self._backend = backend
        self._installation = installation
        self._met: _Met | None = None

    def words(self) -> pb.Pairing:
        """Return what each request carries. Raises BackendUnavailable when no agent is met."""
        if self._met is None:
            self._met = self._meet()
        return pb.Pairing(run_id=self._met.run_id, installation=self._installation)

    def call(self, method: Method[Q, A], request: Q, limit_s: float) -> A:
        """Return the answer to a request that carries our `words`.

        Raises BackendUnavailable when nothing was tried, Unclear when that is not known.
        """
        met = self._met
        if met is None:
            raise BackendUnavailable(said("the agent was not met"))
        try:
            return method(AgentServiceStub(met.channel))(request, timeout=limit_s)
        except ValueError as error:  # gRPC's word for a channel that another thread has closed
            words = said(
                "the agent at {address}: {reason}", address=self._way.address, reason=error
            )
            raise Unclear(words) from error
        except grpc.RpcError as error:
            if error.code() is grpc.StatusCode.ABORTED:
                raise BackendUnavailable(Said(error.details() or error.code().name)) from error
            self.part()
            if error.code() in NOTHING_TRIED:
                raise BackendUnavailable(said("the agent was started anew")) from error
            raise Unclear(
                said(
                    "the agent at {address}: {reason}",
                    address=self._way.address,
                    reason=_words_of(error),
                )
            ) from error

    def part(self) -> None:
        """Give the channel up; the next request begins with meeting."""
        met, self._met = self._met, None
        if met is not None:
            met.channel.close()

    def _meet(self) -> _Met:
        channel = self._way.open()
        try:
            answer = AgentServiceStub(channel).GetAgent(
                pb.GetAgentRequest(), timeout=GREETING_LIMIT_S
            )
            self._check(answer)
        except grpc.RpcError as error:
            channel.close()
            raise BackendUnavailable(
                said(
                    "no agent answers at {address}: {reason}",
                    address=self._way.address,
                    reason=_words_of(error),
                )
            ) from error
        except BackendUnavailable:
            channel.close()
            raise
        log.info("agent_met", run=answer.run_id, version=answer.version, backend=answer.backend)
        return _Met(answer.run_id, channel)

    def _check(self, agent: pb.GetAgentResponse) -> None:
        """Raises BackendUnavailable naming what does not fit."""
        if agent.protocol != PROTOCOL:
            raise BackendUnavailable(
                said(
                    "the agent at {address} is of version {version} and speaks protocol "
                    "{protocol}; this service, {our_version}, speaks {our_protocol}: install the "
                    "same version of both",
                    address=self._way.address,
                    version=agent.version,
                    protocol=agent.protocol,
                    our_version=own_version(),
                    our_protocol=PROTOCOL,
                )
            )
        if agent.backend not in SUITABLE[self._backend]:
            raise BackendUnavailable(
                said(
                    "the agent at {address} serves {backend}, and TENDIK_BACKEND asks for {wanted}",
                    address=self._way.address,
                    backend=agent.backend,
                    wanted=self._backend,
                )
            )


def _words_of(error: grpc.RpcError) -> str:
    return f"{error.code().name}: {error.details()}"
