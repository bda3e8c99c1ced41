"""The backends under contract, each with what a test may do to the cluster behind its back."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Protocol

import pytest

from scheduler.agent.client import AgentBackend
from scheduler.agent.own import OwnAgent
from scheduler.backend.programs import Programs
from scheduler.backend.simulated import embedded_cluster
from scheduler.backend.slurm_cli import SlurmCliBackend
from scheduler.backend.slurm_pyslurm import SlurmPyslurmBackend
from scheduler.backend.slurm_read import READING_PROGRAMS, SlurmReader
from scheduler.backend.slurm_state import SlurmJob
from scheduler.backend.slurm_words import host_names
from scheduler.clock import ManualClock, SystemClock
from scheduler.domain.cluster import BackendJob, BackendState, Launch, SubmissionOutcome
from scheduler.domain.resources import Amount, Node
from scheduler.ports import Backend
from scheduler.simulation.faulty_slurm.cluster import FaultySlurm, machines
from scheduler.simulation.faulty_slurm.programs import FaultyPrograms
from tests.agent.rig import behind_agent
from tests.backend.launches import INSTALLATION
from tests.slurm.conftest import SlurmCluster, slurm_cluster

__all__ = ["World", "dead_backend", "slurm_cluster", "slurm_world", "world"]

# A job on the development Slurm starts within a second and is on record a few seconds later.
PATIENCE_S = 30
NO_ACCOUNT = "no-such-account"
BEHIND_AGENT = "+agent"
SLURM = (
    pytest.param("slurm-cli", marks=pytest.mark.slurm),
    pytest.param(f"slurm-cli{BEHIND_AGENT}", marks=pytest.mark.slurm),
    pytest.param("slurm-pyslurm", marks=[pytest.mark.slurm, pytest.mark.pyslurm]),
)
# The service's own secrets, which no job may see.
SECRET_NAME, SECRET = "TENDIK_TOKEN_FOR_TESTS", "not-for-jobs"


class World(Protocol):
    """A backend, and the cluster's life outside of it."""

    backend: Backend
    account: str

    def new_job_id(self) -> int: ...

    def let_time_pass(self) -> None: ...

    def foreign_job(self, node: str, gpus: int) -> None:
        """Start a job that does not come through us; it ends with the test."""
        ...


class SimulatedWorld:
    """The embedded cluster; time passes when it is told to."""

    account = "aigerim"

    def __init__(self) -> None:
        self.clock = ManualClock()
        self._simulated = embedded_cluster(self.clock)
        self._simulated.forget_account(NO_ACCOUNT)
        self.backend: Backend = self._simulated
        self._ids = count(1)

    def new_job_id(self) -> int:
        return next(self._ids)

    def let_time_pass(self) -> None:
        self.clock.advance(1)

    def foreign_job(self, node: str, gpus: int) -> None:
        self._simulated.foreign_job(node, Amount(gpus, 1, 100))


class FaultyWorld:
    """The Slurm in memory, without a fault, behind the backend of Slurm's own programs."""

    account = "aigerim"

    def __init__(self) -> None:
        self.clock = ManualClock()
        self._slurm = FaultySlurm(machines(8, 8), self.clock.now())
        self._slurm.unknown_accounts.add(NO_ACCOUNT)
        programs = FaultyPrograms(self._slurm, self.clock)
        self.backend: Backend = SlurmCliBackend(self.clock, INSTALLATION, programs=programs)
        self._ids = count(1)

    def new_job_id(self) -> int:
        return next(self._ids)

    def let_time_pass(self) -> None:
        self.clock.advance(1)

    def foreign_job(self, node: str, gpus: int) -> None:
        self._slurm.foreign_job("bolat", node, Amount(gpus, 1, 100))


