"""A site as a simulation of its policies sees it: its machines, and the jobs of some weeks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from scheduler.domain.jobs import ArrayPlace
from scheduler.domain.past_jobs import PastJob
from scheduler.domain.requests import GpuRequest
from scheduler.domain.resources import Node, Pool
from scheduler.domain.tenants import Tenant


@dataclass(frozen=True, slots=True)
class SiteJob:
    """A job of the window; its times are seconds from the window's beginning.

    `run_s` is its work, unknown to the scheduler. `leaves_s` is when its user took it back,
    wherever it stood; None: never. One that `came_before` the window is part of the load, but its
    wait is not told.
    """

    job_id: int
    tenant: Tenant
    request: GpuRequest
    submit_s: float
    run_s: float
    recallable: bool = False
    array: ArrayPlace | None = None
    leaves_s: float | None = None
    came_before: bool = False


@dataclass(frozen=True, slots=True)
class Site:
    """Pools, nodes, every organisation's class, and jobs in the order of their submission."""

    pools: tuple[Pool, ...]
    nodes: tuple[Node, ...]
    organisations: Mapping[str, str]
    jobs: tuple[SiteJob, ...]
    window_s: float
    default_mib_per_cpu: int = 4096

    @property
    def capacity_gpus(self) -> int:
        return sum(node.capacity.gpus for node in self.nodes if node.available)


@dataclass(slots=True)
class Told:
    """What was made up where the history does not say it: jobs whose work is their walltime."""

    unended: int = 0
    jobs: list[SiteJob] = field(default_factory=list)


def jobs_of_window(past: Iterable[PastJob], since: datetime, until: datetime) -> Told:
    """Return past jobs as the load of the window, in the order of their submission.

    A job that has not ended by `until` is taken to use its whole walltime. What ran as the window
    began comes at its beginning, with what was left of its run.
    """
    told = Told()
    for job in past:
        if job.ready_at < until and (job.ended_at is None or job.ended_at > since):
            told.unended += job.ended_at is None and job.ready_at >= since
            told.jobs.append(_in_window(job, since))
    told.jobs.sort(key=lambda job: (job.submit_s, job.job_id))
    return told


def _in_window(job: PastJob, since: datetime) -> SiteJob:
    came_before = job.ready_at < since
    run_s, leaves_s = float(job.request.walltime_s), None
    if job.started_at and job.ended_at:
        began = max(job.started_at, since) if came_before else job.started_at
        run_s = min(run_s, (job.ended_at - began).total_seconds())
    elif job.ended_at:
        leaves_s = _seconds(job.ended_at - since)
    return SiteJob(
        *(job.job_id, job.tenant, job.request),
        submit_s=max(0.0, _seconds(job.ready_at - since)),
        run_s=max(0.0, run_s),
        recallable=job.recallable,
        array=job.array,
        leaves_s=leaves_s,
        came_before=came_before,
    )


def submissions(jobs: Sequence[SiteJob]) -> Iterator[tuple[SiteJob, ...]]:
    """Yield the jobs by what was handed in together: an array's elements, or one job."""
    together: list[SiteJob] = []
    for job in jobs:
        if together and not _same_array(together[-1], job):
            yield tuple(together)
            together = []
        together.append(job)
    if together:
        yield tuple(together)


def _same_array(one: SiteJob, other: SiteJob) -> bool:
    if one.array is None or other.array is None or one.submit_s != other.submit_s:
        return False
    return one.array.array_id == other.array.array_id


def _seconds(span: timedelta) -> float:
    return span.total_seconds()
