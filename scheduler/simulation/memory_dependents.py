"""What jobs in memory that wait for others turn on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from scheduler.domain.jobs import TERMINAL, Job, JobState
from scheduler.domain.rulings import (
    DependentJob,
    Evidence,
    Live,
    Namesake,
    Tally,
    standing_of,
)


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
    has_begun = job.started_at or job.ended_at or job.recalls
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
