"""A job for programs: the fields that docs/cli.md promises."""

from __future__ import annotations

from typing import Any

from scheduler.cli.estimates import estimate_fields
from scheduler.cli.job_words import blockers_of, reason_word, state_word
from scheduler.cli.times import iso
from scheduler.v1.job_service_pb2 import Blocker, Job, Waiting


def job_fields(job: Job) -> dict[str, Any]:
    """Return the job as JSON takes it; null stands for what there is not (yet)."""
    return {
        "job_id": job.job_id,
        "name": job.display_name,
        "array": _array(job),
        "state": state_word(job.state),
        "cancel_requested": job.cancel_requested,
        "requeue_requested": job.requeue_requested,
        "tenant_class": job.tenant_class,
        "organisation": job.organisation,
        "project": job.project,
        "user": job.user,
        "unix_account": job.unix_account,
        "resources": _resources(job),
        "submit_time": iso(job.submit_time),
        "start_time": iso(job.start_time),
        "end_time": iso(job.end_time),
        "waiting": _waiting(job),
        "pool": job.pool or None,
        "nodes": list(job.nodes),
        "slurm_job_id": job.slurm_job_id or None,
        "exit_code": job.exit_code if job.HasField("exit_code") else None,
        "outcome": job.outcome or None,
        "grant_holds": [
            {"grant": hold.grant_number, "gpu_seconds": hold.gpu_seconds}
            for hold in job.grant_holds
        ],
        "recallable": job.recallable,
        "recall": _recall(job),
        "start_estimate": estimate_fields(job),
        "dependency": job.dependency or None,
    }


def _recall(job: Job) -> dict[str, Any] | None:
    if not job.HasField("recall"):
        return None
    told = job.recall
    return {
        "owed": told.owed,
        "request_time": iso(told.request_time) if told.HasField("request_time") else None,
        "ended_runs": told.ended_runs,
    }


def _array(job: Job) -> dict[str, Any] | None:
    if not job.HasField("array"):
        return None
    place = job.array
    return {"array_job_id": place.array_job_id, "index": place.index, "limit": place.limit}


def _resources(job: Job) -> dict[str, Any]:
    asked = job.resources
    return {
        "gpus": asked.gpus,
        "nodes": asked.nodes or None,
        "gpus_per_node": asked.gpus_per_node or None,
        "gpu_type": asked.gpu_type or None,
        "partitions": list(asked.partitions),
        "walltime_seconds": asked.walltime.seconds,
    }


def _waiting(job: Job) -> dict[str, Any] | None:
    if not job.HasField("waiting"):
        return None
    return blocker_fields(job.waiting) | {"blockers": list(map(blocker_fields, blockers_of(job)))}


def blocker_fields(blocker: Blocker | Waiting) -> dict[str, Any]:
    """Return what is in a job's way as JSON takes it."""
    return {
        "reason": reason_word(blocker.reason),
        "meaning": blocker.meaning,
        "detail": blocker.detail,
        "advice": blocker.advice,
    }
