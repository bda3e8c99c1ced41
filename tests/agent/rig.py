"""An agent in this process around any backend, and the way to it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from scheduler.agent.address import UnixSocket
from scheduler.agent.channel import Way
from scheduler.agent.client import AgentBackend
from scheduler.agent.server import serving
from scheduler.agent.servicer import AgentServicer, Identity
from scheduler.agent.turns import Turns
from scheduler.backend.pretended_output import PretendedOutput
from scheduler.ports import Backend, OutputReader
from tests.backend.launches import INSTALLATION


def nobody_gives_up() -> None:
    raise AssertionError("a call was stuck")


@dataclass(frozen=True, slots=True)
class Agent:
    """What an agent is made of; a test replaces what it is about."""

    backend: Backend
    path: Path
    run_id: str = "run-1"
    give_up: Callable[[], None] = nobody_gives_up
    grace_s: float = 60.0
    output: OutputReader = field(default_factory=PretendedOutput)

    @property
    def way(self) -> Way:
        return Way(UnixSocket(self.path))

    @contextmanager
    def running(self, group: str = "") -> Iterator[None]:
        """Serve at the path; may be done again, as an agent that was started anew."""
        turns = Turns(lambda _: self.backend, self.give_up, self.grace_s)
        identity = Identity("1.2.3", self.run_id, self.backend.name)
        servicer = AgentServicer(identity, turns, self.output)
        with serving(servicer, UnixSocket(self.path), group):
            yield

    def anew(self) -> Agent:
        return replace(self, run_id=f"{self.run_id}+")

    def client(self) -> AgentBackend:
        return AgentBackend(self.way, self.backend.name, INSTALLATION)


@contextmanager
def behind_agent(backend: Backend) -> Iterator[Backend]:
    """Yield the backend as a service sees it through an agent."""
    with tempfile.TemporaryDirectory(prefix="tendik-agent-") as folder:
        agent = Agent(backend, Path(folder) / "own" / "agent.sock")
        with agent.running(), closing(agent.client()) as client:
            yield client
