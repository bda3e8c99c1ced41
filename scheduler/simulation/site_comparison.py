"""Two schedules of one site side by side: what each organisation gained or lost by the policy."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from scheduler.domain.shares.fairshare import jain
from scheduler.simulation.measures import percentile
from scheduler.simulation.site import Site, SiteJob
from scheduler.simulation.site_replay import Fate, SiteSchedule

HOUR_S = 3600.0
# What two schedules may differ by without anybody having gained or lost.
SAME_PART = 0.02
SAME_GPU_HOURS = 1.0
# An organisation with less of all work tells nothing about fairness: it may be one short job.
LEAST_WORK_PART = 0.001


class Change(StrEnum):
    """What the new policy does to an organisation, in GPU-hours, waits and refusals."""

    GAINS = "gains"
    LOSES = "loses"
    MIXED = "mixed"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Fared:
    """How an organisation fared in the window; waits are of its jobs that came in it.

    `waiting` are jobs that had not started by the end: their waits are counted until then.
    """

    jobs: int
    gpu_hours: float
    wait_median_s: float
    wait_p95_s: float
    recalls: int
    refusals: int
    waiting: int


@dataclass(frozen=True, slots=True)
class OrganisationFare:
    """An organisation under the old and the new policy."""

    organisation: str
    tenant_class: str
    old: Fared
    new: Fared
    change: Change


@dataclass(frozen=True, slots=True)
class Whole:
    """The cluster under a policy.

    `jain` is Jain's index over what organisations got of what they wanted: GPU-seconds held, of
    those that they had held had nobody ever waited.
    """

    utilisation: float
    jain: float
    recalls: int
    refusals: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """All organisations that wanted anything, by class and name, and the cluster."""

    organisations: tuple[OrganisationFare, ...]
    old: Whole
    new: Whole


def compared(site: Site, old: SiteSchedule, new: SiteSchedule, cycle_s: float) -> Comparison:
    """Return what the policies made of the same jobs; times shorter than a cycle do not differ."""
    before, after = _tallies(site, old), _tallies(site, new)
    places = {job.tenant.organisation: job.tenant.tenant_class for job in site.jobs}
    fares = []
    for name, tenant_class in sorted(places.items(), key=lambda place: (place[1], place[0])):
        pair = before[name].fared(), after[name].fared()
        fares.append(OrganisationFare(name, tenant_class, *pair, change_of(*pair, cycle_s)))
    return Comparison(tuple(fares), _whole(site, before), _whole(site, after))


def change_of(old: Fared, new: Fared, cycle_s: float) -> Change:
    """Return who is better off, where the two differ by more than chance would.

    Waits are compared where as many jobs are refused: those that nobody takes do not wait.
    """
    gains = [_gain(old.gpu_hours, new.gpu_hours, SAME_GPU_HOURS), old.refusals - new.refusals]
    if old.refusals == new.refusals:
        least_s = max(60.0, cycle_s)
        gains += [
            -_gain(old.wait_median_s, new.wait_median_s, least_s),
            -_gain(old.wait_p95_s, new.wait_p95_s, least_s),
        ]
    better, worse = any(gain > 0 for gain in gains), any(gain < 0 for gain in gains)
    if better and worse:
        return Change.MIXED
    return Change.GAINS if better else Change.LOSES if worse else Change.SAME


def _gain(old: float, new: float, least: float) -> float:
    """Return how much more it is; 0 where that is little."""
    return new - old if abs(new - old) > max(least, SAME_PART * max(old, new)) else 0.0


@dataclass(slots=True)
class _Tally:
    waits_s: list[float] = field(default_factory=list)
    held_gpu_s: float = 0.0
    wanted_gpu_s: float = 0.0
    jobs: int = 0
    recalls: int = 0
    refusals: int = 0
    waiting: int = 0

    def count(self, job: SiteJob, fate: Fate, window_s: float) -> None:
        gpus = job.request.total_gpus
        held_s = sum(end_s - start_s for start_s, end_s in fate.spells)
        until_s = fate.left_s if fate.left_s is not None else window_s
        self.held_gpu_s += gpus * held_s
        self.wanted_gpu_s += gpus * _wanted_s(job, window_s)
        self.recalls += fate.recalls
        self.refusals += fate.refused
        if job.came_before:
            return
        self.jobs += 1
        if not fate.refused:
            self.waits_s.append(max(0.0, until_s - job.submit_s - held_s))
            self.waiting += not fate.spells and fate.left_s is None

    def fared(self) -> Fared:
        waits = sorted(self.waits_s) or [0.0]
        return Fared(
            *(self.jobs, self.held_gpu_s / HOUR_S, percentile(waits, 50), percentile(waits, 95)),
            *(self.recalls, self.refusals, self.waiting),
        )


def _wanted_s(job: SiteJob, window_s: float) -> float:
    until_s = window_s if job.leaves_s is None else min(window_s, job.leaves_s)
    return max(0.0, min(job.run_s, until_s - job.submit_s))


def _tallies(site: Site, schedule: SiteSchedule) -> Mapping[str, _Tally]:
    found: defaultdict[str, _Tally] = defaultdict(_Tally)
    for job, fate in zip(site.jobs, schedule.fates, strict=True):
        found[job.tenant.organisation].count(job, fate, site.window_s)
    return found


def _whole(site: Site, tallies: Mapping[str, _Tally]) -> Whole:
    all_ = tallies.values()
    return Whole(
        utilisation=sum(one.held_gpu_s for one in all_) / (site.capacity_gpus * site.window_s),
        jain=jain(_served(all_)),
        recalls=sum(one.recalls for one in all_),
        refusals=sum(one.refusals for one in all_),
        waiting=sum(one.waiting for one in all_),
    )


def _served(tallies: Iterable[_Tally]) -> Iterator[float]:
    wanting = [one for one in tallies if one.wanted_gpu_s > 0]
    least = LEAST_WORK_PART * sum(one.wanted_gpu_s for one in wanting)
    return (one.held_gpu_s / one.wanted_gpu_s for one in wanting if one.wanted_gpu_s >= least)


def held_by_organisation(
    jobs: Sequence[SiteJob], schedule: SiteSchedule
) -> Mapping[str, Sequence[tuple[float, float, int]]]:
    """Return when each organisation held how many GPUs: from, to, GPUs; for pictures."""
    found: defaultdict[str, list[tuple[float, float, int]]] = defaultdict(list)
    for job, fate in zip(jobs, schedule.fates, strict=True):
        gpus = job.request.total_gpus
        found[job.tenant.organisation] += [(start, end, gpus) for start, end in fate.spells]
    return found
