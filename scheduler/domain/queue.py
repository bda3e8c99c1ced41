"""The pending jobs as groups of alike jobs, kept from cycle to cycle."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from scheduler.domain.jobs import ArrayPlace, PendingJob
from scheduler.domain.policies import OwnJobs
from scheduler.domain.requests import GpuRequest
from scheduler.domain.tenants import Tenant


@dataclass(frozen=True)  # with slots nothing could be cached
class JobGroup:
    """Pending jobs of one user that ask for the same, oldest first; never empty.

    `array` is set when the array limits how many of its elements may run at once.
    """

    tenant: Tenant
    request: GpuRequest
    jobs: tuple[PendingJob, ...]
    array: ArrayPlace | None = None

    @cached_property
    def job_ids(self) -> tuple[int, ...]:
        """Return the jobs' numbers: each cycle tells of all that wait, and most groups stay."""
        return tuple(job.job_id for job in self.jobs)

    @property
    def oldest(self) -> tuple[datetime, int]:
        """Return what groups are ordered by when nothing else tells them apart."""
        return age_of(self.jobs[0])


def age_of(job: PendingJob) -> tuple[datetime, int]:
    """Return what jobs are ordered by when nothing else tells them apart."""
    return job.submitted_at, job.job_id


def own_order(job: PendingJob, own_jobs: OwnJobs) -> tuple[float, ...]:
    """Return what the policy orders one user's own jobs by: who comes first has the least."""
    age = job.submitted_at.timestamp(), job.job_id
    return (job.request.walltime_s, *age) if own_jobs is OwnJobs.SHORTEST else age


class PendingQueue:
    """Groups that change by what comes and goes, so that a cycle costs shapes and not jobs.

    Adding and removing a job costs the same in a short and in a long queue; a group is built anew
    only when it was touched since `groups` was asked last.
    """

    def __init__(self, jobs: Iterable[PendingJob] = ()) -> None:
        self._members: dict[Hashable, dict[int, PendingJob]] = {}
        self._key_of: dict[int, Hashable] = {}
        self._built: dict[Hashable, JobGroup] = {}
        for job in jobs:
            self.add(job)

    def __len__(self) -> int:
        return len(self._key_of)

    def __contains__(self, job_id: int) -> bool:
        return job_id in self._key_of

    def __getitem__(self, job_id: int) -> PendingJob:
        return self._members[self._key_of[job_id]][job_id]

    def add(self, job: PendingJob) -> None:
        """Take a job in, in place of an older version of it."""
        self.discard(job.job_id)
        key = (job.tenant, job.request, _limited_array(job))
        self._key_of[job.job_id] = key
        self._members.setdefault(key, {})[job.job_id] = job
        self._built.pop(key, None)

    def discard(self, job_id: int) -> None:
        """Let a job go; one that is not here changes nothing."""
        key = self._key_of.pop(job_id, None)
        if key is None:
            return
        members = self._members[key]
        del members[job_id]
        if not members:
            del self._members[key]
        self._built.pop(key, None)

    def groups(self) -> tuple[JobGroup, ...]:
        """Return the groups, the one with the oldest job first."""
        for key, members in self._members.items():
            if key not in self._built:
                self._built[key] = _group(members)
        return tuple(sorted(self._built.values(), key=lambda group: group.oldest))


def grouped(jobs: Iterable[PendingJob]) -> tuple[JobGroup, ...]:
    """Return the jobs as groups, the group with the oldest job first."""
    return PendingQueue(jobs).groups()


def without(
    groups: Iterable[JobGroup], job_ids: Set[int]
) -> tuple[tuple[JobGroup, ...], Mapping[int, PendingJob]]:
    """Return the groups without these jobs, in their new order, and the jobs by number."""
    left: list[JobGroup] = []
    gone: dict[int, PendingJob] = {}
    for group in groups:
        going = {job.job_id: job for job in group.jobs if job.job_id in job_ids}
        gone.update(going)
        if not going:
            left.append(group)
        elif len(going) < len(group.jobs):
            staying = tuple(job for job in group.jobs if job.job_id not in going)
            left.append(replace(group, jobs=staying))
    return tuple(sorted(left, key=lambda group: group.oldest)), gone


def jobs_of(groups: Iterable[JobGroup]) -> Iterator[PendingJob]:
    """Yield every job, group by group."""
    for group in groups:
        yield from group.jobs


def _group(members: Mapping[int, PendingJob]) -> JobGroup:
    jobs = tuple(sorted(members.values(), key=age_of))
    first = jobs[0]
    return JobGroup(
        first.tenant, first.request, jobs, first.array if _limited_array(first) else None
    )


def _limited_array(job: PendingJob) -> tuple[int, int] | None:
    return (job.array.array_id, job.array.limit) if job.array and job.array.limit else None
