"""Replays a workload through the service's own engine, allocator and policy on a virtual clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from time import perf_counter

from scheduler.backend.simulated import SimulatedBackend
from scheduler.clock import EPOCH, ManualClock
from scheduler.domain.cluster import Launch
from scheduler.domain.decisions import Allocation
from scheduler.domain.jobs import JobSpec
from scheduler.domain.policies import PolicyVersion
from scheduler.domain.records import NewJobs
from scheduler.domain.requests import GpuRequest
from scheduler.domain.resources import Amount, Node, Pool
from scheduler.domain.snapshot import Snapshot
from scheduler.domain.tenants import Organisation, Tenant
from scheduler.engine.loop import Engine
from scheduler.engine.world import World
from scheduler.policy_files import policy_version
from scheduler.ports import Allocator
from scheduler.simulation.finished import FinishedJob
from scheduler.simulation.memory_store import MemoryStore
from scheduler.simulation.recorder import Recorder
from scheduler.simulation.workload import Workload, WorkloadJob
from scheduler.view import LatestView

POOL = Pool("replay", "gpu")
EQUAL = """
title = "Replay: all organisations equal"
[classes.all]
"""
POLICY = f"""{EQUAL}
[usage]
half_life = "1d"
[order]
own_jobs = "shortest"
[wait]
guard = "4d"
places = 1
"""
WITH_RECALL = f'{POLICY}[recall]\nenabled = true\nby = "shares"\n'
# A recalled job goes on from the checkpoint that it writes at the signal.
SCRIPT_OF_RECALLABLE = "#!/bin/bash\ntrap : TERM\n"
# By a cluster where nothing runs, the service would be asked again by its next cycles.
MOST_IDLE_TICKS = 10
IDLE_TICK_S = 60.0
# Of a GPU; never scarce, because a replay is about GPUs.
CPUS = 8
MEMORY_MIB = 100_000


@dataclass(frozen=True, slots=True)
class Setup:
    """What replays a workload, and how.

    `policy` is a policy file's text; organisations that `class_of` does not name belong to its
    first class. `cycle_s` 0
    lets a cycle run whenever something happened; otherwise cycles run at its multiples at which
    something has happened, as the service's do. `at_least_every_s` lets one run, too, while jobs
    wait and nothing happens: a recall may become due by time alone. `node_gpus` 0 makes one node
    of the cluster.
    """

    allocate: Allocator
    fallback: Allocator | None = None
    policy: str = POLICY
    cycle_s: float = 0.0
    at_least_every_s: float = 0.0
    node_gpus: int = 0
    class_of: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Replayed:
    """The schedule, and what it took to find it: wall-clock seconds in all and in the allocator."""

    jobs: tuple[FinishedJob, ...]
    ticks: int
    seconds: float
    allocator_seconds: float
    violations: int
    solvers: Mapping[str, int]

    @property
    def engine_ms_per_tick(self) -> float:
        """Return the mean milliseconds of a tick outside of the allocator."""
        return (self.seconds - self.allocator_seconds) / self.ticks * 1000


@dataclass(frozen=True, slots=True)
class Started:
    """When a job started, the bound on its wait, both in seconds of the workload, and the audit."""

    start_s: float
    start_by_s: float | None
    ticks: int
    violations: int


@dataclass(slots=True)
class TimedAllocator:
    """Passes on to an allocator, and adds up what it takes."""

    allocate: Allocator
    seconds: float = 0.0
    solvers: Counter[str] = field(default_factory=Counter)

    def __call__(self, snapshot: Snapshot) -> Allocation:
        began = perf_counter()
        allocation = self.allocate(snapshot)
        self.seconds += perf_counter() - began
        self.solvers[f"{allocation.solver} {allocation.status.value}"] += 1
        return allocation


def replay(
    workload: Workload, setup: Setup, tell: Callable[[int], None] = lambda _: None
) -> Replayed:
    """Return what the service would have made of the workload; the same each time.

    `tell` hears how many jobs have ended. Raises RuntimeError when a job can never start, or does
    not end as it should.
    """
    began = perf_counter()
    rig = _Rig(workload, setup)
    while rig.recorder.ended < len(workload.jobs):
        rig.go_on()
        tell(rig.recorder.ended)
    return Replayed(
        jobs=rig.recorder.finished(workload.jobs),
        ticks=rig.ticks,
        seconds=perf_counter() - began,
        allocator_seconds=rig.timed.seconds,
        violations=rig.recorder.violations,
        solvers=dict(rig.timed.solvers),
    )


def replay_until_started(workload: Workload, setup: Setup, job_id: str) -> Started | None:
    """Replay until this job has started, and no further; None when the others stop coming first.

    Raises RuntimeError when a job can never start, or does not end as it should, and StopIteration
    for a job that the workload has not.
    """
    number = next(n for n, job in enumerate(workload.jobs, start=1) if job.job_id == job_id)
    rig = _Rig(workload, setup)
    while rig.is_pressed:
        rig.go_on()
        start_s = rig.recorder.first_start_s(number)
        if start_s is not None:
            start_by_s = rig.recorder.start_by_s(number)
            return Started(start_s, start_by_s, rig.ticks, rig.recorder.violations)
    return None


class _Rig:
    """The engine with a store, a cluster and a clock that the replay moves from event to event."""

    def __init__(self, workload: Workload, setup: Setup) -> None:
        self._workload = workload
        self._setup = setup
        self._coming = list(reversed(workload.jobs))
        self._clock = ManualClock()
        self._store = MemoryStore()
        policy = _found(self._store, workload, setup)
        self._tenant_class = next(iter(policy.policy.classes))
        self._recall = policy.policy.recall
        self._idle_ticks = 0
        nodes = nodes_of(workload.capacity_gpus, setup.node_gpus)
        self._backend = SimulatedBackend([POOL], nodes, self._clock, self._runtime)
        self.timed = TimedAllocator(setup.allocate)
        self.recorder = Recorder(EPOCH)
        self.ticks = 0
        world = World(
            *(self._store, self._backend, self.timed, self._clock),
            LatestView(self._backend.name, policy),
            (self.recorder,),
            fallback=setup.fallback,
        )
        self._engine = Engine(world)

    @property
    def is_pressed(self) -> bool:
        """Say whether jobs are still to come."""
        return bool(self._coming)

    def go_on(self) -> None:
        """Move to the next event, hand in what is submitted by then, and tick."""
        self._clock.advance((self._next() - self._clock.now()).total_seconds())
        due: list[WorkloadJob] = []
        while self._coming and _moment(self._coming[-1]) <= self._clock.now():
            due.append(self._coming.pop())
        self._store.add_jobs([self._request(job) for job in due])
        self._engine.tick()
        self.ticks += 1

    def _next(self) -> datetime:
        now = self._clock.now()
        events = [*self._due(), *(_moment(job) for job in self._coming[-1:])]
        if events:
            self._idle_ticks = 0
            events += self._regular()
        else:
            events.append(self._idle())
        return self._on_grid(max(min(events), now))

    def _due(self) -> Iterator[datetime]:
        """Yield when something happens by itself: an end, a start, or the end of a notice."""
        due = self._backend.due_at()
        if due is not None:
            yield due
        if self._recall.enabled:
            notice = timedelta(seconds=self._recall.notice_s)
            recalled = (job.recall_requested_at for job in self._store.holding())
            yield from (since + notice for since in recalled if since)

    def _regular(self) -> Iterator[datetime]:
        if self._setup.at_least_every_s and self._store.is_anyone_waiting:
            yield self._clock.now() + timedelta(seconds=self._setup.at_least_every_s)

    def _idle(self) -> datetime:
        """Return when to ask again though nothing runs or comes. Raises RuntimeError in the end."""
        self._idle_ticks += 1
        if self._idle_ticks > MOST_IDLE_TICKS:
            waiting = [self._work(job.job_id).job_id for job in self._store.pending()[:5]]
            raise RuntimeError(f"nothing runs, and these jobs are not started: {waiting}")
        return self._clock.now() + timedelta(seconds=IDLE_TICK_S)

    def _on_grid(self, moment: datetime) -> datetime:
        if not self._setup.cycle_s:
            return moment
        cycles = ceil((moment - EPOCH) / timedelta(seconds=self._setup.cycle_s))
        return EPOCH + cycles * timedelta(seconds=self._setup.cycle_s)

    def _request(self, job: WorkloadJob) -> NewJobs:
        tenant_class = self._setup.class_of.get(job.organisation, self._tenant_class)
        tenant = Tenant(tenant_class, job.organisation, "main", job.user)
        nodes = None if self._setup.node_gpus else 1
        request = GpuRequest(job.gpus, nodes=nodes, walltime_s=job.walltime_s)
        script = SCRIPT_OF_RECALLABLE if job.recallable else ""
        spec = JobSpec(job.job_id, script, request, recallable=job.recallable)
        return NewJobs(tenant, job.user, spec, "", "", _moment(job))

    def _work(self, job_id: int) -> WorkloadJob:
        """Return the job behind the store's number: jobs are handed in in their order, from 1."""
        return self._workload.jobs[job_id - 1]

    def _runtime(self, launch: Launch) -> timedelta:
        """Return what is left of the work: a recalled run is kept as far as its signal."""
        spells = self.recorder.spells(launch.job_id)
        kept_s = sum(max(0.0, end - start - self._recall.notice_s) for start, end in spells)
        return timedelta(seconds=max(0.0, self._work(launch.job_id).run_s - kept_s))


def nodes_of(capacity_gpus: int, node_gpus: int) -> Sequence[Node]:
    """Return the cluster's nodes: alike, the last with what is left over; one when 0."""
    sizes = [node_gpus] * (capacity_gpus // node_gpus) if node_gpus else [capacity_gpus]
    if rest := capacity_gpus - sum(sizes):
        sizes.append(rest)
    return [
        Node(f"n{number}", POOL.name, Amount(gpus, gpus * CPUS, gpus * MEMORY_MIB))
        for number, gpus in enumerate(sizes, start=1)
    ]


def _found(store: MemoryStore, workload: Workload, setup: Setup) -> PolicyVersion:
    """Put the policy and the workload's organisations into the store."""
    version = store.apply_policy(policy_version(setup.policy, "replay", EPOCH), expected=0)
    tenant_class = next(iter(version.policy.classes))
    for name in sorted({job.organisation for job in workload.jobs}):
        store.add_organisation(Organisation(name, name, setup.class_of.get(name, tenant_class)))
    return version


def _moment(job: WorkloadJob) -> datetime:
    return EPOCH + timedelta(seconds=job.submit_s)
