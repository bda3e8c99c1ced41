"""What a move makes of a job, and what a run that it ends is charged; pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scheduler.domain import stored_words as words
from scheduler.domain.decisions import Recall, Start
from scheduler.domain.dependencies.rulings import Ruling, Verdict
from scheduler.domain.dependencies.terms import Dependency
from scheduler.domain.jobs import MOVES, TERMINAL, Job, JobState, Placement
from scheduler.domain.reasons import Blocker, Reason
from scheduler.domain.records import Transition, UsageBucket
from scheduler.domain.shares.usage import hourly_gpu_seconds

# These end a run wherever they come from: evidence of one may come late.
_ENDS_OF_RUNS = TERMINAL | {JobState.PENDING}
# A job that runs and is queued again has ended a run; one out of sight may be in it still.
_RAN = frozenset({JobState.RUNNING, JobState.SETTLING})


@dataclass(frozen=True, slots=True)
class Moved:
    """A job after a move, and the usage of the run that the move ended, hour by hour."""

    job: Job
    charges: tuple[UsageBucket, ...] = ()


def started(job: Job, start: Start, at: datetime) -> Job | None:
    """Return the job on its way to Slurm; None when it no longer waits.

    A job that waits is wanted: a wish to cancel ends it at once, see `cancel_wished`.
    """
    if not job.is_considered:
        return None
    return replace(
        job,
        state=JobState.SUBMITTING,
        placement=start.placement,
        attempt=job.attempt + 1,
        reason="",
        detail="",
        more_blockers=(),
        changed_at=at,
    )


def recalled(job: Job, recall: Recall, at: datetime) -> Job | None:
    """Return the running job with the request on it; None where it may not be recalled any more."""
    if job.state is not JobState.RUNNING or not job.spec.recallable:
        return None
    if job.recall_requested_at is not None or job.cancel_requested_at is not None:
        return None
    if job.requeue_requested_at is not None:
        return None
    whom = recall.for_tenant[-1]
    return replace(
        job,
        recall_requested_at=at,
        recalled_for=whom,
        detail=words.IS_RECALLED.format(whom=whom),
    )


def hold_wished(job: Job, at: datetime) -> Job:
    """Return the job held: it gets another bound on its wait when it is released.

    One that is held already, or waits no more, is unchanged.
    """
    if job.state is not JobState.PENDING or job.held_at is not None:
        return job
    return held(job, at)


def held(job: Job, at: datetime) -> Job:
    """Return the waiting job held; a dependency is then in its way as well."""
    other = (Blocker(Reason(job.reason), job.detail),) if job.is_dependent else ()
    reason = Reason.HELD_BY_USER.value
    return replace(
        job,
        held_at=at,
        reason=reason,
        detail="",
        more_blockers=other,
        start_by=None,
        estimate=None,
    )


def release_wished(job: Job, at: datetime) -> Job:
    """Return the job waiting on from where its clock stood: a hold makes nobody older."""
    if job.state is not JobState.PENDING or job.held_at is None:
        return job
    free = replace(job, held_at=None, more_blockers=())
    if not job.is_dependent:
        return _waiting_on(free, stood_still=at - job.held_at)
    return _blocked(free, *job.more_blockers)


def depending(job: Job, dependency: Dependency, at: datetime) -> Job:
    """Return the new job waiting for what it depends on."""
    dependent = replace(job, dependent_since=at)
    return _blocked(dependent, Blocker(Reason.DEPENDENCY, dependency.shortened))


def ruled(job: Job, ruling: Ruling, at: datetime) -> Job:
    """Return the job as its dependency stands: free, cancelled, or told what it waits for.

    Its clock goes on from where it stood. One that depends on nothing any more is unchanged.
    """
    if job.dependent_since is None or job.state is not JobState.PENDING:
        return job
    if ruling.verdict is Verdict.MET:
        # A hold that began meanwhile counts for itself from then on.
        met = replace(job, dependent_since=None, more_blockers=())
        stood_still = (job.held_at or at) - job.dependent_since
        return _waiting_on(met, stood_still)
    if ruling.verdict is Verdict.WAITING:
        return _blocked(job, Blocker(Reason.DEPENDENCY, ruling.words))
    if job.spec.dependency is not None and job.spec.dependency.cancels:
        return _cancelled(job, at, words.NEVER_MET.format(ruling=ruling.words))
    return _blocked(job, Blocker(Reason.DEPENDENCY_NEVER_SATISFIED, ruling.words))


def tells_of_ruling(before: Job, after: Job) -> bool:
    """Say whether a ruling is an event; other words for the same state of things are none."""
    return _stance(before) != _stance(after)


def _stance(job: Job) -> tuple[object, ...]:
    more = tuple(blocker.reason for blocker in job.more_blockers)
    return job.state, job.reason, job.dependent_since, more


def _waiting_on(job: Job, stood_still: timedelta) -> Job:
    reason = Reason.NOT_YET_CONSIDERED if job.held_at is None else Reason.HELD_BY_USER
    # Two services' clocks differ: nobody grows older by that.
    since = (job.waits_since or job.submitted_at) + max(stood_still, timedelta())
    return replace(job, reason=reason.value, detail="", waits_since=since)


def _blocked(job: Job, blocker: Blocker) -> Job:
    """Return the job told of its dependency, after a hold."""
    if job.held_at is not None:
        return replace(job, more_blockers=(blocker,))
    return replace(job, reason=blocker.reason.value, detail=blocker.detail)


def cancel_wished(job: Job, at: datetime) -> Job:
    """Return the job with the wish on it: a pending job is cancelled, an ended one unchanged."""
    if job.state in TERMINAL or job.cancel_requested_at is not None:
        return job
    wished = replace(job, cancel_requested_at=at)
    return _cancelled(wished, at) if job.state is JobState.PENDING else wished


def requeue_wished(job: Job, at: datetime, began: datetime | None = None) -> Job:
    """Return the running job with the wish on it that this run ends and the job waits again.

    One that does not run, or not since it `began`, whose wish stands already, or whose end was
    asked for is unchanged.
    """
    if job.state is not JobState.RUNNING or job.cancel_requested_at is not None:
        return job
    if job.requeue_requested_at is not None or began not in (None, job.started_at):
        return job
    return replace(job, requeue_requested_at=at, detail=words.IS_REQUEUED)


def moved(job: Job, move: Transition) -> Moved | None:
    """Return what the move makes of the job; None when `MOVES` does not allow it from here.

    A start needs a placement, which only a cycle's decision has: see `started`. Who is to be
    cancelled is never released: code whose end was acknowledged before does not begin.
    """
    begins = job.state is JobState.PENDING and move.to is JobState.SUBMITTING
    if move.to not in MOVES[job.state] or begins:
        return None
    if move.to is JobState.RELEASING and job.cancel_requested_at is not None:
        return None
    evident = _with_evidence(job, move)
    arrive = ARRIVALS.get(move.to, _ended)
    requeued = job.state in _RAN and move.to is JobState.SUBMITTED
    ends_a_run = requeued or move.to in _ENDS_OF_RUNS
    arrived = arrive(evident, move)
    if ends_a_run:
        # The wish was for this run alone: none that comes later may be ended by it.
        arrived = replace(arrived, requeue_requested_at=None)
    return Moved(arrived, _charges(evident, move.at) if ends_a_run else ())


def _with_evidence(job: Job, move: Transition) -> Job:
    """Return the job with all that the transition tells; unset fields keep what is stored."""
    return replace(
        job,
        state=move.to,
        slurm_id=job.slurm_id if move.slurm_id is None else move.slurm_id,
        placement=_on_nodes(job.placement, move.nodes),
        started_at=move.started_at or job.started_at,
        ended_at=move.ended_at or job.ended_at,
        exit_code=job.exit_code if move.exit_code is None else move.exit_code,
        reason=move.reason,
        detail=move.detail,
        more_blockers=(),
        changed_at=move.at,
    )


def _on_nodes(placement: Placement | None, nodes: tuple[str, ...] | None) -> Placement | None:
    return placement if placement is None or nodes is None else replace(placement, nodes=nodes)


def _returned(job: Job, move: Transition) -> Job:
    returned = replace(
        job,
        reason=job.reason or Reason.NOT_YET_CONSIDERED.value,
        placement=None,
        slurm_id=0,
        started_at=None,
        ended_at=None,
    )
    if job.recall_requested_at is not None:
        returned = _recalled(returned, job.waited_from(move.at))
    elif job.requeue_requested_at is not None:
        returned = _requeued(returned, move.at)
    # No cycle would start it, so the wish that met a submission under way is granted now.
    return _cancelled(returned, move.at) if job.cancel_requested_at else returned


def _recalled(job: Job, waits_since: datetime) -> Job:
    """Let it wait again: it started before the bound it was promised, and gets another.

    Its clock goes on from where it stood as the run began: `waits_since` leaves runs out.
    """
    return replace(
        job,
        reason=Reason.NOT_YET_CONSIDERED.value,
        detail=job.detail_of_recall,
        exit_code=None,
        recall_requested_at=None,
        recalls=job.recalls + 1,
        waits_since=waits_since,
        start_by=None,
        estimate=None,
    )


def _requeued(job: Job, waits_since: datetime) -> Job:
    """Let it wait as a job that came now: to run again was its user's own wish."""
    return replace(
        job,
        reason=Reason.NOT_YET_CONSIDERED.value,
        detail=words.WAS_REQUEUED,
        exit_code=None,
        requeues=job.requeues + 1,
        waits_since=waits_since,
        start_by=None,
        estimate=None,
    )


