"""When a job is expected to start, in words and for programs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from scheduler.cli.reader_times import told_clock
from scheduler.cli.times import iso, moment
from scheduler.texts import said, said_of
from scheduler.v1.cluster_service_pb2 import TrackRecord
from scheduler.v1.job_service_pb2 import Job, JobState


def start_phrase(job: Job, now: datetime) -> str:
    """Return when a pending job is expected to start, in short: "~14:10, by 16:40"."""
    latest = moment(job.start_estimate.p90_time)
    if job.state != JobState.JOB_STATE_PENDING or latest is None:
        return ""
    middle = moment(job.start_estimate.p50_time)
    by = told_clock(latest, now)
    if latest < now:
        return said("was to be by {time}", time=by)
    if middle is None or middle < now:
        return said("by {time}", time=by)
    return said("~{middle}, by {time}", middle=told_clock(middle, now), time=by)


def start_sentence(job: Job, now: datetime) -> str:
    """Return what a job was told of its start; empty where it was told nothing."""
    told = job.start_estimate
    latest = moment(told.p90_time)
    if latest is None:
        return ""
    middle, made = moment(told.p50_time) or latest, moment(told.made_time) or latest
    chances = said(
        "before {middle} as likely as not, before {latest} nine times in ten",
        middle=told_clock(middle, now),
        latest=told_clock(latest, now),
    )
    if job.state == JobState.JOB_STATE_PENDING and latest < now:
        return said("was expected {chances}; that did not come true", chances=chances)
    return said("{chances}; told at {made}", chances=chances, made=told_clock(made, now))


def record_sentence(job: Job, records: Iterable[TrackRecord]) -> str:
    """Return how often such words came true for the job's class; empty where nobody knows."""
    for record in records:
        if record.tenant_class == job.tenant_class and record.judged:
            return said_of(
                record.judged,
                "of the last {number} start time that jobs of {name} were told, {part} held",
                "of the last {number} start times that jobs of {name} were told, {part} held",
                name=record.tenant_class,
                part=f"{record.within_p90 / record.judged:.0%}",
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
