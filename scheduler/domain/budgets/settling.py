"""What a move of a job does to the ledger: pure, from the job before and after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from scheduler.domain.budgets.ledger import (
    Entry,
    EntryKind,
    Funding,
    Part,
    Price,
    beyond,
    entries_of,
    first_of,
    shared_out,
)
from scheduler.domain.cluster import EndedRun
from scheduler.domain.jobs import TERMINAL, Job, JobState
from scheduler.domain.records import UsageBucket

# Ends that the machine brought about, or of which nobody knows how they came.
_NOT_THE_USERS = frozenset({JobState.NODE_FAILED, JobState.LOST})


@dataclass(frozen=True, slots=True)
class OpenCharge:
    """What a run was charged that the cluster itself cut short, before its accounting tells of it.

    Until then it is known neither why the run ended nor when it did: only when it was seen last.
    There is at least one charge; `number` is the store's.
    """

    slurm_id: int
    started_at: datetime
    gpus: int
    gpu_type: str
    price: Price
    charges: tuple[Entry, ...]
    number: int = 0

    @property
    def job_id(self) -> int:
        return self.charges[0].job_id

    @property
    def attempt(self) -> int:
        return self.charges[0].attempt

    @property
    def at(self) -> datetime:
        """Return when it was charged."""
        return self.charges[0].at

    def is_of(self, run: EndedRun) -> bool:
        """Say whether it is this run that was charged: Slurm gives ids, and markers, again."""
        ours = (self.slurm_id, self.job_id, self.attempt, self.started_at)
        return ours == (run.slurm_id, run.job_id, run.attempt, run.started_at)


@dataclass(frozen=True, slots=True)
class Settlement:
    """A job with what pays for it after a move, and what the ledger says of that.

    `lacking` is what the job should hold beyond that for the run that it waits for or is in.
    """

    job: Job
    entries: tuple[Entry, ...] = ()
    lacking: int = 0
    open_charge: OpenCharge | None = None


def covered(job: Job, price: Price, parts: tuple[Part, ...]) -> Settlement:
    """Return the new job with what it holds."""
    funding = Funding(price, parts)
    entries = entries_of(parts, EntryKind.HOLD, job.submitted_at, job.job_id)
    return Settlement(replace(job, funding=funding), entries)


def settled(before: Job, after: Job, run: Sequence[UsageBucket], at: datetime) -> Settlement:
    """Return what is booked as a job moves; `run` is what the run used that the move ends.

    A run is charged where it ended by itself, by its walltime or by its user's wish, and refunded
    where a node failed, a recall ended it, or it was lost. The charge of one that Slurm itself put
    back into its queue is open until `refunds_of` it are known.
    """
    funding = before.funding
    if funding is None:
        return Settlement(after)
    if run:
        return _after_a_run(before, after, funding, run, at)
    kept, others = first_of(funding.holds, _to_hold(after, funding))
    entries = entries_of(others, EntryKind.RELEASE, at, after.job_id, after.attempt)
    settlement = _holding(after, funding, kept, entries)
    # What it lacked before is not asked for again: a wish to cancel must not fail for that.
    more = max(0, _to_hold(after, funding) - _to_hold(before, funding))
    return replace(settlement, lacking=more)


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
    charges = tuple(
        replace(charge, gpu_seconds=seconds)
        for charge, seconds in zip(charges, shared_out(used, paid), strict=True)
    )
    entries += charges
    if _is_refunded(before, after):
        entries += entries_of(paid, EntryKind.REFUND, *names)
        others = funding.holds
    kept, _ = first_of(others, _to_hold(after, funding))
    entries += entries_of(kept, EntryKind.HOLD, *names)
    settlement = _holding(after, funding, kept, entries)
    return replace(settlement, open_charge=_open_charge(before, after, funding.price, charges))


def _open_charge(
    before: Job, after: Job, price: Price, charges: tuple[Entry, ...]
) -> OpenCharge | None:
    """Return what is to be confirmed of a run that Slurm put back into its queue."""
    place, started_at = before.placement, before.started_at
    if after.state is not JobState.SUBMITTED or not charges or not place or not started_at:
        return None
    _, _, gpu_type = place.pool.partition("/")
    return OpenCharge(after.slurm_id, started_at, place.gang.gpus, gpu_type, price, charges)


def refunds_of(charge: OpenCharge, run: EndedRun, at: datetime) -> tuple[Entry, ...]:
    """Return what is given back of an open charge, once the cluster's accounting tells of its run.

    All of it where a node failed, else what the run cost less by the accounting's seconds; a run
    that was charged too little is charged nothing more. Who paid last is given back first.
    """
    used = run.seconds * charge.gpus
    cost = 0 if run.node_failed else charge.price.of_run(used, charge.gpu_type)
    back = zip(
        charge.charges,
        beyond(cost, (one.amount for one in charge.charges)),
        beyond(used, (one.gpu_seconds for one in charge.charges)),
        strict=True,
    )
    return tuple(
        replace(one, kind=EntryKind.REFUND, amount=amount, gpu_seconds=seconds, at=at)
        for one, amount, seconds in back
        if amount or seconds
    )


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
    # Of a run that Slurm itself began anew it is not known yet who wanted that: see `OpenCharge`.
    return after.state is JobState.PENDING and after.requeues == before.requeues
