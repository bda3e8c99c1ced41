"""Turns table rows into domain objects and back; pure."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Row as SqlRow

from scheduler.domain.budgets.ledger import Funding
from scheduler.domain.decisions import PlannedStart
from scheduler.domain.dependencies.rulings import DependentJob
from scheduler.domain.dependencies.terms import Dependency
from scheduler.domain.estimates import StartEstimate
from scheduler.domain.jobs import (
    ArrayPlace,
    HoldingJob,
    Job,
    JobSpec,
    JobState,
    PendingJob,
    Placement,
)
from scheduler.domain.measured import Measured
from scheduler.domain.reasons import Blocker
from scheduler.domain.records import JobEvent
from scheduler.domain.requests import GpuRequest
from scheduler.domain.tenants import Tenant

Values = dict[str, object]
Row = SqlRow[*tuple[Any, ...]]

# The columns that a job's moves change.
CHANGING = (
    *("state", "reason", "detail", "more_blockers", "attempt", "slurm_id", "placement"),
    *("pool", "gpus"),
    *("started_at", "ended_at", "exit_code", "cancel_requested_at", "changed_at"),
    *("recall_requested_at", "recalled_for", "recalls", "waits_since", "start_by"),
    *("held_at", "dependent_since", "estimated_at", "start_p50", "start_p90"),
    *("requeue_requested_at", "requeues", "funding"),
)
_FLAGS = TypeAdapter(tuple[str, ...])
_REQUEST = TypeAdapter(GpuRequest)
_PLACEMENT = TypeAdapter(Placement)
_DEPENDENCY = TypeAdapter(Dependency)
_BLOCKERS = TypeAdapter(tuple[Blocker, ...])
_MEASURED = TypeAdapter(Measured)
_FUNDING = TypeAdapter(Funding)
PLANS = TypeAdapter(tuple[PlannedStart, ...])


def new_rows(jobs: Sequence[Job], script_id: int) -> list[Values]:
    """Return the rows of one request's jobs: they differ in little."""
    first = jobs[0]
    shared = changing_values(first) | {
        "tenant_class": first.tenant.tenant_class,
        "organisation": first.tenant.organisation,
        "project": first.tenant.project,
        "user_name": first.tenant.user,
        "unix_account": first.unix_account,
        "name": first.spec.name,
        "script_id": script_id,
        "request": _REQUEST.dump_json(first.spec.request).decode(),
        "flags": _FLAGS.dump_json(first.spec.flags).decode(),
        "working_directory": first.spec.working_directory,
        "submitted_at": first.submitted_at,
        "array_id": first.array and first.array.array_id,
        "array_limit": first.array and first.array.limit,
        "recallable": first.spec.recallable,
    }
    return [
        shared
        | {
            "job_id": job.job_id,
            "array_index": job.array and job.array.index,
            "dependency": job.spec.dependency and dependency_text(job.spec.dependency),
            "funding": job.funding and _FUNDING.dump_json(job.funding).decode(),
        }
        for job in jobs
    ]


def changing_values(job: Job) -> Values:
    """Return the values of the columns in `CHANGING`."""
    placement = job.placement
    return {
        "state": job.state.value,
        # Whoever decides may hand in a member of an enum; drivers disagree on what to store of it.
        "reason": str(job.reason),
        "detail": job.detail,
        "more_blockers": blockers_text(job.more_blockers),
        "attempt": job.attempt,
        "slurm_id": job.slurm_id,
        "placement": None if placement is None else _PLACEMENT.dump_json(placement).decode(),
        "pool": "" if placement is None else placement.pool,
        "gpus": job.gpus,
        "started_at": job.started_at,
        "ended_at": job.ended_at,
        "exit_code": job.exit_code,
        "cancel_requested_at": job.cancel_requested_at,
        "changed_at": job.changed_at,
        "recall_requested_at": job.recall_requested_at,
        "requeue_requested_at": job.requeue_requested_at,
        "requeues": job.requeues,
        "recalled_for": job.recalled_for,
        "recalls": job.recalls,
        "waits_since": job.waits_since,
        "start_by": job.start_by,
        "held_at": job.held_at,
        "dependent_since": job.dependent_since,
        "funding": job.funding and _FUNDING.dump_json(job.funding).decode(),
        **estimate_values(job.estimate),
    }


def estimate_values(estimate: StartEstimate | None) -> Values:
    if estimate is None:
        return dict.fromkeys(("estimated_at", "start_p50", "start_p90"))
    return {
        "estimated_at": estimate.made_at,
        "start_p50": estimate.p50,
        "start_p90": estimate.p90,
    }


def measured_text(measured: Measured) -> str:
    """Return what a run used as a column keeps it."""
    return _MEASURED.dump_json(measured).decode()


def event_values(job: Job) -> Values:
    """Return the event that tells of the job's newest move."""
    return {
        "job_id": job.job_id,
        "state": job.state.value,
        "at": job.changed_at,
        "reason": str(job.reason),
        "detail": job.detail,
    }


