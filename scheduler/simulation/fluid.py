"""The fluid cluster: what every organisation would get if GPUs could be divided at will."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from math import inf

from scheduler.simulation.finished import FinishedJob

Point = tuple[float, float]  # seconds, GPU-seconds served until then


@dataclass(frozen=True, slots=True)
class FluidRun:
    """When each job would end, and each organisation's service, linear between its points."""

    end_s: Mapping[str, float]
    service: Mapping[str, tuple[Point, ...]]


def fill(
    capacity: float, demands: Mapping[str, float], weights: Mapping[str, float]
) -> Mapping[str, float]:
    """Return the weighted max-min fair amounts: min(demand, weight × level); weight 1 if not named.

    `domain.fairshare.water_fill` is the exact one, in fractions; a replay needs a quick one.
    """
    if sum(demands.values()) <= capacity:
        return demands
    turns = sorted((demand / weights.get(name, 1.0), name) for name, demand in demands.items())
    left, weight = capacity, sum(weights.get(name, 1.0) for _, name in turns)
    amounts: dict[str, float] = {}
    for turn, name in turns:
        own = weights.get(name, 1.0)
        amounts[name] = demands[name] if turn * weight <= left else own * left / weight
        left, weight = left - amounts[name], weight - own
    return amounts


@dataclass(slots=True)
class _Tenant:
    """An organisation in the fluid: all its jobs run at one speed, so one progress counts for all.

    A job ends when the progress has grown by its `run_s` since its submission.
    """

    demand_gpus: float = 0.0
    speed: float = 1.0
    progress_s: float = 0.0
    served: float = 0.0
    due: list[tuple[float, str, int]] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)

    def ends_in_s(self) -> float:
        return (self.due[0][0] - self.progress_s) / self.speed

    def move(self, seconds: float) -> None:
        self.progress_s += seconds * self.speed
        self.served += seconds * self.speed * self.demand_gpus

    def add(self, job: FinishedJob) -> None:
        heappush(self.due, (self.progress_s + job.run_s, job.job_id, job.gpus))
        self.demand_gpus += job.gpus

    def end_one(self) -> str:
        progress_s, job_id, gpus = heappop(self.due)
        self.progress_s = max(self.progress_s, progress_s)
        self.demand_gpus -= gpus
        return job_id


def fluid_run(
    jobs: Iterable[FinishedJob], capacity_gpus: float, weights: Mapping[str, float] | None = None
) -> FluidRun:
    """Return the fluid schedule of the jobs' submissions, sizes and work; their times do not count.

    At every moment the capacity is filled, weighted max-min, over the organisations' demands
    (the GPUs of all their unfinished jobs, gangs cut at will); within an organisation every job
    runs at the same part of its full speed. Exact: it goes from event to event.
    """
    fluid = _Fluid(capacity_gpus, weights or {})
    for job in sorted(jobs, key=lambda job: (job.submit_s, job.job_id)):
        fluid.run_until(job.submit_s)
        fluid.submit(job)
    fluid.run_until(inf)
    return FluidRun(fluid.end_s, {name: tuple(one.points) for name, one in fluid.tenants.items()})


class _Fluid:
    """The running fluid: `active` are the organisations with unfinished jobs."""

    def __init__(self, capacity_gpus: float, weights: Mapping[str, float]) -> None:
        self._capacity = capacity_gpus
        self._weights = weights
        self._now_s = 0.0
        self._active: dict[str, _Tenant] = {}
        self.tenants: dict[str, _Tenant] = {}
        self.end_s: dict[str, float] = {}

    def submit(self, job: FinishedJob) -> None:
        tenant = self.tenants.setdefault(job.organisation, _Tenant())
        tenant.add(job)
        self._active[job.organisation] = tenant
        self._refill()

    def run_until(self, moment_s: float) -> None:
        """Let everything happen that is due until then; the end of time when it is infinite."""
        while self._active:
            first = min(self._active, key=lambda name: self._active[name].ends_in_s())
            in_s = max(0.0, self._active[first].ends_in_s())
            if self._now_s + in_s > moment_s:
                break
            self._move(in_s)
            self.end_s[self._active[first].end_one()] = self._now_s
            if not self._active[first].due:
                self._rest(first)
            self._refill()
        if moment_s != inf:
            self._move(moment_s - self._now_s)
            self._now_s = moment_s

    def _move(self, seconds: float) -> None:
        for tenant in self._active.values():
            tenant.move(seconds)
        self._now_s += seconds

    def _rest(self, name: str) -> None:
        tenant = self._active.pop(name)
        tenant.points.append((self._now_s, tenant.served))

    def _refill(self) -> None:
        """Set the speeds anew; a point is kept where an organisation's rate may have changed."""
        demands = {name: tenant.demand_gpus for name, tenant in self._active.items()}
        for name, gpus in fill(self._capacity, demands, self._weights).items():
            tenant = self._active[name]
            tenant.speed = gpus / tenant.demand_gpus
            if not tenant.points or tenant.points[-1] != (self._now_s, tenant.served):
                tenant.points.append((self._now_s, tenant.served))


def worst_gap(ahead: Sequence[Point], behind: Sequence[Point]) -> float:
    """Return the most by which one piecewise linear curve is ahead of another; at least 0.

    Both begin at 0 before their first point and stay level after their last one, so the gap is
    greatest at a point of either.
    """
    moments = sorted({at for at, _ in ahead} | {at for at, _ in behind})
    ours, theirs = _values_at(ahead, moments), _values_at(behind, moments)
    return max((a - b for a, b in zip(ours, theirs, strict=True)), default=0.0)


def _values_at(curve: Sequence[Point], moments: Sequence[float]) -> Iterable[float]:
    """Yield the curve's values at these moments, which come in order."""
    after = 0
    for moment in moments:
        while after < len(curve) and curve[after][0] <= moment:
            after += 1
        yield _between(curve, after, moment)


def _between(curve: Sequence[Point], after: int, moment: float) -> float:
    if after == 0:
        return 0.0
    start_s, start = curve[after - 1]
    if after == len(curve):
        return start
    end_s, end = curve[after]
    return start + (end - start) * (moment - start_s) / (end_s - start_s)
