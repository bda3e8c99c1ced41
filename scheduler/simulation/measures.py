"""How good and how fair a schedule was: the figures by which schedulers are compared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from scheduler.domain.shares.fairshare import jain
from scheduler.simulation.finished import FinishedJob, Spell
from scheduler.simulation.fluid import FluidRun, Point, fill, fluid_run, worst_gap

__all__ = ["FinishedJob", "Measures", "Yardstick", "measure"]


@dataclass(frozen=True, slots=True)
class Yardstick:
    """What a schedule is held against.

    `weights` are the organisations' shares, 1 when not named. `slowdown_bound_s` is 10 s by
    custom; divide it as times were compressed. `gang_gpus`: from this size on a job is a big gang.
    An organisation with less than `least_work_part` of all work does not count for the worst rho
    and for Jain's index: a single job of some seconds that ever waited would be all they tell of.
    """

    capacity_gpus: int
    weights: Mapping[str, float] = field(default_factory=dict)
    slowdown_bound_s: float = 10.0
    gang_gpus: int = 16
    least_work_part: float = 0.001


@dataclass(frozen=True, slots=True)
class Measures:
    """The figures of one schedule; times in seconds, `utilisation` and `undelivered` from 0 to 1.

    - `utilisation`: GPU-seconds held ÷ capacity, from the first submission to the last end;
      `busy_utilisation` the same from the first to the last submission, where the tail of the
      last few jobs does not count.
    - `work_lost`: GPU-seconds held beyond the jobs' work ÷ their work: the price of recalls.
    - waits: seconds without the gang; `gang_wait_mean_s` over jobs of `gang_gpus` GPUs or more.
    - slowdowns: bounded, see `FinishedJob.bounded_slowdown`.
    - `rho`: an organisation's GPU-weighted turnaround ÷ the same in the fluid cluster; all
      organisations are in it, and those of `Yardstick.least_work_part` in the next three.
    - `jain`: Jain's index of 1 ÷ rho over organisations: 1 when all are served equally well.
    - `undelivered`: of the GPU-seconds that organisations were entitled to and wanted, the part
      that they did not hold at that time; see `undelivered_part`.
    - `worst_lag_s`: the furthest an organisation's service was ever behind the fluid cluster's,
      in seconds of the whole cluster.
    """

    jobs: int
    utilisation: float
    busy_utilisation: float
    work_lost: float
    wait_mean_s: float
    wait_max_s: float
    gang_wait_mean_s: float
    slowdown_mean: float
    slowdown_p95: float
    slowdown_p99: float
    worst_rho: float
    worst_rho_organisation: str
    jain: float
    undelivered: float
    worst_lag_s: float
    worst_lag_organisation: str
    recalls: int
    rho: Mapping[str, float]
    organisation_slowdown: Mapping[str, float]


def measure(
    jobs: Sequence[FinishedJob], yardstick: Yardstick, fluid: FluidRun | None = None
) -> Measures:
    """Return the figures of a schedule of at least one job; ValueError when there is none.

    `fluid` is `fluid_run` of the same workload, when it is at hand: it is the same for every
    schedule of one workload.
    """
    if not jobs:
        raise ValueError("a schedule without a job cannot be judged")
    fluid = fluid or fluid_run(jobs, yardstick.capacity_gpus, yardstick.weights)
    waits = [job.wait_s for job in jobs]
    slowdowns = sorted(job.bounded_slowdown(yardstick.slowdown_bound_s) for job in jobs)
    rho = rho_by_organisation(jobs, fluid)
    counted = _of_some_work(rho, jobs, yardstick.least_work_part)
    lags = lags_s(jobs, fluid, yardstick.capacity_gpus)
    submits = [job.submit_s for job in jobs]
    span = min(submits), max(job.end_s for job in jobs)
    work = sum(job.gpus * job.run_s for job in jobs)
    return Measures(
        jobs=len(jobs),
        utilisation=utilisation(jobs, yardstick.capacity_gpus, span),
        busy_utilisation=utilisation(jobs, yardstick.capacity_gpus, (span[0], max(submits))),
        work_lost=sum(job.gpus * job.held_s for job in jobs) / work - 1 if work else 0.0,
        wait_mean_s=mean(waits),
        wait_max_s=max(waits),
        gang_wait_mean_s=mean(job.wait_s for job in jobs if job.gpus >= yardstick.gang_gpus),
        slowdown_mean=mean(slowdowns),
        slowdown_p95=percentile(slowdowns, 95),
        slowdown_p99=percentile(slowdowns, 99),
        worst_rho=max(counted.values(), default=1.0),
        worst_rho_organisation=max(counted, key=lambda name: counted[name], default=""),
        jain=jain(1 / value for value in counted.values()),
        undelivered=undelivered_part(jobs, yardstick),
        worst_lag_s=max(lags.values()),
        worst_lag_organisation=max(lags, key=lambda name: lags[name]),
        recalls=sum(job.recalls for job in jobs),
        rho=rho,
        organisation_slowdown=slowdown_by_organisation(jobs, yardstick.slowdown_bound_s),
    )


def mean(values: Iterable[float]) -> float:
    """Return the mean; 0 of nothing."""
    amounts = tuple(values)
    return sum(amounts) / len(amounts) if amounts else 0.0


def percentile(ascending: Sequence[float], percent: float) -> float:
    """Return the value at this percentage of the way, linear between neighbours."""
    place = (len(ascending) - 1) * percent / 100
    below = int(place)
    above = min(below + 1, len(ascending) - 1)
    return ascending[below] + (ascending[above] - ascending[below]) * (place - below)


def utilisation(jobs: Iterable[FinishedJob], capacity_gpus: int, window: Spell) -> float:
    """Return the part of the window's GPU-seconds that gangs held; 0 of an empty window."""
    start_s, end_s = window
    held = sum(
        job.gpus * max(0.0, min(until, end_s) - max(since, start_s))
        for job in jobs
        for since, until in job.held
    )
    return held / (capacity_gpus * (end_s - start_s)) if end_s > start_s else 0.0


