"""What the way through the agent costs a read of a large cluster."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from typing import Annotated

import typer
from rich.progress import track

from loadtests.figures import Figure
from scheduler.agent.address import UnixSocket
from scheduler.agent.channel import Way
from scheduler.agent.client import AgentBackend
from scheduler.agent.server import serving
from scheduler.agent.servicer import AgentServicer, Identity
from scheduler.agent.turns import Turns
from scheduler.backend.pretended_output import PretendedOutput
from scheduler.backend.simulated import SimulatedBackend
from scheduler.clock import SystemClock
from scheduler.domain.cluster import Asked, BackendJob, BackendState, ClusterState
from scheduler.domain.resources import Amount, Node, Pool
from scheduler.errors import BackendUnavailable
from scheduler.rpc.memory import settle_memory

NODES, JOBS = 1_000, 10_000
GOAL_S = 0.3
INSTALLATION = "0badcafe"
START_LIMIT_S = 60


class LargeCluster(SimulatedBackend):
    """Answers every read with the same thousand nodes and ten thousand running jobs."""

    def __init__(self) -> None:
        super().__init__((), (), SystemClock())
        self._state = large_state()

    def read(self, watched: Collection[int]) -> ClusterState:  # noqa: ARG002 - the port's
        return self._state


def large_state() -> ClusterState:
    now = datetime.now(UTC)
    pool = Pool("alem", "h200")
    size, features = Amount(8, 64, 500_000), frozenset({"ib", "nvlink"})
    return ClusterState(
        pools=(pool,),
        nodes=tuple(Node(f"node{n:04}", pool.name, size, Amount(), features) for n in range(NODES)),
        jobs=tuple(
            BackendJob(
                *(1_000_000 + n, n, 1, f"user{n % 200}", BackendState.RUNNING, ""),
                nodes=(f"node{n % NODES:04}", f"node{(n + 1) % NODES:04}"),
                started_at=now,
                asks=Asked(size, (f"node{n % NODES:04}", f"node{(n + 1) % NODES:04}"), 86_400),
            )
            for n in range(1, JOBS + 1)
        ),
        read_at=now,
    )


def serve(socket: str) -> None:
    """Be the agent, until standard input ends."""
    cluster = LargeCluster()
    turns = Turns(lambda _: cluster, sys.exit)
    identity = Identity("benchmark", "benchmark", cluster.name)
    with serving(AgentServicer(identity, turns, PretendedOutput()), UnixSocket(Path(socket))):
        settle_memory()
        sys.stdin.read()


@contextmanager
def another_process() -> Iterator[AgentBackend]:
    """Yield the large cluster behind an agent that is a process of its own, as in production."""
    with tempfile.TemporaryDirectory(prefix="tendik-bench-") as folder:
        path = Path(folder) / "own" / "agent.sock"
        command = [sys.executable, "-m", "loadtests.bench_agent", "--serve", str(path)]
        with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
            way = Way(UnixSocket(path))
            with closing(AgentBackend(way, "simulated", INSTALLATION)) as client:
                _until_it_answers(client)
                yield client
            process.terminate()


def _until_it_answers(client: AgentBackend) -> None:
    give_up_at = time.monotonic() + START_LIMIT_S
    while True:
        try:
            client.read(())
        except BackendUnavailable:
            if time.monotonic() > give_up_at:
                raise
            time.sleep(0.1)
        else:
            return


def seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def processor_s() -> float:
    """Return the processor time of this process and of its children that have ended."""
    spent = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in spent)


def main(
    reads: Annotated[int, typer.Option(help="How many reads are timed.")] = 100,
    serve_at: Annotated[str, typer.Option("--serve", hidden=True)] = "",
) -> None:
    """Time reads of 1,000 nodes and 10,000 jobs through an agent on a Unix socket."""
    if serve_at:
        serve(serve_at)
        return
    with another_process() as client:
        settle_memory()
        busy_s = processor_s()
        took = [seconds(lambda: client.read(())) for _ in track(range(reads), "reads")]
    # The agent's own time is told once it has ended; its start is some tenths of a second of it.
    each_s = (processor_s() - busy_s) / reads
    typical_s = median(took)
    Figure(
        name="agent-read",
        value=round(typical_s, 4),
        unit="s, median",
        goal=f"< {GOAL_S}",
        holds=typical_s < GOAL_S,
        detail=f"{NODES:,} nodes, {JOBS:,} jobs, {reads} reads, best {min(took):.3f} s, p95 "
        f"{quantiles(took, n=20)[-1]:.3f} s; {each_s:.3f} s of processor time in both processes",
    ).write()


if __name__ == "__main__":
    typer.run(main)
