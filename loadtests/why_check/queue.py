"""A running service with 10,000 pending jobs of national kind, past its first cycles."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from loadtests.national import NODE_GPUS, NODES, POOLS, fill
from loadtests.stack import Client, running_service
from scheduler.v1.cluster_service_pb2 import GetClusterRequest

PENDING_JOBS = 10_000
# The first cycles fill the idle cluster with jobs that run for minutes.
WARM_UP_CYCLES = 4
PATIENCE_S = 120.0
SETTINGS = {
    "TENDIK_BACKEND": "simulated",
    "TENDIK_SIMULATED_CLUSTER": f"{POOLS}x{NODES}x{NODE_GPUS}",
}


@contextmanager
def full_queue(folder: Path) -> Iterator[Client]:
    """Yield an administrator's client of a service of its own in the folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    fill(f"sqlite:///{folder / 'tendik.db'}", PENDING_JOBS)
    with running_service(folder, SETTINGS) as stack:
        client = stack.client(stack.admin_token)
        try:
            _warm_up(client)
            yield client
        finally:
            client.close()


def _warm_up(client: Client) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline_s:
        answer = client.cluster.GetCluster(GetClusterRequest(), metadata=client.metadata)
        if answer.last_cycle.number >= WARM_UP_CYCLES:
            return
        time.sleep(0.2)
    raise RuntimeError("the service decided too few cycles; see its log beside its database")