def rho_by_organisation(jobs: Iterable[FinishedJob], fluid: FluidRun) -> Mapping[str, float]:
    """Return each organisation's GPU-weighted turnaround ÷ the same in the fluid cluster.

    An organisation whose jobs are no work at all has none: its turnaround in the fluid is 0.
    """
    real: dict[str, float] = defaultdict(float)
    ideal: dict[str, float] = defaultdict(float)
    for job in jobs:
        real[job.organisation] += job.gpus * job.turnaround_s
        ideal[job.organisation] += job.gpus * (fluid.end_s[job.job_id] - job.submit_s)
    return {name: real[name] / ideal[name] for name in real if ideal[name] > 0}


def _of_some_work(
    rho: Mapping[str, float], jobs: Iterable[FinishedJob], least_part: float
) -> Mapping[str, float]:
    """Return the entries of the organisations that have this part of all work."""
    work: dict[str, float] = defaultdict(float)
    for job in jobs:
        work[job.organisation] += job.gpus * job.run_s
    least = least_part * sum(work.values())
    return {name: value for name, value in rho.items() if work[name] >= least}


def slowdown_by_organisation(jobs: Iterable[FinishedJob], bound_s: float) -> Mapping[str, float]:
    """Return each organisation's mean bounded slowdown."""
    found: dict[str, list[float]] = defaultdict(list)
    for job in jobs:
        found[job.organisation].append(job.bounded_slowdown(bound_s))
    return {name: mean(values) for name, values in found.items()}


def lags_s(jobs: Iterable[FinishedJob], fluid: FluidRun, capacity_gpus: int) -> Mapping[str, float]:
    """Return how far each organisation was ever behind the fluid, in whole-cluster seconds."""
    delivered = service_curves(jobs)
    return {
        name: worst_gap(points, delivered[name]) / capacity_gpus
        for name, points in fluid.service.items()
    }


def service_curves(jobs: Iterable[FinishedJob]) -> Mapping[str, tuple[Point, ...]]:
    """Return the GPU-seconds that each organisation had held by then, linear between points."""
    changes: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for job in jobs:
        for start_s, end_s in job.held:
            changes[job.organisation] += [(start_s, job.gpus), (end_s, -job.gpus)]
    return {name: tuple(_integrated(found)) for name, found in changes.items()}


def _integrated(changes: list[tuple[float, int]]) -> Iterator[Point]:
    changes.sort()
    served, gpus, last_s = 0.0, 0, changes[0][0]
    for at_s, change in changes:
        if at_s > last_s:
            yield last_s, served
            served += gpus * (at_s - last_s)
            last_s = at_s
        gpus += change
    yield last_s, served


def undelivered_part(jobs: Iterable[FinishedJob], yardstick: Yardstick) -> float:
    """Return the part of the entitled and wanted service that was not delivered when it was due.

    What an organisation holds less than its entitlement of that moment, see `standings`, is
    undelivered: the sum over time and organisations, divided by all that was entitled.
    """
    entitled_all = missed_all = 0.0
    for standing in standings(jobs, yardstick):
        held, seconds = standing.held_gpus, standing.end_s - standing.start_s
        missed = sum(max(0.0, gpus - held[name]) for name, gpus in standing.entitled_gpus.items())
        entitled_all += sum(standing.entitled_gpus.values()) * seconds
        missed_all += missed * seconds
    return missed_all / entitled_all if entitled_all else 0.0


@dataclass(slots=True)
class Standing:
    """Who is entitled to what and holds what from one moment to the next."""

    start_s: float
    end_s: float
    entitled_gpus: Mapping[str, float]
    held_gpus: Mapping[str, float]


def standings(jobs: Iterable[FinishedJob], yardstick: Yardstick) -> Iterator[Standing]:
    """Yield the spans of time in which nobody's wishes change, while anybody wants anything.

    At each moment an organisation wants the GPUs of its jobs that are submitted and not ended; it
    is entitled to its part of the capacity filled, weighted max-min, over what all want. The
    mappings are the same objects at each step: read them before the next.
    """
    wanted: dict[str, float] = {}
    held: dict[str, float] = defaultdict(float)
    for (at_s, changes), (next_s, _) in pairwise([*_changes(jobs), (0.0, ())]):
        for organisation, wants, holds in changes:
            wanted[organisation] = wanted.get(organisation, 0) + wants
            held[organisation] += holds
            if not wanted[organisation]:
                del wanted[organisation]
        if wanted:
            entitled = fill(yardstick.capacity_gpus, wanted, yardstick.weights)
            yield Standing(at_s, next_s, entitled, held)


_Change = tuple[str, int, int]  # organisation, GPUs wanted more, GPUs held more


def _changes(jobs: Iterable[FinishedJob]) -> Iterator[tuple[float, Sequence[_Change]]]:
    """Yield the moments at which somebody wants or holds something else, in their order."""
    found: dict[float, list[_Change]] = defaultdict(list)
    for job in jobs:
        found[job.submit_s].append((job.organisation, job.gpus, 0))
        found[job.end_s].append((job.organisation, -job.gpus, 0))
        for start_s, end_s in job.held:
            found[start_s].append((job.organisation, 0, job.gpus))
            found[end_s].append((job.organisation, 0, -job.gpus))
    return iter(sorted(found.items()))
