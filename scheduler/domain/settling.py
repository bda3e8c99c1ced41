"""What a move of a job does to the ledger: pure, from the job before and after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from scheduler.domain.budgets import (
    Entry,
    EntryKind,
    Funding,
    Part,
    Price,
    entries_of,
    first_of,
    shared_out,
)
from scheduler.domain.jobs import TERMINAL, Job, JobState
from scheduler.domain.records import UsageBucket

# Ends that the machine brought about, or of which nobody knows how they came.
_NOT_THE_USERS = frozenset({JobState.NODE_FAILED, JobState.LOST})


@dataclass(frozen=True, slots=True)
class Settlement:
    """A job with what pays for it after a move, and what the ledger says of that.

    `lacking` is what the job should hold beyond that for the run that it waits for or is in.
    """

    job: Job
    entries: tuple[Entry, ...] = ()
    lacking: int = 0


def covered(job: Job, price: Price, parts: tuple[Part, ...]) -> Settlement:
    """Return the new job with what it holds."""
    funding = Funding(price, parts)
    entries = entries_of(parts, EntryKind.HOLD, job.submitted_at, job.job_id)
    return Settlement(replace(job, funding=funding), entries)


def settled(before: Job, after: Job, run: Sequence[UsageBucket], at: datetime) -> Settlement:
    """Return what is booked as a job moves; `run` is what the run used that the move ends.

    A run is charged where it ended by itself, by its walltime or by its user's wish, and refunded
    where a node failed, a recall ended it, or it was lost.
    """
    funding = before.funding
    if funding is None:
        return Settlement(after)
    if run:
        return _after_a_run(before, after, funding, run, at)
    kept, others = first_of(funding.holds, _to_hold(after, funding))
    entries = entries_of(others, EntryKind.RELEASE, at, after.job_id, after.attempt)
    return _holding(after, funding, kept, entries)


def _after_a_run(
    before: Job, after: Job, funding: Funding, run: Sequence[UsageBucket], at: datetime
) -> Settlement:
    """Release what was held, charge the run, and hold again what the job still needs."""
    used = sum(hour.gpu_seconds for hour in run)
    _, _, gpu_type = run[0].pool.partition("/")
    paid, others = first_of(funding.holds, funding.price.of_run(used, gpu_type))
    names = (at, after.job_id, after.attempt)
    entries = entries_of(funding.holds, EntryKind.RELEASE, *names)
    charges = entries_of(paid, EntryKind.CHARGE, *names)
    entries += tuple(
        replace(charge, gpu_seconds=seconds)
        for charge, seconds in zip(charges, shared_out(used, paid), strict=True)
    )
    if _is_refunded(before, after):
        entries += entries_of(paid, EntryKind.REFUND, *names)
        others = funding.holds
    kept, _ = first_of(others, _to_hold(after, funding))
    entries += entries_of(kept, EntryKind.HOLD, *names)
    return _holding(after, funding, kept, entries)


def _holding(
    job: Job, funding: Funding, kept: tuple[Part, ...], entries: tuple[Entry, ...]
) -> Settlement:
    wanted = _to_hold(job, funding)
    now = replace(funding, holds=kept)
    return Settlement(replace(job, funding=now if wanted else None), entries, wanted - now.held)


def held_more(job: Job, parts: tuple[Part, ...], at: datetime) -> Settlement:
    """Return the job that holds these parts as well."""
    if job.funding is None or not parts:
        return Settlement(job)
    holds = (*job.funding.holds, *parts)
    entries = entries_of(parts, EntryKind.HOLD, at, job.job_id, job.attempt)
    return Settlement(replace(job, funding=replace(job.funding, holds=holds)), entries)


def _to_hold(job: Job, funding: Funding) -> int:
    """Return what a job is to hold: its run's cost, and the next one's where that is asked for."""
    if job.state in TERMINAL:
        return 0
    return funding.price.cost * (2 if job.requeue_requested_at is not None else 1)


def _is_refunded(before: Job, after: Job) -> bool:
    if after.state in TERMINAL:
        return after.state in _NOT_THE_USERS
    # Of a run that Slurm itself began anew it is not known who wanted that.
    return after.state is JobState.PENDING and after.requeues == before.requeues
