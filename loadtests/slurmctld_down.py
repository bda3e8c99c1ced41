"""slurmctld is dead for minutes: calls stay as quick, and what was accepted then starts."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Annotated

import typer
from rich.progress import track

from deploy.slurm.devcluster.daemons import running
from loadtests.figures import Figure
from loadtests.jobs import all_jobs
from loadtests.stack import ROOT, Client, Member, Stack, running_service
from loadtests.workload import sbatch_script
from scheduler.v1.cluster_service_pb2 import GetClusterRequest, GetClusterResponse
from scheduler.v1.job_service_pb2 import JOB_STATE_PENDING, ListJobsRequest, SubmitJobRequest

FOLDER = ROOT / "build" / "slurmctld-down"
# Not that of any other measurement, which may be running beside this one.
BASE_PORT = 27_900
MEMBER = Member("steppe", "Steppe University", "universities", "steppe-user", "aigerim")
# The waiting jobs of one GPU each fill the cluster, so that one cycle has room for all of them.
JOBS, CAPACITY_GPUS = 60, 64
CALLS_PER_S = 20
NORMAL_S = 60
# What is to be reached.
MOST_SLOWER, MOST_CYCLES = 0.20, 2
# Nodes may take a minute and a half to come back to a slurmctld that was started anew.
PATIENCE_S = 300
SCRIPT = sbatch_script("down", 1, 30)


@dataclass
class Caller:
    """One user's calls at a steady pace, and how long each took."""

    client: Client
    number: int = 0
    latencies_ms: list[float] = field(default_factory=list)

    def call(self, until_s: float, submits: int, what: str) -> float:
        """Call until then, `submits` of the calls for good; return the 99th percentile in ms."""
        self.latencies_ms = []
        began_s = time.monotonic()
        calls = max(1, int((until_s - began_s) * CALLS_PER_S))
        every = max(1, calls // submits) if submits else calls + 1
        for number in track(range(calls), what):
            is_due = submits > 0 and number % every == 0 and number // every < submits
            self._timed(for_good=is_due)
            time.sleep(max(0.0, began_s + (number + 1) / CALLS_PER_S - time.monotonic()))
        return quantiles(self.latencies_ms, n=100)[-1]

    def _timed(self, *, for_good: bool) -> None:
        """Submit, or only ask what a submission would give, or list jobs, in turn."""
        self.number += 1
        began_s = time.perf_counter()
        if for_good or self.number % 2:
            request_id = f"d{self.number}" if for_good else ""
            request = SubmitJobRequest(
                request_id=request_id, script=SCRIPT, validate_only=not for_good
            )
            self.client.jobs.SubmitJob(request, timeout=20, metadata=self.client.metadata)
        else:
            listed = ListJobsRequest(page_size=50)
            self.client.jobs.ListJobs(listed, timeout=20, metadata=self.client.metadata)
        self.latencies_ms.append((time.perf_counter() - began_s) * 1000)


@dataclass(frozen=True, slots=True)
class Measured:
    """What the outage did to callers, and what came after it."""

    normal_p99_ms: float
    down_p99_ms: float
    accepted: int
    cycles: int


def main(
    minutes: Annotated[float, typer.Option(help="how long slurmctld is dead")] = 10.0,
) -> None:
    """Measure one outage and write its figures; exit code 1 when one does not hold."""
    shutil.rmtree(FOLDER / "service", ignore_errors=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    devcluster("up")
    try:
        with service() as stack:
            measured = measure(stack, minutes * 60)
    finally:
        devcluster("down")
    figures = judged(measured, minutes)
    for figure in figures:
        figure.write()
    sys.exit(not all(figure.holds for figure in figures))


def devcluster(command: str) -> None:
    port = ["--base-port", str(BASE_PORT)] if command == "up" else []
    program = [sys.executable, "-m", "deploy.slurm.devcluster", command]
    subprocess.run([*program, *port, "--dir", str(FOLDER / "slurm")], cwd=ROOT, check=True)


@contextmanager
def service() -> Iterator[Stack]:
    settings = {
        "TENDIK_BACKEND": "slurm-cli",
        "TENDIK_CONFIRM_AFTER_S": "0",
        "SLURM_CONF": str(FOLDER / "slurm" / "slurm.conf"),
    }
    with running_service(FOLDER / "service", settings) as stack:
        yield stack


def measure(stack: Stack, down_s: float) -> Measured:
    client = stack.client(stack.register((MEMBER,))[MEMBER.organisation])
    caller = Caller(client)
    caller.call(time.monotonic() + 5, 0, "warming up …")
    normal_ms = caller.call(time.monotonic() + min(NORMAL_S, down_s), 0, "slurmctld answers …")
    slurmctld = running(FOLDER / "slurm" / "run" / "slurmctld.pid")
    if slurmctld is None:
        raise RuntimeError("the development cluster has no slurmctld")
    slurmctld.send(signal.SIGKILL)
    down_ms = caller.call(time.monotonic() + down_s, JOBS, "slurmctld is dead …")
    accepted = len(all_jobs(client, (JOB_STATE_PENDING,)))
    devcluster("up")
    try:
        return Measured(normal_ms, down_ms, accepted, cycles_until_all_go(client))
    finally:
        client.close()


def cycles_until_all_go(client: Client) -> int:
    """Return how many cycles it took, from the first that saw the whole cluster again."""
    deadline = time.monotonic() + PATIENCE_S
    first = 0
    while time.monotonic() < deadline:
        seen = cluster(client)
        capacity = sum(pool.capacity_gpus for pool in seen.pools)
        if seen.backend_up and capacity == CAPACITY_GPUS:
            first = first or seen.last_cycle.number
            if not all_jobs(client, (JOB_STATE_PENDING,)):
                return cluster(client).last_cycle.number - first + 1
        time.sleep(0.1)
    raise RuntimeError(f"jobs still wait {PATIENCE_S} s after slurmctld came back")


def cluster(client: Client) -> GetClusterResponse:
    return client.cluster.GetCluster(GetClusterRequest(), metadata=client.metadata, timeout=20)


def judged(measured: Measured, minutes: float) -> tuple[Figure, ...]:
    slower = measured.down_p99_ms / measured.normal_p99_ms - 1
    detail = (
        f"slurmctld killed for {minutes:g} min; p99 {measured.down_p99_ms:.1f} ms beside "
        f"{measured.normal_p99_ms:.1f} ms at {CALLS_PER_S} calls/s"
    )
    cycles = f"{measured.accepted} jobs, from the first cycle that saw all nodes again"
    return (
        Figure("slurmctld_down_p99_slower", slower, "", "<= 0.20", slower <= MOST_SLOWER, detail),
        Figure(
            "slurmctld_down_jobs_accepted",
            measured.accepted, "jobs", f"{JOBS}", measured.accepted == JOBS, detail,
        ),
        Figure(
            "slurmctld_down_cycles_until_dispatched",
            measured.cycles, "cycles", "<= 2", measured.cycles <= MOST_CYCLES, cycles,
        ),
    )  # fmt: skip


if __name__ == "__main__":
    typer.run(main)
