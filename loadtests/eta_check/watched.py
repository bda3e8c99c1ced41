"""Runs a workload through the service's engine and notes each estimate beside the start it told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from time import perf_counter

from scheduler.domain.decisions import Allocation
from scheduler.domain.estimates import JobSize, StartEstimate, size_of
from scheduler.domain.snapshot import Snapshot
from scheduler.domain.tenants import Tenant
from scheduler.forecast.forecaster import MOST_FOLLOWED, Forecaster
from scheduler.forecast.scene import Scene
from scheduler.ports import Allocator
from scheduler.simulation.replay import POLICY, Setup, replay
from scheduler.simulation.workload import Workload

CLASSES = ("agencies", "startups", "students", "universities")
# A run past its walltime ends soon: Slurm's grace is half a minute, its look another.
OVERRUN_S = 60.0
LARGE_ORGANISATION, SMALL_ORGANISATION = 0.1, 0.01
Tell = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Judged:
    """One job that waited: its wait from the estimate on, what was told, what walltimes tell."""

    tenant_class: str
    organisation_size: str
    size: JobSize
    wait_s: float
    p50_s: float
    p90_s: float
    by_walltimes_s: float

    @property
    def is_within_p50(self) -> bool:
        return self.wait_s <= self.p50_s

    @property
    def is_within_p90(self) -> bool:
        return self.wait_s <= self.p90_s


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a replay showed: who waited, how many others started at once, and what it cost.

    `judged` are the estimates that each job was told first, `anew` those that it was told later.
    """

    judged: tuple[Judged, ...]
    at_once: Mapping[str, int]
    forecast_ms: float
    longest_forecast_ms: float
    anew: tuple[Judged, ...] = ()


@dataclass(frozen=True, slots=True)
class _Told:
    """An estimate, for whom, and what walltimes told at the same moment."""

    estimate: StartEstimate
    tenant: Tenant
    size: JobSize
    by_walltimes_s: float


@dataclass(slots=True)
class Watched:
    """An allocator whose every cycle a forecaster sees, too."""

    allocate: Allocator
    forecaster: Forecaster = field(default_factory=Forecaster)
    told: dict[int, list[_Told]] = field(default_factory=dict)
    started: dict[int, datetime] = field(default_factory=dict)
    tenants: dict[int, Tenant] = field(default_factory=dict)
    costs_s: list[float] = field(default_factory=list)

    def __call__(self, snapshot: Snapshot) -> Allocation:
        allocation = self.allocate(snapshot)
        began = perf_counter()
        estimates = self.forecaster.saw(snapshot, allocation)
        self.costs_s.append(perf_counter() - began)
        self._note(snapshot, allocation, estimates)
        return allocation

    def _note(
        self, snapshot: Snapshot, allocation: Allocation, estimates: tuple[StartEstimate, ...]
    ) -> None:
        queue = {job.job_id: job for job in snapshot.pending}
        for start in allocation.starts:
            self.started.setdefault(start.job_id, snapshot.taken_at)
            self.tenants[start.job_id] = queue[start.job_id].tenant
        if not estimates:
            return
        naive_s = by_walltimes(snapshot, allocation, [one.job_id for one in estimates])
        capacity_gpus = sum(snapshot.capacity_gpus().values())
        for one in estimates:
            job = queue[one.job_id]
            size = size_of(job.request.total_gpus, capacity_gpus)
            told = _Told(one, job.tenant, size, naive_s[one.job_id])
            self.told.setdefault(one.job_id, []).append(told)


def by_walltimes(
    snapshot: Snapshot, allocation: Allocation, wanted: list[int]
) -> Mapping[int, float]:
    """Return the waits if every job used its whole walltime, as a planner of walltimes tells."""
    course = Scene(snapshot, allocation.starts).course(
        lambda _, walltime_s, elapsed_s, __: max(walltime_s, elapsed_s + OVERRUN_S)
    )
    return course.starts_s(wanted, MOST_FOLLOWED)


def dealt(organisations: set[str]) -> Mapping[str, str]:
    """Deal the organisations, which traces put in no class, to the classes one by one by name."""
    names = enumerate(sorted(organisations))
    return {name: CLASSES[number % len(CLASSES)] for number, name in names}


def run(workload: Workload, allocate: Allocator, cycle_s: float, tell: Tell) -> Outcome:
    """Replay the workload and return what came of every estimate."""
    watched = Watched(allocate)
    classes = "".join(f"[classes.{name}]\n" for name in CLASSES)
    setup = Setup(
        watched,
        policy=POLICY.replace("[classes.all]\n", classes),
        cycle_s=cycle_s,
        class_of=dealt({job.organisation for job in workload.jobs}),
    )
    replay(workload, setup, tell)
    return _outcome(watched, workload)


def _outcome(watched: Watched, workload: Workload) -> Outcome:
    parts = _organisation_sizes(workload)
    firsts = (told[0] for told in watched.told.values())
    later = (one for told in watched.told.values() for one in told[1:])
    judged, anew = (
        tuple(_judged(one, watched, parts[one.tenant.organisation]) for one in told)
        for told in (firsts, later)
    )
    at_once = Counter(
        tenant.tenant_class
        for job_id, tenant in watched.tenants.items()
        if job_id not in watched.told
    )
    costs_ms = [cost_s * 1000 for cost_s in watched.costs_s]
    return Outcome(judged, at_once, sum(costs_ms) / len(costs_ms), max(costs_ms), anew)


def _judged(told: _Told, watched: Watched, organisation_size: str) -> Judged:
    one = told.estimate
    return Judged(
        *(told.tenant.tenant_class, organisation_size, told.size),
        wait_s=(watched.started[one.job_id] - one.made_at).total_seconds(),
        p50_s=(one.p50 - one.made_at).total_seconds(),
        p90_s=(one.p90 - one.made_at).total_seconds(),
        by_walltimes_s=told.by_walltimes_s,
    )


def _organisation_sizes(workload: Workload) -> Mapping[str, str]:
    """Name each organisation's part of all work."""
    work: Counter[str] = Counter()
    for job in workload.jobs:
        work[job.organisation] += round(job.gpus * job.run_s)
    total = max(1, work.total())
    return {name: _size_name(seconds / total) for name, seconds in work.items()}


def _size_name(part: float) -> str:
    if part >= LARGE_ORGANISATION:
        return ">= 10 % of the work"
    return "1-10 % of the work" if part >= SMALL_ORGANISATION else "< 1 % of the work"
