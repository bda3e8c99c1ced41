"""slurmctld is dead for minutes: calls stay as quick as a twin's, and what was accepted starts."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
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
MEMBER = Member("steppe", "Steppe University", "universities", "steppe-user", "aigerim")
# The waiting jobs of one GPU each fill the cluster, so that one cycle has room for all of them.
JOBS, CAPACITY_GPUS = 60, 64
CALLS_PER_S = 20
WARM_UP_S = 5
# What is to be reached.
MOST_SLOWER, MOST_CYCLES = 0.20, 2
# Nodes may take a minute and a half to come back to a slurmctld that was started anew.
PATIENCE_S = 300
SCRIPT = sbatch_script("down", 1, 30)


@dataclass(frozen=True, slots=True)
class Site:
    """A service in front of a Slurm of its own."""

    name: str
    base_port: int

    @property
    def folder(self) -> Path:
        return FOLDER / self.name

    def devcluster(self, command: str) -> None:
        port = ["--base-port", str(self.base_port)] if command == "up" else []
        program = [sys.executable, "-m", "deploy.slurm.devcluster", command]
        subprocess.run([*program, *port, "--dir", str(self.folder / "slurm")], cwd=ROOT, check=True)

    @contextmanager
    def service(self) -> Iterator[Stack]:
        settings = {
            "TENDIK_BACKEND": "slurm-cli",
            "TENDIK_CONFIRM_AFTER_S": "0",
            "SLURM_CONF": str(self.folder / "slurm" / "slurm.conf"),
        }
        self.devcluster("up")
        try:
            with running_service(self.folder / "service", settings) as stack:
                yield stack
        finally:
            self.devcluster("down")

    def kill_slurmctld(self) -> None:
        slurmctld = running(self.folder / "slurm" / "run" / "slurmctld.pid")
        if slurmctld is None:
            raise RuntimeError("the development cluster has no slurmctld")
        slurmctld.send(signal.SIGKILL)


# What else the machine does in these minutes falls on both alike. Their ports are not those of any
# other measurement, which may be running beside this one.
STRUCK, TWIN = Site("struck", 27_900), Site("twin", 27_930)


@dataclass
class Caller:
    """One user's calls, and how long each took."""

    client: Client
    number: int = 0
    latencies_ms: list[float] = field(default_factory=list)

    @property
    def p99_ms(self) -> float:
        return quantiles(self.latencies_ms, n=100)[-1]

    def call(self, *, for_good: bool) -> None:
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
    """What the outage did to callers beside the twin's, and what came after it."""

    down_p99_ms: float
    twin_p99_ms: float
    accepted: int
    cycles: int


def main(
    minutes: Annotated[float, typer.Option(help="how long slurmctld is dead")] = 10.0,
) -> None:
    """Measure one outage and write its figures; exit code 1 when one does not hold."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    with STRUCK.service() as struck, TWIN.service() as twin:
        measured = measure(struck, twin, minutes * 60)
    figures = judged(measured, minutes)
    for figure in figures:
        figure.write()
    sys.exit(not all(figure.holds for figure in figures))


def measure(struck: Stack, twin: Stack, down_s: float) -> Measured:
    callers = [Caller(member_of(stack)) for stack in (struck, twin)]
    call_both(callers, WARM_UP_S, 0, "warming up …")
    for caller in callers:
        caller.latencies_ms.clear()
    STRUCK.kill_slurmctld()
    call_both(callers, down_s, JOBS, "slurmctld is dead …")
    client = callers[0].client
    accepted = len(all_jobs(client, (JOB_STATE_PENDING,)))
    STRUCK.devcluster("up")
    try:
        cycles = cycles_until_all_go(client)
    finally:
        for caller in callers:
            caller.client.close()
    return Measured(callers[0].p99_ms, callers[1].p99_ms, accepted, cycles)


def member_of(stack: Stack) -> Client:
    return stack.client(stack.register((MEMBER,))[MEMBER.organisation])


def call_both(callers: Sequence[Caller], seconds: float, submits: int, what: str) -> None:
    """Call each service at a steady pace, `submits` of the calls for good; who is first changes."""
    began_s = time.monotonic()
    calls = max(1, int(seconds * CALLS_PER_S))
    every = max(1, calls // submits) if submits else calls + 1
    for number in track(range(calls), what):
        is_due = submits > 0 and number % every == 0 and number // every < submits
        for caller in callers if number % 2 else reversed(callers):
            caller.call(for_good=is_due)
        time.sleep(max(0.0, began_s + (number + 1) / CALLS_PER_S - time.monotonic()))


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
    slower = measured.down_p99_ms / measured.twin_p99_ms - 1
    detail = (
        f"slurmctld killed for {minutes:g} min; p99 {measured.down_p99_ms:.1f} ms beside "
        f"{measured.twin_p99_ms:.1f} ms of a twin whose slurmctld lives, at {CALLS_PER_S} calls/s"
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