def _forgotten(job: Job, _move: Transition) -> Job:
    """Slurm lost it: the id may be another job's by now."""
    return replace(job, slurm_id=0, started_at=None, ended_at=None, exit_code=None)


def _queued(job: Job, _move: Transition) -> Job:
    return replace(job, started_at=None, ended_at=None, exit_code=None)


def _running(job: Job, move: Transition) -> Job:
    return replace(job, started_at=job.started_at or move.at, ended_at=None)


def _settling(job: Job, _move: Transition) -> Job:
    """Keep what is known of its run: it may go on."""
    return job


def _ended(job: Job, move: Transition) -> Job:
    return replace(job, ended_at=job.ended_at or move.at)


# How a job arrives in a state; in all others it has ended.
ARRIVALS: Mapping[JobState, Callable[[Job, Transition], Job]] = {
    JobState.PENDING: _returned,
    JobState.SUBMITTING: _forgotten,
    JobState.HELD: _queued,
    JobState.RELEASING: _queued,
    JobState.SUBMITTED: _queued,
    JobState.RUNNING: _running,
    JobState.SETTLING: _settling,
}


def _cancelled(job: Job, at: datetime, detail: str = words.CANCELLED_BEFORE_START) -> Job:
    return replace(
        job,
        state=JobState.CANCELLED,
        reason="",
        detail=detail,
        ended_at=at,
        more_blockers=(),
        changed_at=at,
    )


def _charges(job: Job, at: datetime) -> tuple[UsageBucket, ...]:
    if job.placement is None or job.started_at is None:
        return ()
    hours = hourly_gpu_seconds(job.started_at, job.ended_at or at, job.placement.gang.gpus)
    return tuple(UsageBucket(job.tenant, job.placement.pool, *hour) for hour in hours)