def job_of(row: Row, script: str = "") -> Job:
    return Job(
        job_id=row.job_id,
        tenant=tenant_of(row),
        unix_account=row.unix_account,
        spec=JobSpec(
            name=row.name,
            script=script,
            request=request_of(row.request),
            flags=_FLAGS.validate_json(row.flags),
            working_directory=row.working_directory,
            recallable=bool(row.recallable),
            dependency=None if row.dependency is None else dependency_of(row.dependency),
        ),
        state=JobState(row.state),
        submitted_at=row.submitted_at,
        array=_array_of(row),
        reason=row.reason,
        detail=row.detail,
        more_blockers=() if row.more_blockers is None else blockers_of(row.more_blockers),
        attempt=row.attempt,
        slurm_id=row.slurm_id,
        placement=None if row.placement is None else placement_of(row.placement),
        started_at=row.started_at,
        ended_at=row.ended_at,
        exit_code=row.exit_code,
        cancel_requested_at=row.cancel_requested_at,
        changed_at=row.changed_at,
        start_by=row.start_by,
        recall_requested_at=row.recall_requested_at,
        recalled_for=row.recalled_for or "",
        recalls=row.recalls or 0,
        waits_since=row.waits_since,
        held_at=row.held_at,
        estimate=_estimate_of(row),
        dependent_since=row.dependent_since,
        requeue_requested_at=row.requeue_requested_at,
        requeues=row.requeues or 0,
        measured=None if row.measured is None else _MEASURED.validate_json(row.measured),
        funding=None if row.funding is None else _FUNDING.validate_json(row.funding),
    )


def pending_of(row: Row) -> PendingJob:
    return PendingJob(
        job_id=row.job_id,
        tenant=tenant_of(row),
        request=request_of(row.request),
        submitted_at=row.waits_since or row.submitted_at,
        array=_array_of(row),
        start_by=row.start_by,
        recalled_at=row.changed_at if row.recalls else None,
    )


def dependent_of(row: Row) -> DependentJob:
    return DependentJob(row.job_id, tenant_of(row), row.name, dependency_of(row.dependency))


def holding_of(row: Row) -> HoldingJob:
    return HoldingJob(
        job_id=row.job_id,
        tenant=tenant_of(row),
        state=JobState(row.state),
        placement=placement_of(row.placement),
        walltime_s=request_of(row.request).walltime_s,
        request=request_of(row.request),
        unix_account=row.unix_account,
        attempt=row.attempt,
        slurm_id=row.slurm_id,
        started_at=row.started_at,
        array=_array_of(row),
        changed_at=row.changed_at,
        cancel_requested=row.cancel_requested_at is not None,
        recallable=bool(row.recallable),
        recall_requested_at=row.recall_requested_at,
        waits_since=row.waits_since or row.submitted_at,
        requeue_requested=row.requeue_requested_at is not None,
    )


def event_of(row: Row) -> JobEvent:
    state = JobState(row.state)
    return JobEvent(row.event_id, row.job_id, tenant_of(row), state, row.at, row.reason, row.detail)


def plans_of(text: str | None) -> tuple[PlannedStart, ...]:
    return () if text is None else PLANS.validate_json(text)


def tenant_of(row: Row) -> Tenant:
    return Tenant(row.tenant_class, row.organisation, row.project, row.user_name)


def _estimate_of(row: Row) -> StartEstimate | None:
    if row.estimated_at is None:
        return None
    return StartEstimate(row.job_id, row.estimated_at, row.start_p50, row.start_p90)


def _array_of(row: Row) -> ArrayPlace | None:
    if row.array_id is None:
        return None
    return ArrayPlace(row.array_id, row.array_index, row.array_limit)


# A queue holds few distinct requests, and every cycle reads all of them: parsing each text once
# is what keeps reading 10,000 pending jobs cheap. The objects are frozen, so sharing is safe.
@lru_cache(maxsize=8192)
def request_of(text: str) -> GpuRequest:
    return _REQUEST.validate_json(text)


@lru_cache(maxsize=8192)
def dependency_of(text: str) -> Dependency:
    return _DEPENDENCY.validate_json(text)


@lru_cache(maxsize=8192)
def dependency_text(dependency: Dependency) -> str:
    return _DEPENDENCY.dump_json(dependency).decode()


@lru_cache(maxsize=8192)
def blockers_of(text: str) -> tuple[Blocker, ...]:
    return _BLOCKERS.validate_json(text)


@lru_cache(maxsize=8192)
def blockers_text(blockers: tuple[Blocker, ...]) -> str | None:
    """Return blockers as a column keeps them; None for none."""
    return _BLOCKERS.dump_json(blockers).decode() if blockers else None


@lru_cache(maxsize=8192)
def placement_of(text: str) -> Placement:
    return _PLACEMENT.validate_json(text)
