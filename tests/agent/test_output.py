"""Users' files through an agent: as the agent reads them, and beside its other calls."""

from __future__ import annotations

import threading
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.agent.output import AgentOutput, piece_message, piece_of
from scheduler.backend.simulated import embedded_cluster
from scheduler.clock import ManualClock
from scheduler.domain.output import FileProblem, Piece, Wanted
from scheduler.errors import BackendUnavailable
from tests.agent.rig import Agent
from tests.backend.launches import INSTALLATION

WANTED = Wanted("aigerim", "out/1.out", 3, 100)


class Slow:
    """A file server that answers when it may."""

    def __init__(self) -> None:
        self.may_go_on = threading.Event()
        self.entered = threading.Event()

    def read(self, wanted: Wanted) -> Piece:
        self.entered.set()
        assert self.may_go_on.wait(10)
        return Piece(f"/home/{wanted.unix_account}/{wanted.path}", b"text", 7)


@pytest.fixture
def slow() -> Slow:
    return Slow()


@pytest.fixture
def agent(tmp_path: Path, slow: Slow) -> Agent:
    cluster = embedded_cluster(ManualClock())
    return Agent(cluster, tmp_path / "own" / "agent.sock", output=slow)


def reader(agent: Agent) -> AgentOutput:
    return AgentOutput(lambda: agent.way, "simulated", INSTALLATION)


@given(st.builds(Piece, data=st.binary(max_size=9), size_bytes=st.integers(0, 2**63 - 1)))
def test_a_piece_arrives_whole(piece: Piece) -> None:
    assert piece_of(piece_message(piece)) == piece


@pytest.mark.parametrize("problem", FileProblem)
def test_a_problem_arrives_as_itself(problem: FileProblem) -> None:
    piece = Piece("/x", problem=problem, message="no")

    assert piece_of(piece_message(piece)) == piece


def test_a_file_that_is_slow_keeps_no_other_call_waiting(agent: Agent, slow: Slow) -> None:
    pieces: list[Piece] = []
    with agent.running(), closing(reader(agent)) as output, closing(agent.client()) as backend:
        reading = threading.Thread(target=lambda: pieces.append(output.read(WANTED)))
        reading.start()
        assert slow.entered.wait(10)
        assert backend.read(()).nodes
        slow.may_go_on.set()
        reading.join(10)

    assert pieces == [Piece("/home/aigerim/out/1.out", b"text", 7)]


def test_an_agent_that_was_started_anew_is_met_again(agent: Agent, slow: Slow) -> None:
    slow.may_go_on.set()
    with closing(reader(agent)) as output:
        with agent.running():
            assert output.read(WANTED).data == b"text"
        with pytest.raises(BackendUnavailable):
            output.read(WANTED)
        with agent.anew().running():
            assert output.read(WANTED).data == b"text"


def test_an_agent_that_is_elsewhere_now_is_met_there(
    agent: Agent, slow: Slow, tmp_path: Path
) -> None:
    slow.may_go_on.set()
    there = Agent(agent.backend, tmp_path / "new" / "agent.sock", output=slow)
    ways = [agent.way, there.way]
    with (
        agent.running(),
        there.running(),
        closing(AgentOutput(lambda: ways.pop(0), "simulated", INSTALLATION)) as output,
    ):
        assert [output.read(WANTED).data for _ in range(2)] == [b"text"] * 2

    assert ways == []
