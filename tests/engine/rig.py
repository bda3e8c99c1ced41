"""An engine on a clock that tests move: real store, real allocator, simulated cluster."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from scheduler.allocator.solve import CpSatAllocator
from scheduler.backend.simulated import SimulatedBackend, embedded_cluster
from scheduler.clock import ManualClock
from scheduler.domain.jobs import Job
from scheduler.domain.records import CycleReport, NewJobs
from scheduler.domain.sbatch.reading import read_job
from scheduler.domain.tenants import Organisation, Project, Tenant, User
from scheduler.engine.loop import Engine
from scheduler.engine.world import Patience, World
from scheduler.policy_files import policy_version
from scheduler.ports import Allocator, StartForecast
from scheduler.store.sql import SqlStore, open_store
from scheduler.view import LatestView

POLICY = """
title = "Tests"
[classes.universities]
[classes.startups]
[wait]
guard = "1m"
"""
PATIENCE = Patience(resubmit_after_s=15, lost_after_s=60)


@dataclass
class Told:
    """A listener that remembers."""

    reports: list[CycleReport] = field(default_factory=list)
    moved: list[Job] = field(default_factory=list)
    backend_up: list[bool] = field(default_factory=list)

    def on_cycle(self, report: CycleReport) -> None:
        self.reports.append(report)

    def on_moved(self, jobs: Sequence[Job], at: datetime) -> None:
        self.moved += jobs

    def on_backend(self, name: str, up: bool) -> None:
        self.backend_up.append(up)


@dataclass
class Rig:
    """The engine and the handles a test needs."""

    store: SqlStore
    backend: SimulatedBackend
    clock: ManualClock
    engine: Engine
    view: LatestView
    told: Told

    def submit(
        self,
        organisation: str,
        gpus: int = 1,
        sleep_s: int = 60,
        last: str = "",
        flags: Sequence[str] = (),
    ) -> int:
        """Store a job as a researcher of the organisation would and return its id."""
        script = f"#!/bin/bash\n#SBATCH --gpus={gpus}\nsleep {sleep_s}\n{last}\n"
        tenant = Tenant(class_of(organisation), organisation, "research", f"{organisation}-user")
        new = NewJobs(tenant, organisation, read_job(script, flags).spec, "", "", self.clock.now())
        (answer,) = self.store.add_jobs([new])
        assert not isinstance(answer, Exception), answer
        return answer[0].job_id

    def ticks(self, count: int, every_s: float = 1.0) -> None:
        for _ in range(count):
            self.engine.tick()
            self.clock.advance(every_s)

    def states(self, *job_ids: int) -> list[str]:
        return [self.store.job(job_id).state.value for job_id in job_ids]


def class_of(organisation: str) -> str:
    return "startups" if organisation.startswith("startup") else "universities"


@contextmanager
def a_rig(
    url: str = "sqlite://",
    allocate: Allocator | None = None,
    fallback: Allocator | None = None,
    *,
    confirm_after_s: float = 0.0,
    forecast: StartForecast | None = None,
    measure_every_s: float = 0.0,
    backend: SimulatedBackend | None = None,
    slurm_accounts: bool = False,
) -> Iterator[Rig]:
    """Yield a rig on 8 nodes of 8 GPUs with the organisations alpha, beta and startup."""
    clock, told, store = ManualClock(), Told(), open_store(url)
    backend = backend or embedded_cluster(clock)
    if store.current_policy() is None:
        found(store, clock.now())
    policy = store.current_policy()
    assert policy is not None
    view = LatestView(backend.name, policy)
    first = allocate or CpSatAllocator()
    patience = replace(PATIENCE, confirm_after_s=confirm_after_s, measure_every_s=measure_every_s)
    world = World(store, backend, first, clock, view, (told,), patience, fallback=fallback)
    world = replace(world, forecast=forecast, slurm_accounts=slurm_accounts)
    try:
        yield Rig(store, backend, clock, Engine(world), view, told)
    finally:
        store.close()


def found(store: SqlStore, now: datetime) -> None:
    store.apply_policy(policy_version(POLICY, "admin", now), expected=0)
    for name in ("alpha", "beta", "startup"):
        store.add_organisation(Organisation(name, name.title(), class_of(name)))
        store.add_project(Project(name, "research", "Research"))
        store.add_user(User(f"{name}-user", name, "research", name), f"sha256-of-{name}")
