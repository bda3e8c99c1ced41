"""The cluster of the crash points: it has a process of its own, and outlives every engine."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.managers import BaseManager
from typing import TYPE_CHECKING

from scheduler.backend.simulated import embedded_cluster
from scheduler.clock import EPOCH, ManualClock
from scheduler.domain.cluster import BackendJob, ClusterState, EndedRun, Launch, Submission
from scheduler.domain.measured import MeasuredRun
from scheduler.domain.recalls.notices import Notice

NODES = 2


@dataclass(frozen=True, slots=True)
class Run:
    """One run of user code: which attempt of which job, and from when to when."""

    job_id: int
    attempt: int
    started_at: datetime
    ended_at: datetime | None


class Cluster:
    """A simulated cluster with the clock that it moves by: a backend, and what truly happened."""

    name = "simulated"

    def __init__(self) -> None:
        self._clock = ManualClock()
        self._simulated = embedded_cluster(self._clock, nodes=NODES)
        self._simulated.forget_account("nobody-knows")
        # The first submission goes through, and its answer does not.
        self._simulated.lose_answers(1)

    def now(self) -> datetime:
        return self._clock.now()

    def passed_s(self) -> float:
        return (self.now() - EPOCH).total_seconds()

    def advance(self, seconds: float) -> None:
        self._clock.advance(seconds)

    def read(self, watched: Collection[int]) -> ClusterState:
        return self._simulated.read(watched)

    def marked_since(self, since: datetime) -> tuple[BackendJob, ...]:
        return self._simulated.marked_since(since)

    def measured(self, slurm_ids: Collection[int]) -> tuple[MeasuredRun, ...]:
        return self._simulated.measured(slurm_ids)

    def ended_runs(self, slurm_ids: Collection[int]) -> tuple[EndedRun, ...]:
        return self._simulated.ended_runs(slurm_ids)

    def submit(self, launches: Sequence[Launch]) -> tuple[Submission, ...]:
        return self._simulated.submit(launches)

    def release(self, slurm_ids: Sequence[int]) -> frozenset[int]:
        return self._simulated.release(slurm_ids)

    def signal(self, notices: Sequence[Notice]) -> None:
        self._simulated.signal(notices)

    def cancel(self, slurm_ids: Sequence[int]) -> None:
        self._simulated.cancel(slurm_ids)

    def close(self) -> None:
        """Do nothing: the cluster goes on."""

    def runs(self) -> tuple[Run, ...]:
        """Return every run of user code there was, whatever anybody knows of it."""
        every = range(1, 10_000)
        return tuple(
            Run(job.job_id, job.attempt, job.started_at, job.ended_at)
            for job in self._simulated.read(every).jobs
            if job.started_at is not None
        )


class _Clusters(BaseManager):
    """Serves a cluster to the lives that come and go."""

    if TYPE_CHECKING:

        def cluster(self) -> Cluster: ...


_Clusters.register("cluster", Cluster)


@contextmanager
def lasting_cluster() -> Iterator[Cluster]:
    """Yield a cluster in a process of its own, to be handed to processes that may die."""
    with _Clusters() as clusters:
        yield clusters.cluster()
