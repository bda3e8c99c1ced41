"""Measures a start on 100,000 live jobs: until calls are answered, and until Slurm was followed."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.progress import track

from loadtests import national
from loadtests.canned_slurm import CannedJob, CannedNode, write_programs
from loadtests.figures import Figure
from loadtests.stack import ROOT, Client, Stack, start_again, start_service, stop_service
from scheduler.domain.decisions import Allocation, SolverStatus, Start
from scheduler.domain.jobs import HoldingJob, JobState, PendingJob, Placement
from scheduler.domain.records import CycleRecord, Transition
from scheduler.domain.requests import gang_for
from scheduler.domain.resources import Amount
from scheduler.store.sql import SqlStore, open_store
from scheduler.v1.cluster_service_pb2 import GetClusterRequest
from scheduler.v1.job_service_pb2 import JOB_STATE_SUBMITTED, ListJobsRequest
from tests.contracts.postgres import running_postgres

FOLDER = ROOT / "build" / "bench-restart"
PENDING, HOLDING = 50_000, 50_000
# So many began to run in Slurm while the service was down.
BEGAN_MEANWHILE = 1_000
# Moves between two turns of the progress bar.
AT_ONCE = 2_000
# What is to be reached.
SERVING_S, RECONCILED_S = 5.0, 30.0
PATIENCE_S = 300.0
FIRST_ID = 1_000_000
MIB_PER_CPU = 4096

LEASE_S = 600.0


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds since the process was started."""

    serving_s: float
    reconciled_s: float


def main() -> None:
    """Measure both databases and store their figures."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    for kind, database in (("sqlite", _sqlite), ("postgres", _postgres)):
        with database() as url:
            measured = _measured(FOLDER / kind, url)
        for figure in _figures(kind, measured):
            figure.write()


@contextmanager
def _sqlite() -> Iterator[str]:
    FOLDER.mkdir(parents=True, exist_ok=True)
    yield f"sqlite:///{FOLDER / 'restart.db'}"


@contextmanager
def _postgres() -> Iterator[str]:
    with running_postgres() as server:
        yield server.url(server.new_database())


def _measured(folder: Path, url: str) -> Measured:
    """Make a service's database, fill it while the service is down, and time the next start."""
    settings = {
        "TENDIK_DATABASE_URL": url,
        "TENDIK_BACKEND": "slurm-cli",
        "PATH": f"{folder / 'bin'}:/usr/bin:/bin",
    }
    write_programs(folder / "bin", _nodes(), ())
    stack = start_service(folder, settings)
    stop_service(stack.process)
    national.fill(url, PENDING + HOLDING)
    with closing(open_store(url)) as store, _leading(store) as epoch:
        write_programs(folder / "bin", _nodes(), _held(store, epoch))
    # What was filled in for the measurement is still on its way to the disk.
    os.sync()
    return _timed(stack)


def _nodes() -> Iterator[CannedNode]:
    for pool in range(1, national.POOLS + 1):
        kind = ("h200", "a100")[pool % 2]
        for number in range(1, national.NODES + 1):
            yield CannedNode(f"alem{pool}-n{number}", f"alem{pool}", kind, national.NODE_GPUS)


@contextmanager
def _leading(store: SqlStore) -> Iterator[int]:
    """Lead in the place of the service that was stopped: only a leader's writes are taken."""
    epoch = store.take_lease("by hand", LEASE_S)
    if epoch is None:
        raise RuntimeError("the service that was stopped has not given its lease up")
    yield epoch
    store.give_up_lease(epoch)


def _held(store: SqlStore, epoch: int) -> list[CannedJob]:
    """Let the older half of the queue run, all but the last of it known to the store."""
    chosen = store.pending()[:HOLDING]
    now = datetime.now(UTC)
    starts = tuple(Start(job.job_id, _placement(job, n)) for n, job in enumerate(chosen))
    allocation = Allocation(starts, "by hand", SolverStatus.OPTIMAL)
    store.record_cycle(CycleRecord(store.last_cycle() + 1, now, 1, allocation, epoch=epoch))
    ids = [job.job_id for job in chosen]
    accepted = [Transition(i, JobState.SUBMITTED, now, slurm_id=FIRST_ID + i) for i in ids]
    known = [Transition(i, JobState.RUNNING, now, started_at=now) for i in ids[:-BEGAN_MEANWHILE]]
    moves = accepted + known
    for first in track(range(0, len(moves), AT_ONCE), "letting half of them run …"):
        store.apply(moves[first : first + AT_ONCE], epoch)
    return [_canned(job, store.installation(), now) for job in store.holding()]


def _placement(job: PendingJob, number: int) -> Placement:
    """Return a place on the pool's next nodes; that they are all taken is no matter here."""
    partition = job.request.partitions[0]
    gang = gang_for(job.request, national.NODE_GPUS, MIB_PER_CPU)
    if gang is None:
        raise RuntimeError(f"no gang for {job.request}")
    names = (f"{partition}-n{(number + n) % national.NODES + 1}" for n in range(gang.nodes))
    kind = ("h200", "a100")[int(partition.removeprefix("alem")) % 2]
    return Placement(f"{partition}/{kind}", tuple(names), gang)


def _canned(job: HoldingJob, installation: str, now: datetime) -> CannedJob:
    gang, marker = job.placement.gang, f"tendik:{installation}:{job.job_id}:{job.attempt}"
    one = gang.per_node
    amount = Amount(gang.gpus, gang.nodes * one.cpus, gang.nodes * one.memory_mib)
    nodes, began_s = job.placement.nodes, int(now.timestamp())
    return CannedJob(
        *(job.slurm_id, marker, job.unix_account, nodes, amount, job.walltime_s, began_s)
    )


def _timed(stack: Stack) -> Measured:
    began_s = time.monotonic()
    stack = start_again(stack)
    serving_s = time.monotonic() - began_s
    client = stack.client(stack.admin_token)
    try:
        while not _has_followed(client):
            if time.monotonic() - began_s > PATIENCE_S:
                raise RuntimeError(f"not reconciled in {PATIENCE_S:.0f} s, see {stack.folder}")
            time.sleep(0.1)
        return Measured(serving_s, time.monotonic() - began_s)
    finally:
        client.close()
        stop_service(stack.process)


def _has_followed(client: Client) -> bool:
    """Say whether Slurm was read, and each of the jobs that began meanwhile is running here."""
    if not client.cluster.GetCluster(GetClusterRequest(), metadata=client.metadata).backend_up:
        return False
    asked = ListJobsRequest(states=[JOB_STATE_SUBMITTED], page_size=1)
    answer = client.jobs.ListJobs(asked, metadata=client.metadata)
    return not answer.jobs


def _figures(kind: str, measured: Measured) -> tuple[Figure, Figure]:
    detail = (
        f"{kind}: {PENDING:,} pending and {HOLDING:,} running, {BEGAN_MEANWHILE:,} of which began "
        "while the service was down; from the start of the process, Slurm's programs canned"
    )
    serving, reconciled = measured.serving_s, measured.reconciled_s
    goals = (f"<= {SERVING_S:g}", f"<= {RECONCILED_S:g}")
    return (
        Figure(f"restart_serving_{kind}_s", serving, "s", goals[0], serving <= SERVING_S, detail),
        Figure(
            f"restart_reconciled_{kind}_s",
            reconciled, "s", goals[1], reconciled <= RECONCILED_S, detail,
        ),
    )  # fmt: skip


if __name__ == "__main__":
    main()
