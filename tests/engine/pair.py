"""Two engines on one store and one cluster, on a clock that tests move: one leads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from scheduler.allocator.greedy import allocate_greedily
from scheduler.backend.simulated import SimulatedBackend, embedded_cluster
from scheduler.clock import ManualClock
from scheduler.domain.records import NewJobs
from scheduler.domain.sbatch.reading import read_job
from scheduler.domain.tenants import Organisation, Tenant
from scheduler.engine.leadership import Leased
from scheduler.engine.loop import Engine
from scheduler.engine.world import Patience, World
from scheduler.policy_files import policy_version
from scheduler.simulation.memory_store import MemoryStore
from scheduler.view import LatestView
from tests.engine.rig import POLICY, Told

TTL_S = 10.0


@dataclass
class Replica:
    """One engine, what it shows, and what it told."""

    engine: Engine
    leadership: Leased
    view: LatestView
    told: Told


class Pair:
    """Two replicas, `first` and `second`, whose clocks are one."""

    def __init__(self, confirm_after_s: float = 10.0) -> None:
        self.clock = ManualClock()
        self.store = MemoryStore(self.seconds)
        self.backend: SimulatedBackend = embedded_cluster(self.clock)
        self.patience = Patience(resubmit_after_s=15, confirm_after_s=confirm_after_s)
        self.store.apply_policy(policy_version(POLICY, "admin", self.clock.now()), expected=0)
        self.store.add_organisation(Organisation("alpha", "Alpha", "universities"))
        self.first, self.second = self._replica("first"), self._replica("second")

    def seconds(self) -> float:
        return self.clock.now().timestamp()

    def submit(self, gpus: int = 1, sleep_s: int = 600) -> int:
        spec = read_job(f"#!/bin/bash\n#SBATCH --gpus={gpus}\nsleep {sleep_s}\n").spec
        tenant = Tenant("universities", "alpha", "research", "alpha-user")
        (answer,) = self.store.add_jobs([NewJobs(tenant, "alpha", spec, "", "", self.clock.now())])
        assert isinstance(answer, tuple)
        return answer[0].job_id

    def ticks(self, count: int, *replicas: Replica, until: Callable[[], bool] | None = None) -> int:
        """Let these replicas tick once a second, and return how often they did."""
        for done in range(count):
            if until is not None and until():
                return done
            for replica in replicas:
                replica.engine.careful_tick()
            self.clock.advance(1)
        return count

    def state(self, job_id: int) -> str:
        return self.store.job(job_id).state.value

    def _replica(self, name: str) -> Replica:
        policy = self.store.current_policy()
        assert policy is not None
        view, told = LatestView(self.backend.name, policy), Told()
        leadership = Leased(self.store, name, TTL_S, self.seconds)
        world = World(
            *(self.store, self.backend, allocate_greedily, self.clock, view, (told,)),
            patience=self.patience,
            leadership=leadership,
        )
        return Replica(Engine(world), leadership, view, told)
