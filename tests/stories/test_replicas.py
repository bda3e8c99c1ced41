"""Several services on one PostgreSQL: one leads, and none of them is missed when it goes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from threading import Event

import pytest

from loadtests.failover.services import Replicas, take_over_s
from loadtests.failover.steps import stopped_at
from loadtests.stack import Member
from scheduler.cli.client import Client
from scheduler.cli.contexts import Context
from scheduler.domain.records import JobQuery
from scheduler.store.sql import open_store
from scheduler.v1 import job_service_pb2, job_service_pb2_grpc
from tests.contracts.postgres import PostgresServer, running_postgres

pytestmark = pytest.mark.postgres
MEMBER = Member("astana-university", "Astana University", "universities", "aigerim", "aigerim")
SCRIPT = "#!/bin/bash\n#SBATCH --gpus=1\nsleep 600\n"
CLIENTS = 3
# All steps, the first time and the second, are `make failover`'s.
STEPS = (
    "record cycle: begun #1",
    "check in submit: before #1",
    "apply moves: before #1",
    "check in release: before #1",
    "check in cancel: before #1",
    "renew lease: committed #1",
)
ON_THEIR_WAY = ("submit: on its way #1", "release: on its way #1", "cancel: on its way #1")


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    with running_postgres() as server:
        yield server


@pytest.fixture
def replicas(postgres: PostgresServer, tmp_path: Path) -> Iterator[Replicas]:
    running = Replicas(postgres.url(postgres.new_database()), tmp_path)
    yield running
    running.close()


@pytest.mark.parametrize("step", STEPS)
def test_a_leader_that_was_stopped_and_followed_has_no_effect(
    step: str, postgres: PostgresServer
) -> None:
    stopped = stopped_at(step, postgres.url(postgres.new_database()))

    assert (stopped.effects, stopped.harm) == ((), ())


@pytest.mark.parametrize("step", ON_THEIR_WAY)
def test_a_call_that_was_on_its_way_does_no_harm(step: str, postgres: PostgresServer) -> None:
    stopped = stopped_at(step, postgres.url(postgres.new_database()))

    assert (stopped.effects, stopped.harm) == (("asked of the cluster",), ())


def test_another_one_decides_soon_after_the_leader_was_killed(replicas: Replicas) -> None:
    assert take_over_s(replicas, in_order=False) <= 20


class Submitting:
    """Users who submit without a pause, through the command line's own client."""

    def __init__(self, target: str, token: str) -> None:
        self._client = Client(Context(target, token, insecure=True), time.sleep)
        self._submit = job_service_pb2_grpc.JobServiceStub(self._client.channel).SubmitJob
        self._over = Event()
        self._threads = ThreadPoolExecutor(CLIENTS)
        self._running = [self._threads.submit(self._go_on, name) for name in range(CLIENTS)]

    def end(self) -> int:
        """Return how many were acknowledged. Raises what any call raised."""
        self._over.set()
        acknowledged = sum(running.result() for running in self._running)
        self._threads.shutdown()
        self._client.channel.close()
        return acknowledged

    def _go_on(self, name: int) -> int:
        for number in count():
            if self._over.is_set():
                return number
            request = job_service_pb2.SubmitJobRequest(script=SCRIPT, request_id=f"{name}-{number}")
            self._client.call_until_answered(self._submit, request)
            time.sleep(0.05)
        raise AssertionError


def test_replicas_are_replaced_one_by_one_and_no_submission_fails(
    replicas: Replicas, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("http_proxy", raising=False)
    token = replicas.stacks[0].register([MEMBER])[MEMBER.organisation]
    users = Submitting(replicas.target, token)
    for stack in tuple(replicas.stacks):
        time.sleep(2)
        replicas.replace_in_order(stack)
    time.sleep(2)
    acknowledged = users.end()

    store = open_store(replicas.url)
    jobs = store.jobs(JobQuery(limit=10 * acknowledged))
    store.close()
    assert len(jobs) == acknowledged > 20
    assert replicas.leader().epoch >= 2
