"""What jobs in memory that wait for others turn on."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from scheduler.domain.dependencies.rulings import (
    DependentJob,
    Evidence,
    Live,
    Namesake,
    Tally,
    standing_of,
)
from scheduler.domain.dependencies.terms import FoundJobs, NamedJob
from scheduler.domain.jobs import TERMINAL, Job, JobState


def dependent_of(job: Job) -> DependentJob:
    """Return the job as its dependency is judged. Raises ValueError where it has none."""
    if job.spec.dependency is None:
        raise ValueError(f"job {job.job_id} waits for no other")
    return DependentJob(job.job_id, job.tenant, job.spec.name, job.spec.dependency)


def evidence_in(jobs: Mapping[int, Job], dependents: Sequence[DependentJob]) -> Evidence:
    """Return what the jobs that these wait for have come to."""
    terms = (term for job in dependents for term in job.dependency.terms)
    spans = {term.job_ids for term in terms if term.named is not None}
    names = {job.namesake for job in dependents if job.is_singleton}
    return Evidence(
        {span: standing_of(_tally(jobs[job_id]) for job_id in span) for span in spans},
        _live(jobs, names) if names else {},
    )


def _tally(job: Job) -> Tally:
    return Tally(job.state, 1, job.job_id, _begun_at(job))


def _begun_at(job: Job) -> datetime | None:
    has_begun = job.started_at or job.ended_at or job.recalls or job.requeues
    return (job.started_at or job.ended_at or job.changed_at) if has_begun else None


def _live(jobs: Mapping[int, Job], names: set[Namesake]) -> dict[Namesake, Live]:
    found: dict[Namesake, list[Job]] = {name: [] for name in names}
    for job in jobs.values():
        if job.state not in TERMINAL and (name := (job.tenant.user, job.spec.name)) in found:
            found[name].append(job)
    return {
        name: Live(
            tuple(job.job_id for job in live),
            frozenset(job.job_id for job in live if job.state is not JobState.PENDING),
        )
        for name, live in found.items()
    }


def found_in(
    jobs: Mapping[int, Job], names: Collection[NamedJob]
) -> Iterator[tuple[NamedJob, FoundJobs]]:
    """Yield what the names stand for; an array's elements have the ids that follow its number."""
    for name in names:
        elements = list(_elements(jobs, name.number))
        if name.index is None:
            ids = elements or [name.number]
        else:
            ids = [one for one in elements if _index_of(jobs[one]) == name.index]
        if ids and ids[0] in jobs:
            owner = jobs[ids[0]].tenant
            yield name, FoundJobs(owner.organisation, owner.user, range(ids[0], ids[-1] + 1))


def _elements(jobs: Mapping[int, Job], array_id: int) -> Iterator[int]:
    job_id = array_id
    while (job := jobs.get(job_id)) and job.array and job.array.array_id == array_id:
        yield job_id
        job_id += 1


def _index_of(job: Job) -> int | None:
    return job.array.index if job.array else None
