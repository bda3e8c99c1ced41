"""When a job is expected to start, in words and for programs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from scheduler.cli.times import clock, iso, moment
from scheduler.v1.cluster_service_pb2 import TrackRecord
from scheduler.v1.job_service_pb2 import Job, JobState


def start_phrase(job: Job, now: datetime) -> str:
    """Return when a pending job is expected to start, in short: "~14:10, by 16:40"."""
    latest = moment(job.start_estimate.p90_time)
    if job.state != JobState.JOB_STATE_PENDING or latest is None:
        return ""
    middle = moment(job.start_estimate.p50_time)
    if latest < now:
        return f"was to be by {clock(latest, now)}"
    if middle is None or middle < now:
        return f"by {clock(latest, now)}"
    return f"~{clock(middle, now)}, by {clock(latest, now)}"


def start_sentence(job: Job, now: datetime) -> str:
    """Return what a job was told of its start; empty where it was told nothing."""
    told = job.start_estimate
    latest = moment(told.p90_time)
    if latest is None:
        return ""
    middle, made = moment(told.p50_time) or latest, moment(told.made_time) or latest
    chances = (
        f"before {clock(middle, now)} as likely as not, before {clock(latest, now)} nine times in "
        "ten"
    )
    if job.state == JobState.JOB_STATE_PENDING and latest < now:
        return f"was expected {chances}; that did not come true"
    return f"{chances}; told at {clock(made, now)}"


def record_sentence(job: Job, records: Iterable[TrackRecord]) -> str:
    """Return how often such words came true for the job's class; empty where nobody knows."""
    for record in records:
        if record.tenant_class == job.tenant_class and record.judged:
            part = record.within_p90 / record.judged
            return (
                f"of the last {record.judged} jobs of {job.tenant_class} that were told a start "
                f"time, {part:.0%} started before the later one"
            )
    return ""


def estimate_fields(job: Job) -> dict[str, Any] | None:
    """Return what the job was told of its start, as JSON takes it."""
    if not job.HasField("start_estimate"):
        return None
    told = job.start_estimate
    return {
        "made_time": iso(told.made_time),
        "p50_time": iso(told.p50_time),
        "p90_time": iso(told.p90_time),
    }
