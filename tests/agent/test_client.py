"""What a service sees of an agent: whole answers, and of anything else no false conclusion."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from pathlib import Path

import pytest

from scheduler.agent import client as client_module
from scheduler.agent import servicer as servicer_module
from scheduler.agent.convert import launch_message
from scheduler.agent.pairing import Pairing
from scheduler.agent.v1 import agent_service_pb2 as pb
from scheduler.backend.simulated import SimulatedBackend, embedded_cluster
from scheduler.clock import ManualClock
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
from tests.agent.rig import Agent
from tests.backend.launches import INSTALLATION, a_launch

UNKNOWN = SubmissionOutcome.UNKNOWN


class Stalling:
    """A cluster whose every answer waits until it may go on."""

    name = "simulated"

    def __init__(self, cluster: SimulatedBackend) -> None:
        self._cluster = cluster
        self.may_go_on = threading.Event()
        self.entered = 0

    def read(self, watched: Collection[int]) -> ClusterState:
        self._stall()
        return self._cluster.read(watched)

    def marked_since(self, since: datetime) -> tuple[BackendJob, ...]:
        self._stall()
        return self._cluster.marked_since(since)

    def measured(self, slurm_ids: Collection[int]) -> tuple[MeasuredRun, ...]:
        self._stall()
        return self._cluster.measured(slurm_ids)

    def ended_runs(self, slurm_ids: Collection[int]) -> tuple[EndedRun, ...]:
        self._stall()
        return self._cluster.ended_runs(slurm_ids)

    def submit(self, launches: Sequence[Launch]) -> tuple[Submission, ...]:
        self._stall()
        return self._cluster.submit(launches)

    def release(self, slurm_ids: Sequence[int]) -> frozenset[int]:
        self._stall()
        return self._cluster.release(slurm_ids)

    def signal(self, notices: Sequence[Notice]) -> None:
        self._stall()

    def cancel(self, slurm_ids: Sequence[int]) -> None:
        self._stall()

    def close(self) -> None:
        """Do nothing."""

    def _stall(self) -> None:
        self.entered += 1
        self.may_go_on.wait(20)


@pytest.fixture
def cluster() -> SimulatedBackend:
    return embedded_cluster(ManualClock())


@pytest.fixture
def agent(cluster: SimulatedBackend, tmp_path: Path) -> Agent:
    """An agent that does not run yet, of a cluster that tells everything at once."""
    return Agent(cluster, tmp_path / "own" / "a.sock")


@pytest.fixture
def stalling(cluster: SimulatedBackend) -> Iterator[Stalling]:
    backend = Stalling(cluster)
    yield backend
    backend.may_go_on.set()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("READ_LIMIT_S", "SUBMIT_LIMIT_S", "ORDER_LIMIT_S"):
        monkeypatch.setattr(client_module, name, 0.3)


def test_an_agent_that_is_not_there_is_met_as_soon_as_it_is(agent: Agent) -> None:
    client = agent.client()
    with pytest.raises(BackendUnavailable, match="no agent at"):
        client.read(())

    with agent.running():
        assert len(client.read(()).nodes) == 8


def test_an_agent_that_was_started_anew_is_met_anew(agent: Agent) -> None:
    client = agent.client()
    with agent.running():
        client.read(())
    with agent.anew().running():
        with pytest.raises(BackendUnavailable):
            client.read(())
        assert len(client.read(()).nodes) == 8


def test_a_call_for_an_earlier_run_of_the_agent_has_no_effect(
    agent: Agent, cluster: SimulatedBackend
) -> None:
    early, late = (Pairing(agent.way, "simulated", INSTALLATION) for _ in range(2))
    with agent.running():
        words = early.words()
    with agent.anew().running():
        late.words()
        request = pb.SubmitJobsRequest(pairing=words, launches=[launch_message(a_launch())])
        with pytest.raises(BackendUnavailable, match="started anew"):
            late.call(lambda stub: stub.SubmitJobs, request, 5)

    assert cluster.read(()).jobs == ()


def test_a_cluster_that_gives_no_answer_is_told_in_its_own_words(
    agent: Agent, cluster: SimulatedBackend
) -> None:
    cluster.stop_answering()
    with agent.running():
        client = agent.client()
        for call in (lambda: client.read(()), lambda: client.submit([a_launch()])):
            with pytest.raises(BackendUnavailable, match="was told not to answer"):
                call()


@pytest.mark.usefixtures("impatient")
def test_a_submission_without_an_answer_in_time_is_unknown_and_never_refused(
    agent: Agent, stalling: Stalling, cluster: SimulatedBackend
) -> None:
    with Agent(stalling, agent.path).running():
        client = agent.client()
        (answer,) = client.submit([a_launch()])
        assert (answer.outcome, answer.job_id) == (UNKNOWN, 1)
        assert "DEADLINE_EXCEEDED" in answer.message

        stalling.may_go_on.set()
        (again,) = client.submit([a_launch()])

    assert again.outcome is SubmissionOutcome.ACCEPTED
    assert [job.slurm_id for job in cluster.read(()).jobs] == [again.slurm_id]


@pytest.mark.usefixtures("impatient")
def test_every_order_without_an_answer_in_time_is_a_failure(
    agent: Agent, stalling: Stalling
) -> None:
    with Agent(stalling, agent.path).running():
        client = agent.client()
        calls = (
            lambda: client.read(()),
            lambda: client.release([1]),
            lambda: client.cancel([1]),
            lambda: client.signal([Notice(1)]),
        )
        for call in calls:
            began = time.monotonic()
            with pytest.raises(BackendUnavailable):
                call()
            assert time.monotonic() - began < 5
        stalling.may_go_on.set()


@pytest.mark.usefixtures("impatient")
def test_what_its_caller_gave_up_before_its_turn_is_not_begun(
    agent: Agent, stalling: Stalling
) -> None:
    with Agent(stalling, agent.path).running():
        client = agent.client()
        assert client.submit([a_launch(1)])[0].outcome is UNKNOWN
        with pytest.raises(BackendUnavailable):
            client.cancel([1])
        stalling.may_go_on.set()
        client.read(())

    assert stalling.entered == 2


def test_an_agent_that_dies_with_a_submission_under_way_leaves_it_unknown(
    agent: Agent, stalling: Stalling
) -> None:
    client = agent.client()
    answers: list[Submission] = []
    with Agent(stalling, agent.path).running():
        caller = threading.Thread(target=lambda: answers.extend(client.submit([a_launch()])))
        caller.start()
        while not stalling.entered:
            time.sleep(0.01)
    caller.join(10)

    assert [answer.outcome for answer in answers] == [UNKNOWN]


def test_after_an_unclear_answer_no_other_batch_is_tried(
    agent: Agent, cluster: SimulatedBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "LAUNCHES_AT_ONCE", 2)
    cluster.lose_answers(1)
    with agent.running():
        answers = agent.client().submit([a_launch(n) for n in range(1, 6)])

    assert [answer.job_id for answer in answers] == [1, 2, 3, 4, 5]
    assert [answer.outcome for answer in answers[2:]] == [UNKNOWN] * 3
    assert {job.job_id for job in cluster.read(()).jobs} == {1, 2}


def test_a_call_that_does_not_end_ends_the_agent(agent: Agent, stalling: Stalling) -> None:
    gave_up = threading.Event()
    stuck = Agent(stalling, agent.path, give_up=gave_up.set, grace_s=0.1)
    with stuck.running(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(client_module, "READ_LIMIT_S", 0.2)
        with pytest.raises(BackendUnavailable):
            agent.client().read(())
        assert gave_up.wait(5)
        stalling.may_go_on.set()


def test_an_agent_of_another_protocol_is_refused_by_its_version(
    agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servicer_module, "PROTOCOL", 2)
    with agent.running(), pytest.raises(BackendUnavailable, match=r"1\.2\.3 and speaks protocol 2"):
        agent.client().read(())


def test_an_agent_of_another_cluster_is_refused_by_its_backend(agent: Agent) -> None:
    wrong = client_module.AgentBackend(agent.way, "slurm", INSTALLATION)
    with agent.running(), pytest.raises(BackendUnavailable, match=r"simulated.*asks for slurm"):
        wrong.read(())
