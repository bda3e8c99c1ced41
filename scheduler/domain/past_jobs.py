"""Jobs of the past, as much of them as a simulation of other policies has to know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from scheduler.domain.jobs import TERMINAL, ArrayPlace, Job, JobState
from scheduler.domain.requests import GpuRequest
from scheduler.domain.tenants import Tenant


@dataclass(frozen=True, slots=True)
class PastJob:
    """A job that was submitted, whatever became of it.

    `ready_at` is since when it waited for its turn: a hold of its user's, or other jobs that it
    waited for, are over by then. `started_at` and `ended_at` tell of its last run, as far as there
    was one; a job that was taken back before it ran ended without a start.
    """

    job_id: int
    tenant: Tenant
    request: GpuRequest
    ready_at: datetime
    recallable: bool = False
    array: ArrayPlace | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PastJobQuery:
    """Which past jobs: those that waited or ran at some time from `since` on, by job_id."""

    since: datetime
    after_job_id: int
    limit: int


def past_job_of(job: Job) -> PastJob | None:
    """Return what a simulation has to know of the job.

    None for one that its user still keeps back, and for one that the cluster refused: neither ever
    waited for its turn.
    """
    never_ran = job.started_at is None and job.state is not JobState.CANCELLED
    if (job.state in TERMINAL and never_ran) or (
        job.state is JobState.PENDING and not job.is_considered
    ):
        return None
    ran_before = job.recalls > 0 or job.requeues > 0
    since = job.submitted_at if ran_before else job.waits_since or job.submitted_at
    return PastJob(
        *(job.job_id, job.tenant, job.spec.request, since),
        recallable=job.spec.recallable,
        array=job.array,
        started_at=job.started_at,
        ended_at=job.ended_at,
    )
