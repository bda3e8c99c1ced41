"""The port `OutputReader` over a channel: users' files as an agent reads them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Lock

import structlog

from scheduler.agent.channel import Way
from scheduler.agent.pairing import Pairing, Unclear
from scheduler.agent.v1 import agent_service_pb2 as pb
from scheduler.agent.vocabulary import OUTPUT_LIMIT_S
from scheduler.domain.output import FileProblem, Piece, Wanted
from scheduler.errors import BackendUnavailable
from scheduler.texts import said

log = structlog.get_logger()
PROBLEM_NAMES: Mapping[FileProblem, str] = {
    problem: f"FILE_PROBLEM_{problem.name}" for problem in FileProblem
}
PROBLEMS = {int(pb.FileProblem.Value(name)): problem for problem, name in PROBLEM_NAMES.items()}


class AgentOutput:
    """Reads where the agent is now, which an engine that was begun anew has elsewhere.

    Its channel is none of the engine's: neither waits for the other. Many threads may read at once.
    """

    def __init__(self, way: Callable[[], Way], backend: str, installation: str) -> None:
        self._way = way
        self._backend = backend
        self._installation = installation
        self._lock = Lock()
        self._met: tuple[Way, Pairing] | None = None

    def read(self, wanted: Wanted) -> Piece:
        """Return the piece, or why there is none. Raises BackendUnavailable."""
        try:
            with self._lock:
                pairing = self._paired()
                request = _request(pairing.words(), wanted)
            answer = pairing.call(lambda stub: stub.ReadOutput, request, OUTPUT_LIMIT_S)
            return piece_of(answer)
        except (BackendUnavailable, Unclear, KeyError) as error:
            # Users are told of it, and sockets and certificates are for the operators.
            log.warning("output_not_read", error=str(error))
            raise BackendUnavailable(
                said("the cluster's agent cannot read the output now")
            ) from error

    def close(self) -> None:
        """Let the agent go; reads under way are cut off."""
        with self._lock:
            if self._met is not None:
                self._met[1].part()
                self._met = None

    def _paired(self) -> Pairing:
        way = self._way()
        if self._met is None or self._met[0] != way:
            if self._met is not None:
                self._met[1].part()
            self._met = way, Pairing(way, self._backend, self._installation)
        return self._met[1]


def _request(words: pb.Pairing, wanted: Wanted) -> pb.ReadOutputRequest:
    return pb.ReadOutputRequest(
        pairing=words,
        unix_account=wanted.unix_account,
        path=wanted.path,
        offset=wanted.offset,
        limit_bytes=wanted.limit_bytes,
    )


def wanted_of(request: pb.ReadOutputRequest) -> Wanted:
    return Wanted(request.unix_account, request.path, request.offset, request.limit_bytes)


def piece_message(piece: Piece) -> pb.ReadOutputResponse:
    return pb.ReadOutputResponse(
        path=piece.path,
        data=piece.data,
        size_bytes=piece.size_bytes,
        problem=PROBLEM_NAMES[piece.problem] if piece.problem else None,
        message=piece.message,
    )


def piece_of(message: pb.ReadOutputResponse) -> Piece:
    """Raises KeyError for a problem that no agent of this version knows."""
    problem = PROBLEMS[message.problem] if message.problem else None
    return Piece(message.path, message.data, message.size_bytes, problem, message.message)
