"""Builders of what the store takes: requests, and jobs on their way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from scheduler.domain.decisions import Allocation, Decision, Recall, SolverStatus, Start
from scheduler.domain.jobs import Job, JobSpec, JobState
from scheduler.domain.records import CycleRecord, NewJobs, Transition
from scheduler.domain.tenants import Tenant
from scheduler.ports import JobStore
from tests.build import NOON, a_placement, a_spec, a_tenant, at


def a_new(
    request_id: str = "",
    *,
    tenant: Tenant | None = None,
    spec: JobSpec | None = None,
    indices: Sequence[int] = (),
    max_pending: int | None = None,
    submitted_at: datetime = NOON,
) -> NewJobs:
    """Return an accepted request; its fingerprint is told by its spec."""
    spec = spec or a_spec()
    return NewJobs(
        tenant=tenant or a_tenant(),
        unix_account="ada",
        spec=spec,
        request_id=request_id,
        fingerprint=f"{hash((spec, tuple(indices))):x}",
        submitted_at=submitted_at,
        array_indices=tuple(indices),
        max_pending_jobs=max_pending,
    )


def add(store: JobStore, new: NewJobs | None = None) -> Job:
    """Store one request and return its first job."""
    (jobs,) = store.add_jobs([new or a_new()])
    assert isinstance(jobs, tuple), jobs
    return jobs[0]


def decide(
    store: JobStore, *decisions: Decision, taken_at: datetime = NOON, epoch: int = 0
) -> CycleRecord:
    """Record the next cycle with these decisions."""
    allocation = Allocation(decisions, "by hand", SolverStatus.OPTIMAL)
    record = CycleRecord(store.last_cycle() + 1, taken_at, 1, allocation, epoch=epoch)
    store.record_cycle(record)
    return record


def start(store: JobStore, job: Job, *, gpus: int = 2, seconds: float = 10, epoch: int = 0) -> Job:
    """Let a cycle start the job on one node, `seconds` after noon."""
    decide(store, Start(job.job_id, a_placement(gpus)), taken_at=at(seconds), epoch=epoch)
    return store.job(job.job_id)


def recall(store: JobStore, job: Job, seconds: float = 500) -> None:
    """Let a cycle recall the job for the university beta."""
    told = Recall(job.job_id, ("universities", "beta"), "why", for_job=99, gpu_seconds=7)
    allocation = Allocation((), "by hand", SolverStatus.OPTIMAL, recalls=(told,))
    store.record_cycle(CycleRecord(store.last_cycle() + 1, at(seconds), 1, allocation))


def move(store: JobStore, job: Job, to: JobState, seconds: float = 60) -> tuple[Job, ...]:
    """Report that the job came into a state `seconds` after noon; return what moved."""
    return store.apply([Transition(job.job_id, to, at(seconds))])


def run(store: JobStore, job: Job, *, gpus: int = 2, begins: float, ends: float) -> Job:
    """Take the job through its whole life."""
    start(store, job, gpus=gpus)
    move(store, job, JobState.SUBMITTED)
    move(store, job, JobState.RUNNING, begins)
    (ended,) = move(store, job, JobState.COMPLETED, ends)
    return ended


def without_script(job: Job) -> Job:
    return replace(job, spec=replace(job.spec, script=""))
