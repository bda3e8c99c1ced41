"""An engine that stops itself at one step of its work, as a machine that stalls would.

Run as `python -m loadtests.failover.leader URL SOCKET [STEP]`. It prints every step that it comes
to, and stops (SIGSTOP) at the one that is named.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from loadtests.failover.cluster import RemoteCluster
from scheduler.allocator.greedy import allocate_greedily
from scheduler.clock import SystemClock
from scheduler.domain.cluster import BackendJob, ClusterState, EndedRun, Launch, Submission
from scheduler.domain.jobs import Job
from scheduler.domain.measured import MeasuredRun
from scheduler.domain.recalls.notices import Notice
from scheduler.domain.records import CycleRecord, Transition
from scheduler.engine.leadership import Leased
from scheduler.engine.loop import Engine, EngineThread
from scheduler.engine.world import Patience, World
from scheduler.ports import Backend, Store
from scheduler.store.database import Database, open_database
from scheduler.store.sql import SqlStore
from scheduler.view import LatestView

TTL_S = 1.0
INTERVAL_S = 0.05
PATIENCE = Patience(resubmit_after_s=0.5, lost_after_s=30.0, confirm_after_s=0.6)
# Between the check whether it leads and the call: nothing can keep a call back from there on.
ON_ITS_WAY = "on its way"
FOLLOWS = "follows"


class Steps:
    """Names the steps as the engine comes to them, and stops the process at one."""

    def __init__(self, stop_at: str) -> None:
        self._stop_at = stop_at
        self._hits = Counter[str]()
        self._lock = threading.Lock()
        self._doing = threading.local()

    @contextmanager
    def doing(self, what: str) -> Iterator[None]:
        """Say what the thread's transactions are about."""
        self._doing.what = what
        yield
        self._doing.what = ""

    @property
    def what(self) -> str:
        return getattr(self._doing, "what", "")

    def come_to(self, step: str) -> None:
        with self._lock:
            self._hits[step] += 1
            name = f"{step} #{self._hits[step]}"
        sys.stdout.write(f"{name}\n")
        sys.stdout.flush()
        if name == self._stop_at:
            # To this thread, which then takes no step further; the process stops with it.
            signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)


class SteppedDatabase(Database):
    """Every writing transaction that a leader makes is four steps."""

    def __init__(self, database: Database, steps: Steps) -> None:
        super().__init__(database.engine, wait_s=5.0)
        self._steps = steps

    @contextmanager
    def write(self) -> Iterator[Any]:
        what = self._steps.what
        self._step(f"{what}: before")
        with super().write() as connection:
            self._step(f"{what}: begun")
            yield connection
            self._step(f"{what}: written")
        self._step(f"{what}: committed")

    def _step(self, step: str) -> None:
        if not step.startswith(":"):
            self._steps.come_to(step)


class SteppedStore(SqlStore):
    """Says which of a leader's writes a transaction belongs to."""

    def __init__(self, database: Database, steps: Steps) -> None:
        super().__init__(SteppedDatabase(database, steps))
        self._steps = steps

    def take_lease(self, holder: str, ttl_s: float) -> int | None:
        with self._steps.doing("take lease"):
            return super().take_lease(holder, ttl_s)

    def renew_lease(self, epoch: int, ttl_s: float) -> bool:
        with self._steps.doing("renew lease"):
            return super().renew_lease(epoch, ttl_s)

    def record_cycle(self, record: CycleRecord) -> None:
        with self._steps.doing("record cycle"):
            super().record_cycle(record)

    def apply(self, transitions: Sequence[Transition], epoch: int = 0) -> tuple[Job, ...]:
        with self._steps.doing("apply moves"):
            return super().apply(transitions, epoch)


class SteppedBackend:
    """Fulfils `ports.Backend` on the cluster of another process; each call is two steps."""

    def __init__(self, cluster: RemoteCluster, steps: Steps) -> None:
        self._cluster = cluster
        self._steps = steps

    @property
    def name(self) -> str:
        return "shared"

    def read(self, watched: Collection[int]) -> ClusterState:
        self._steps.come_to("read: before")
        state: ClusterState = self._cluster.call("read", tuple(watched))
        self._steps.come_to("read: answered")
        return state

    def marked_since(self, since: datetime) -> tuple[BackendJob, ...]:
        jobs: tuple[BackendJob, ...] = self._cluster.call("marked_since", since)
        return jobs

    def measured(self, slurm_ids: Collection[int]) -> tuple[MeasuredRun, ...]:
        runs: tuple[MeasuredRun, ...] = self._cluster.call("measured", tuple(slurm_ids))
        return runs

    def ended_runs(self, slurm_ids: Collection[int]) -> tuple[EndedRun, ...]:
        runs: tuple[EndedRun, ...] = self._cluster.call("ended_runs", tuple(slurm_ids))
        return runs

    def submit(self, launches: Sequence[Launch]) -> tuple[Submission, ...]:
        submissions: tuple[Submission, ...] = self._change("submit", launches)
        return submissions

    def release(self, slurm_ids: Sequence[int]) -> frozenset[int]:
        refused: frozenset[int] = self._change("release", slurm_ids)
        return refused

    def signal(self, notices: Sequence[Notice]) -> None:
        self._change("signal", notices)

    def cancel(self, slurm_ids: Sequence[int]) -> None:
        self._change("cancel", slurm_ids)

    def close(self) -> None:
        """Do nothing: the cluster is another process's."""

    def _change(self, name: str, jobs: Sequence[object]) -> Any:
        self._steps.come_to(f"{name}: {ON_ITS_WAY}")
        answer = self._cluster.call(name, jobs)
        self._steps.come_to(f"{name}: answered")
        return answer


class SteppedLeadership(Leased):
    """Every question whether it leads is a step, before it is asked; and so is a no."""

    def __init__(self, store: Store, steps: Steps) -> None:
        super().__init__(store, "the one that is stopped", TTL_S)
        self._steps = steps

    def lead(self) -> bool:
        leads = super().lead()
        if not leads:
            self._steps.come_to(FOLLOWS)
        return leads

    def demand(self) -> int:
        # Who asks is the name: before a submission, a release, a cancel, a write.
        self._steps.come_to(f"check in {sys._getframe(1).f_code.co_name}: before")
        return super().demand()


def world_of(store: Store, backend: Backend, leadership: Leased) -> World:
    """Return what an engine of these tests works with; the solver would only slow them."""
    policy = store.current_policy()
    if policy is None:
        raise RuntimeError("the store was not founded")
    view = LatestView(backend.name, policy)
    return World(
        *(store, backend, allocate_greedily, SystemClock(), view),
        patience=PATIENCE,
        leadership=leadership,
    )


def main(url: str, socket: Path, stop_at: str = "") -> None:
    """Run until the standard input ends."""
    steps = Steps(stop_at)
    store = SteppedStore(open_database(url, wait_s=5.0), steps)
    leadership = SteppedLeadership(store, steps)
    world = world_of(store, SteppedBackend(RemoteCluster(socket), steps), leadership)
    thread = EngineThread(Engine(world), INTERVAL_S, leadership)
    thread.start()
    sys.stdin.read()
    thread.stop(patience_s=5.0)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
