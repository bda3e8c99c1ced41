"""One waiting job with a changed request: where it suits, and whether a cycle then starts it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from scheduler.allocator.shapes import Progress
from scheduler.domain.jobs import PendingJob
from scheduler.domain.placement import SuitedGroup, suited
from scheduler.domain.queue import JobGroup, grouped, jobs_of
from scheduler.domain.requests import GpuRequest
from scheduler.domain.snapshot import Snapshot

# How a cycle on the snapshot ends, by the allocator in use.
EndOf = Callable[[Snapshot], Progress]


def suited_with(
    snapshot: Snapshot, group: JobGroup, requests: Iterable[GpuRequest]
) -> tuple[SuitedGroup, ...]:
    """Return the group of one job as it would be with each of these requests."""
    [job] = group.jobs
    groups = (
        replace(group, request=request, jobs=(replace(job, request=request),))
        for request in requests
    )
    return suited(replace(snapshot, queue=tuple(groups)))


def is_seen_to_start(
    snapshot: Snapshot, job: PendingJob, request: GpuRequest, anew_at: datetime, end_of: EndOf
) -> bool:
    """Say whether the job with this request starts in a whole cycle on the snapshot.

    It must with its wait as it is, and as one submitted at that time: whoever follows the advice
    submits it anew.
    """
    anew = PendingJob(job.job_id, job.tenant, request, anew_at, job.array)
    both = replace(job, request=request), anew
    return all(job.job_id in end_of(_with(snapshot, one)).started_ids for one in both)


def _with(snapshot: Snapshot, changed: PendingJob) -> Snapshot:
    """Return the snapshot with the job changed, grouped as the engine groups."""
    own = (group for group in snapshot.queue if group.tenant == changed.tenant)
    others = (group for group in snapshot.queue if group.tenant != changed.tenant)
    left = (other for other in jobs_of(own) if other.job_id != changed.job_id)
    groups = (*others, *grouped([*left, changed]))
    return replace(snapshot, queue=tuple(sorted(groups, key=lambda group: group.oldest)))
