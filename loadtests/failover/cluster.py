"""One simulated cluster for engines in two processes, served on a Unix socket."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from multiprocessing.connection import Client, Listener
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from scheduler.backend.simulated import embedded_cluster
from scheduler.clock import SystemClock
from scheduler.domain.cluster import BackendJob, ClusterState, EndedRun, Launch, Submission
from scheduler.domain.measured import MeasuredRun
from scheduler.domain.recalls.notices import Notice


class SharedCluster:
    """Fulfils `ports.Backend`, from any thread, and remembers what was asked of it."""

    def __init__(self) -> None:
        self._cluster = embedded_cluster(SystemClock())
        self._lock = Lock()
        self.asked: list[tuple[str, int]] = []  # what, and of how many jobs

    @property
    def name(self) -> str:
        return "shared"

    def read(self, watched: Collection[int]) -> ClusterState:
        with self._lock:
            return self._cluster.read(watched)

    def marked_since(self, since: datetime) -> tuple[BackendJob, ...]:
        with self._lock:
            return self._cluster.marked_since(since)

    def measured(self, slurm_ids: Collection[int]) -> tuple[MeasuredRun, ...]:
        with self._lock:
            return self._cluster.measured(slurm_ids)

    def ended_runs(self, slurm_ids: Collection[int]) -> tuple[EndedRun, ...]:
        with self._lock:
            return self._cluster.ended_runs(slurm_ids)

    def submit(self, launches: Sequence[Launch]) -> tuple[Submission, ...]:
        with self._change("submit", launches):
            return self._cluster.submit(launches)

    def release(self, slurm_ids: Sequence[int]) -> frozenset[int]:
        with self._change("release", slurm_ids):
            return self._cluster.release(slurm_ids)

    def signal(self, notices: Sequence[Notice]) -> None:
        with self._change("signal", notices):
            self._cluster.signal(notices)

    def cancel(self, slurm_ids: Sequence[int]) -> None:
        with self._change("cancel", slurm_ids):
            self._cluster.cancel(slurm_ids)

    def close(self) -> None:
        """Do nothing: there is nothing to give back."""

    @contextmanager
    def _change(self, what: str, jobs: Sequence[object]) -> Iterator[None]:
        with self._lock:
            self.asked.append((what, len(jobs)))
            yield


@contextmanager
def served(cluster: SharedCluster, socket: Path) -> Iterator[None]:
    """Serve the cluster to one other process, for the length of the block."""
    with Listener(str(socket), family="AF_UNIX") as listener:
        Thread(target=_serve, args=(cluster, listener), daemon=True).start()
        yield


class RemoteCluster:
    """The cluster that another process serves: calls by name, from one thread at a time."""

    def __init__(self, socket: Path) -> None:
        self._connection = Client(str(socket), family="AF_UNIX")

    def call(self, name: str, *arguments: object) -> Any:
        self._connection.send((name, arguments))
        return self._connection.recv()


def _serve(cluster: SharedCluster, listener: Listener) -> None:
    """Answer until the other process has gone."""
    with listener.accept() as connection, suppress(EOFError, OSError):
        while True:
            name, arguments = connection.recv()
            connection.send(getattr(cluster, name)(*arguments))