class SlurmWorld:
    """A real Slurm; what the test leaves running is cancelled at its end."""

    account = "aigerim"
    _ids = count(time.time_ns() // 1_000_000)

    def __init__(self, backend: Backend, cluster: SlurmCluster) -> None:
        self.backend = backend
        self.cluster = cluster
        self.home = cluster.home(self.account)

    def new_job_id(self) -> int:
        return next(self._ids)

    def let_time_pass(self) -> None:
        time.sleep(0.2)

    def foreign_job(self, node: str, gpus: int) -> None:
        self.sbatch_as("bolat", f"--gpus={gpus}", f"--nodelist={node}", "--mem=100M")

    def sbatch_as(self, user: str, *arguments: str) -> int:
        """Submit a minute's sleep past the backend, and wait until it runs."""
        command = ["runuser", "-u", user, "--", "sbatch", "--parsable", "--output=/dev/null"]
        home = f"--chdir={self.cluster.home(user)}"
        slurm_id = int(self.run(*command, home, *arguments, "--wrap=sleep 60"))
        eventually(lambda: self.squeue(slurm_id, "State") == "RUNNING", self)
        return slurm_id

    def squeue(self, slurm_id: int, field: str) -> str:
        """Return one field of a job, by Slurm's own program."""
        return self.run("squeue", "-h", "-t", "all", "-j", str(slurm_id), "-O", f"{field}:0")

    def held_on_each_node(self, slurm_id: int) -> Mapping[str, Amount]:
        """Return what a running job got on each node, by Slurm's own program."""
        text = self.run("scontrol", "--details", "show", "job", str(slurm_id))
        part = re.compile(r"Nodes=(\S+) CPU_IDs=(\S+) Mem=(\d+) GRES=gpu:h200:(\d+)")
        return {
            name: Amount(int(gpus), len(host_names(f"[{cpus}]")), int(mib))
            for names, cpus, mib, gpus in part.findall(text)
            for name in host_names(names)
        }

    def recorded(self, slurm_id: int, nodes: tuple[str, ...]) -> SlurmJob:
        """Return slurmdbd's word on an ended job, once it is whole: news reach it one by one."""
        reader = SlurmReader(Programs(READING_PROGRAMS, self.cluster.env["SLURM_CONF"]))
        eventually(lambda: [job.nodes for job in reader.ended({slurm_id})] == [nodes], self)
        return reader.ended({slurm_id})[0]

    def run(self, *command: str) -> str:
        env = {**self.cluster.env}
        return subprocess.check_output(command, env=env, text=True, timeout=60).rstrip("\n")

    def clear(self) -> None:
        """Cancel everything and wait until the nodes are free."""
        for user in self.cluster.users:
            self.run("scancel", f"--user={user}")
        eventually(lambda: not self.run("squeue", "-h"), self)


IN_MEMORY: Mapping[str, Callable[[], World]] = {"simulated": SimulatedWorld, "faulty": FaultyWorld}


@pytest.fixture(params=[*IN_MEMORY, f"simulated{BEHIND_AGENT}", *SLURM])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """Yield each backend with an idle cluster behind it."""
    make = IN_MEMORY.get(request.param.removesuffix(BEHIND_AGENT))
    if make is None:
        yield from _on_slurm(request, request.param)
        return
    world = make()
    if request.param in IN_MEMORY:
        yield world
        return
    with behind_agent(world.backend) as world.backend:
        yield world


@pytest.fixture(params=SLURM)
def slurm_world(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SlurmWorld]:
    """Yield each backend that runs real jobs."""
    monkeypatch.setenv(SECRET_NAME, SECRET)
    yield from _on_slurm(request, request.param)


@pytest.fixture(params=SLURM)
def dead_backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Backend]:
    """Yield each real backend with a slurm.conf whose slurmctld does not run."""
    _skip_without_pyslurm(request.param)
    cluster: SlurmCluster = request.getfixturevalue("slurm_cluster")
    conf = Path(cluster.env["SLURM_CONF"]).read_text(encoding="utf-8")
    # The port of discard, where nothing listens.
    dead = re.sub(r"(?m)^SlurmctldPort=.*", "SlurmctldPort=9", conf)
    (tmp_path / "slurm.conf").write_text(dead, encoding="utf-8")
    with closing(OPENERS[request.param](str(tmp_path / "slurm.conf"))) as backend:
        yield backend


def _skip_without_pyslurm(name: str) -> None:
    if name == "slurm-pyslurm" and find_spec("pyslurm") is None:
        pytest.skip("pyslurm for the installed Slurm is not installed; docs/slurm.md names it")


def _on_slurm(request: pytest.FixtureRequest, name: str) -> Iterator[SlurmWorld]:
    _skip_without_pyslurm(name)
    cluster: SlurmCluster = request.getfixturevalue("slurm_cluster")
    with closing(OPENERS[name](cluster.env["SLURM_CONF"])) as backend:
        slurm = SlurmWorld(backend, cluster)
        try:
            yield slurm
        finally:
            slurm.clear()


class BehindOwnAgent(AgentBackend):
    """Slurm's programs behind an agent that is a process, and ends with its client."""

    def __init__(self, slurm_conf: str) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SLURM_CONF", slurm_conf)
            self._agent = OwnAgent("slurm-cli")
        super().__init__(self._agent.way, "slurm-cli", INSTALLATION)

    def close(self) -> None:
        super().close()
        self._agent.close()


OPENERS: Mapping[str, Callable[[str], Backend]] = {
    "slurm-cli": lambda slurm_conf: SlurmCliBackend(SystemClock(), INSTALLATION, slurm_conf),
    "slurm-pyslurm": lambda slurm_conf: SlurmPyslurmBackend(
        SystemClock(), INSTALLATION, slurm_conf
    ),
    f"slurm-cli{BEHIND_AGENT}": BehindOwnAgent,
}


def eventually(fact: Callable[[], object], world: World) -> None:
    """Return as soon as the fact holds; fail when it does not in time."""
    give_up_at = time.monotonic() + PATIENCE_S
    while not fact():
        assert time.monotonic() < give_up_at, f"not within {PATIENCE_S} s"
        world.let_time_pass()


def start(world: World, launch: Launch) -> int:
    """Submit one launch that must be accepted, and return its Slurm id."""
    (submission,) = world.backend.submit([launch])
    assert submission.outcome is SubmissionOutcome.ACCEPTED, submission.message
    return submission.slurm_id


def seen(world: World, slurm_id: int) -> BackendJob:
    jobs = {job.slurm_id: job for job in world.backend.read({slurm_id}).jobs}
    return jobs[slurm_id]


def seen_in(world: World, slurm_id: int, state: BackendState) -> BackendJob:
    """Return the job once the backend reports the state; that it is not there proves nothing."""
    eventually(lambda: state in _states(world, slurm_id), world)
    return seen(world, slurm_id)


def _states(world: World, slurm_id: int) -> set[BackendState]:
    return {job.state for job in world.backend.read({slurm_id}).jobs if job.slurm_id == slurm_id}


def node(world: World, name: str) -> Node:
    return next(node for node in world.backend.read(()).nodes if node.name == name)


def text_of(world: SlurmWorld, path: Path) -> str:
    """Return a file that a job writes, once it is there and not empty."""
    eventually(lambda: path.exists() and path.stat().st_size, world)
    return path.read_text(encoding="utf-8")
