"""What a backend's word on our jobs calls for: pure rules from evidence to moves."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scheduler.domain import stored_words as words
from scheduler.domain.admitted import changes
from scheduler.domain.cluster import BackendJob, BackendState, ClusterState
from scheduler.domain.jobs import HoldingJob, Job, JobState
from scheduler.domain.records import Transition
from scheduler.domain.resources import Amount

WAITS: frozenset[BackendState] = frozenset({BackendState.HELD, BackendState.QUEUED})
LIVE: frozenset[BackendState] = WAITS | {BackendState.RUNNING}
# From here on a held job is to be let go: that it may start is on record.
LET_GO: frozenset[JobState] = frozenset({JobState.RELEASING, JobState.SUBMITTED, JobState.SETTLING})
# Those that may have run, or run still, where the backend shows them no more.
MAY_HAVE_RUN: frozenset[JobState] = frozenset(
    {JobState.RELEASING, JobState.SUBMITTED, JobState.RUNNING}
)
WAITS_TO_BEGIN: frozenset[JobState] = frozenset({JobState.RELEASING, JobState.SUBMITTED})
RAN: frozenset[JobState] = frozenset({JobState.RUNNING, JobState.SETTLING})
ENDS: Mapping[BackendState, JobState] = {
    BackendState.COMPLETED: JobState.COMPLETED,
    BackendState.FAILED: JobState.FAILED,
    BackendState.CANCELLED: JobState.CANCELLED,
    BackendState.TIMED_OUT: JobState.TIMED_OUT,
    BackendState.OUT_OF_MEMORY: JobState.OUT_OF_MEMORY,
    BackendState.NODE_FAILED: JobState.NODE_FAILED,
    BackendState.NOT_LAUNCHED: JobState.FAILED,
}
# A job that no node launches is not tried for ever.
MOST_ATTEMPTS = 5


# How a run ends that gave its GPUs back: by its signal, or cancelled when its notice was over. One
# that completes has done its work, and other endings say that something else happened.
GIVEN_BACK: frozenset[BackendState] = frozenset({BackendState.FAILED, BackendState.CANCELLED})
# How a run ends whose end a requeue ordered; the order may have met one that Slurm began anew.
ENDED_AS_ORDERED: frozenset[BackendState] = frozenset(
    {BackendState.CANCELLED, BackendState.NOT_LAUNCHED}
)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A holding job beside the backend's job that carries its marker and owner, if any does."""

    holding: HoldingJob
    seen: BackendJob | None

    @property
    def is_recalled(self) -> bool:
        """Say whether the job is to wait again once its run has ended."""
        return self.holding.recall_requested_at is not None and not self.holding.cancel_requested

    @property
    def is_requeued(self) -> bool:
        """Say whether its user wants it to wait again, and this run is the one that is meant."""
        return self.holding.requeue_requested and not self.holding.cancel_requested

    @property
    def goes_back(self) -> frozenset[BackendState]:
        """Return which endings let the job wait again."""
        if self.is_recalled:
            return GIVEN_BACK
        return ENDED_AS_ORDERED if self.is_requeued else frozenset()

    @property
    def is_its_run(self) -> bool:
        """Say whether the backend runs it, and has not begun it anew since the run we know."""
        known = self.holding.started_at
        if self.seen is None or self.seen.state in WAITS:
            return False
        return known is None or self.seen.started_at is None or self.seen.started_at <= known

    @property
    def changes(self) -> str:
        """Return in words what its user changed of what was admitted, "" where nothing."""
        return changes(self.holding, self.seen.asks) if self.seen else ""


def sightings(holding: Iterable[HoldingJob], cluster: ClusterState) -> tuple[Sighting, ...]:
    """Pair each holding job with its backend job.

    A backend job is ours only when job id, attempt and Unix account all match: ids are reused
    by Slurm, and a marker alone can be imitated by another user. Once we were told of one it is
    that one or none: what was confirmed of it holds of no other. Before, of several with one marker
    it is the first that is sealed, else the first.
    """
    alike: dict[tuple[int, int, str], list[BackendJob]] = {}
    for job in sorted(cluster.jobs, key=lambda job: (not job.is_sealed, job.slurm_id)):
        alike.setdefault((job.job_id, job.attempt, job.unix_account), []).append(job)
    return tuple(
        Sighting(job, _known(job, alike.get((job.job_id, job.attempt, job.unix_account), [])))
        for job in holding
    )


def strays(seen: Iterable[Sighting], cluster: ClusterState) -> tuple[BackendJob, ...]:
    """Return live marked jobs that stand for no holding attempt; the caller checks the owner."""
    kept = {sighting.seen.slurm_id for sighting in seen if sighting.seen}
    return tuple(job for job in cluster.jobs if job.state in LIVE and job.slurm_id not in kept)


