"""What an operation asks of the outside world, one step at a time.

An operation is a generator: it yields steps, is sent what came of each, and returns its result. It
knows neither threads nor coroutines; a driver takes the steps in one way or the other.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

import grpc

from scheduler.client.errors import TendikError
from scheduler.v1.cluster_service_pb2_grpc import ClusterServiceStub
from scheduler.v1.job_service_pb2_grpc import JobServiceStub
from scheduler.v1.tenant_service_pb2_grpc import TenantServiceStub

Q = TypeVar("Q")
A = TypeVar("A")
S = TypeVar("S")
T = TypeVar("T")


class Stubs:
    """The service's methods on one channel."""

    def __init__(self, channel: grpc.Channel) -> None:
        self.jobs = JobServiceStub(channel)
        self.cluster = ClusterServiceStub(channel)
        self.tenants = TenantServiceStub(channel)


class Stream(Protocol):
    """An answer that comes in parts."""

    def cancel(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Ask(Generic[Q, A]):
    """Ask once; what comes of it is the answer."""

    method: Callable[[Stubs], grpc.UnaryUnaryMultiCallable[Q, A]]
    request: Q


@dataclass(frozen=True, slots=True)
class Listen(Generic[Q, A]):
    """Begin a stream, which has this time where there is one; what comes of it is a Stream."""

    method: Callable[[Stubs], grpc.UnaryStreamMultiCallable[Q, A]]
    request: Q
    timeout_s: float | None


@dataclass(frozen=True, slots=True)
class Hear:
    """Wait for the stream's next part; what comes is that, or None at the stream's end."""

    stream: Stream


@dataclass(frozen=True, slots=True)
class Pause:
    """Let time go by; nothing comes of it."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Tell(Generic[T]):
    """Give one of many results to the caller."""

    item: T


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """The operation's end with its result."""

    result: T


Step: TypeAlias = Ask[Any, Any] | Listen[Any, Any] | Hear | Pause
Operation: TypeAlias = Generator[Step, Any, T]
# An operation of many results, told as they are found.
Flow: TypeAlias = Generator[Step | Tell[T], Any, None]


def resumed(steps: Generator[S, Any, T], outcome: object) -> S | Done[T]:
    """Return the next step, given what came of the last one; None begins.

    An outcome that is a TendikError is raised where the operation stands.
    """
    try:
        return steps.throw(outcome) if isinstance(outcome, TendikError) else steps.send(outcome)
    except StopIteration as end:
        return Done(end.value)
