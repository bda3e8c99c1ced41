"""What a backend's word on our jobs calls for: pure rules from evidence to moves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from scheduler.domain.cluster import BackendJob, BackendState, ClusterState
from scheduler.domain.jobs import HoldingJob, JobState
from scheduler.domain.records import Transition

LIVE: frozenset[BackendState] = frozenset({BackendState.QUEUED, BackendState.RUNNING})
ENDS: Mapping[BackendState, JobState] = {
    BackendState.COMPLETED: JobState.COMPLETED,
    BackendState.FAILED: JobState.FAILED,
    BackendState.CANCELLED: JobState.CANCELLED,
    BackendState.TIMED_OUT: JobState.TIMED_OUT,
    BackendState.OUT_OF_MEMORY: JobState.OUT_OF_MEMORY,
    BackendState.NODE_FAILED: JobState.NODE_FAILED,
}


# How a run ends that gave its GPUs back: by its signal, or cancelled when its notice was over. One
# that completes has done its work, and other endings say that something else happened.
GIVEN_BACK: frozenset[BackendState] = frozenset({BackendState.FAILED, BackendState.CANCELLED})


@dataclass(frozen=True, slots=True)
class Sighting:
    """A holding job beside the backend's job that carries its marker and owner, if any does."""

    holding: HoldingJob
    seen: BackendJob | None

    @property
    def is_recalled(self) -> bool:
        """Say whether the job is to wait again once its run has ended."""
        return self.holding.recall_requested_at is not None and not self.holding.cancel_requested


def sightings(holding: Iterable[HoldingJob], cluster: ClusterState) -> tuple[Sighting, ...]:
    """Pair each holding job with its backend job.

    A backend job is ours only when job id, attempt and Unix account all match: ids are reused
    by Slurm, and a marker alone can be imitated by another user. Of several with one marker it is
    the one that we were told of, else the first.
    """
    alike: dict[tuple[int, int, str], list[BackendJob]] = {}
    for job in sorted(cluster.jobs, key=lambda job: job.slurm_id):
        alike.setdefault((job.job_id, job.attempt, job.unix_account), []).append(job)
    return tuple(
        Sighting(job, _known(job, alike.get((job.job_id, job.attempt, job.unix_account), [])))
        for job in holding
    )


def strays(seen: Iterable[Sighting], cluster: ClusterState) -> tuple[BackendJob, ...]:
    """Return live marked jobs that stand for no holding attempt; the caller checks the owner."""
    kept = {sighting.seen.slurm_id for sighting in seen if sighting.seen}
    return tuple(job for job in cluster.jobs if job.state in LIVE and job.slurm_id not in kept)


def is_unwanted(sighting: Sighting) -> bool:
    """Say whether the backend's job is to end: nobody wants it, or it is not to run in Slurm again.

    A recalled job that puts itself back into Slurm's queue would take the GPUs again.
    """
    requeued = sighting.seen is not None and sighting.seen.state is BackendState.QUEUED
    return sighting.holding.cancel_requested or (sighting.is_recalled and requeued)


def moves(sighting: Sighting, at: datetime) -> Iterator[Transition]:
    """Yield the moves that the evidence calls for, in order; none when nothing changed."""
    seen = sighting.seen
    if seen is None:
        return
    if seen.state is BackendState.QUEUED:
        if not sighting.is_recalled:
            yield from _queued(sighting.holding, seen, at)
        return
    if sighting.is_recalled and seen.state in GIVEN_BACK:
        yield Transition(seen.job_id, JobState.PENDING, at, ended_at=seen.ended_at or at)
        return
    yield from _started(sighting.holding, seen, at)
    if seen.state in ENDS:
        yield _ended(seen, at)


def _queued(holding: HoldingJob, seen: BackendJob, at: datetime) -> Iterator[Transition]:
    """A queued job that ran before was requeued: its run has ended."""
    if holding.state is not JobState.SUBMITTED:
        ended_at = at if holding.state is JobState.RUNNING else None
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
    if holding.state is JobState.RUNNING:
        if holding.started_at is None or seen.started_at <= holding.started_at:
            return
        yield Transition(seen.job_id, JobState.SUBMITTED, at, ended_at=seen.started_at)
    yield Transition(
        seen.job_id,
        JobState.RUNNING,
        at,
        slurm_id=seen.slurm_id,
        nodes=seen.nodes or None,
        started_at=seen.started_at,
    )


def _ended(seen: BackendJob, at: datetime) -> Transition:
    return Transition(
        seen.job_id,
        ENDS[seen.state],
        at,
        slurm_id=seen.slurm_id,
        ended_at=seen.ended_at or at,
        exit_code=seen.exit_code,
        detail=seen.reason,
    )


def _known(holding: HoldingJob, alike: Sequence[BackendJob]) -> BackendJob | None:
    told_of = (job for job in alike if job.slurm_id == holding.slurm_id)
    return next(told_of, alike[0] if alike else None)