def with_strays_use(cluster: ClusterState, some: Sequence[BackendJob]) -> ClusterState:
    """Return the cluster where what these jobs hold counts as other people's: no row charges it."""
    held: dict[str, Amount] = {}
    for job in some:
        share = job.asks.amount.on_each_of(len(job.nodes)) if job.asks and job.nodes else Amount()
        for name in job.nodes:
            held[name] = held.get(name, Amount()) + share
    if not held:
        return cluster
    nodes = (
        replace(node, used=node.used + held.get(node.name, Amount())) for node in cluster.nodes
    )
    return replace(cluster, nodes=tuple(nodes))


def is_unwanted(sighting: Sighting) -> bool:
    """Say whether the backend's job is to end: nobody wants it, or it is not to run as it is.

    A recalled job that puts itself back into Slurm's queue would take the GPUs again, and one that
    its user changed would take what was not admitted. A wish to requeue ends the run that was meant
    and no other.
    """
    if sighting.is_requeued and sighting.is_its_run:
        return True
    requeued = sighting.seen is not None and sighting.seen.state in WAITS
    again = sighting.is_recalled and requeued
    return sighting.holding.cancel_requested or again or bool(sighting.changes)


def to_release(seen: Iterable[Sighting], moved: Iterable[Job]) -> tuple[int, ...]:
    """Return the Slurm ids of held jobs that may start, by the store or by what just `moved`.

    Wanted at every look until none is held: Slurm may forget a release, as it may a job.
    """
    now = {job.job_id: job.state for job in moved}
    return tuple(
        one.seen.slurm_id
        for one in seen
        if one.seen is not None and one.seen.state is BackendState.HELD and not is_unwanted(one)
        if now.get(one.holding.job_id, one.holding.state) in LET_GO
    )


def stuck(seen: Iterable[Sighting], refused: Collection[int], at: datetime) -> Iterator[Transition]:
    """Yield the returns of held jobs that may start, of those that Slurm refuses to let go.

    A held job does not run, and its record is nobody's from then on: it is cancelled as a stray.
    """
    for one in seen:
        if one.seen is None or one.seen.slurm_id not in refused or is_unwanted(one):
            continue
        if one.seen.state is BackendState.HELD and one.holding.state in WAITS_TO_BEGIN:
            detail = words.NOT_LET_GO
            yield Transition(one.holding.job_id, JobState.PENDING, at, detail=detail)


def moves(sighting: Sighting, at: datetime, confirm_after: timedelta) -> Iterator[Transition]:
    """Yield the moves that the evidence calls for, in order; none when nothing changed.

    A held job that is still there `confirm_after` Slurm took it is one that Slurm has saved, and so
    is an end of that age.
    """
    seen = sighting.seen
    if seen is None:
        yield from _out_of_sight(sighting.holding, at)
        return
    if seen.state in WAITS:
        if not sighting.is_recalled:
            waits = _held if seen.state is BackendState.HELD else _queued
            yield from waits(sighting.holding, seen, at)
            if _is_confirmed(sighting, at, confirm_after):
                yield Transition(seen.job_id, JobState.RELEASING, at)
        return
    if seen.state in sighting.goes_back:
        # The run of a requeued job is not to come back beside the next one.
        if sighting.is_recalled or not _may_be_forgotten(seen, at, confirm_after):
            yield Transition(seen.job_id, JobState.PENDING, at, ended_at=seen.ended_at or at)
        return
    yield from _started(sighting.holding, seen, at)
    if _may_come_back(sighting.holding, seen, at, confirm_after):
        return
    if seen.state is BackendState.NOT_LAUNCHED and sighting.holding.attempt < MOST_ATTEMPTS:
        detail = words.ENDED_TOO_EARLY
        yield Transition(seen.job_id, JobState.PENDING, at, ended_at=seen.ended_at, detail=detail)
    elif seen.state in ENDS:
        yield _ended(seen, at, _how_it_ended(sighting, seen))


def without_evidence(holding: HoldingJob, at: datetime) -> Iterator[Transition]:
    """Yield the end of a job of which nobody knows more: all is recorded, and patience is over.

    One that was never let go may be cancelled; any other is lost, as of when it was seen last.
    """
    if holding.state is JobState.SUBMITTING and holding.cancel_requested:
        detail = words.CANCELLED_BEFORE_SLURM
        yield Transition(holding.job_id, JobState.CANCELLED, at, ended_at=at, detail=detail)
    if holding.state is JobState.SETTLING:
        detail = words.UNKNOWN_TO_SLURM
        ended_at = holding.changed_at or at
        yield Transition(holding.job_id, JobState.LOST, at, ended_at=ended_at, detail=detail)


def _out_of_sight(holding: HoldingJob, at: datetime) -> Iterator[Transition]:
    """A held job cannot have run: Slurm forgot it. Any other may run still, or have ended."""
    if holding.state is JobState.HELD:
        detail = words.FORGOTTEN
        yield Transition(holding.job_id, JobState.SUBMITTING, at, detail=detail)
    if holding.state in MAY_HAVE_RUN:
        detail = words.NOT_SHOWN
        yield Transition(holding.job_id, JobState.SETTLING, at, detail=detail)


def _is_confirmed(sighting: Sighting, at: datetime, confirm_after: timedelta) -> bool:
    holding = sighting.holding
    if holding.state is not JobState.HELD or is_unwanted(sighting):
        return False
    still = sighting.seen is not None and sighting.seen.state is BackendState.HELD
    return still and at - (holding.changed_at or at) >= confirm_after


def _may_come_back(
    holding: HoldingJob, seen: BackendJob, at: datetime, confirm_after: timedelta
) -> bool:
    """Say whether a crash of Slurm could forget the end of a job that may begin: it then does."""
    may_begin = holding.state in LET_GO and not seen.started_at
    return may_begin and _may_be_forgotten(seen, at, confirm_after)


def _may_be_forgotten(seen: BackendJob, at: datetime, confirm_after: timedelta) -> bool:
    """Say whether the job's end is so new that a crash of Slurm could forget it."""
    if seen.ended_at is None:
        return False
    # Of an end that is further away in the future, the two clocks tell nothing.
    return abs(at - seen.ended_at) < confirm_after


def _held(holding: HoldingJob, seen: BackendJob, at: datetime) -> Iterator[Transition]:
    """A held job that ran before was requeued, by a Slurm that forgot its release as well.

    One that is not sealed its user could let go: it is submitted anew, and this one is a stray.
    """
    if holding.state is JobState.SUBMITTING and seen.is_sealed:
        yield Transition(seen.job_id, JobState.HELD, at, slurm_id=seen.slurm_id)
    elif holding.state in RAN:
        yield from _queued(holding, seen, at)


def _queued(holding: HoldingJob, seen: BackendJob, at: datetime) -> Iterator[Transition]:
    """A queued job that ran before was requeued: its run has ended."""
    if holding.state is not JobState.SUBMITTED:
        ended_at = _last_seen(holding, at) if holding.state in RAN else None
        yield Transition(
            seen.job_id,
            JobState.SUBMITTED,
            at,
            slurm_id=seen.slurm_id,
            ended_at=ended_at,
            detail=seen.reason,
        )


def _started(holding: HoldingJob, seen: BackendJob, at: datetime) -> Iterator[Transition]:
    """A job seen with a later start than ours ran, was requeued and runs again."""
    if seen.started_at is None:
        return
    again = holding.started_at is not None and seen.started_at > holding.started_at
    if holding.state is JobState.RUNNING and not again:
        return
    if holding.state in RAN and again:
        ended_at = min(seen.started_at, _last_seen(holding, at))
        yield Transition(seen.job_id, JobState.SUBMITTED, at, ended_at=ended_at)
    yield Transition(
        seen.job_id,
        JobState.RUNNING,
        at,
        slurm_id=seen.slurm_id,
        nodes=seen.nodes or None,
        started_at=seen.started_at,
    )


def _last_seen(holding: HoldingJob, at: datetime) -> datetime:
    """Return until when it is known to have run; while it is seen, that is now."""
    settling = holding.state is JobState.SETTLING
    return holding.changed_at if settling and holding.changed_at else at


def _how_it_ended(sighting: Sighting, seen: BackendJob) -> str:
    """Return in words why it ended, where that is known."""
    if sighting.changes:
        return words.CHANGED_IN_SLURM.format(changes=sighting.changes)
    if sighting.holding.cancel_requested and ENDS[seen.state] is JobState.CANCELLED:
        return words.CANCELLED_AS_IT_RAN if seen.started_at else words.CANCELLED_BEFORE_START
    return seen.reason


def _ended(seen: BackendJob, at: datetime, detail: str) -> Transition:
    return Transition(
        seen.job_id,
        ENDS[seen.state],
        at,
        slurm_id=seen.slurm_id,
        ended_at=seen.ended_at or at,
        exit_code=seen.exit_code,
        detail=detail,
    )


def _known(holding: HoldingJob, alike: Sequence[BackendJob]) -> BackendJob | None:
    if holding.slurm_id:
        return next((job for job in alike if job.slurm_id == holding.slurm_id), None)
    return alike[0] if alike else None
