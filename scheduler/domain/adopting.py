"""What a restored database takes over from Slurm: pure rules from marked jobs to its rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from scheduler.domain import stored_words as words
from scheduler.domain.cluster import BackendJob, BackendState, ClusterState
from scheduler.domain.jobs import HOLDING, TERMINAL, Job, JobState, Placement
from scheduler.domain.reconciling import LIVE
from scheduler.domain.records import UsageBucket
from scheduler.domain.requests import gang_for
from scheduler.domain.resources import Amount, Gang, Pool
from scheduler.domain.shares.usage import hourly_gpu_seconds

FURTHEST = (BackendState.RUNNING, BackendState.QUEUED, BackendState.HELD)
# Anybody may write a marker into a comment: one with a number this far ahead is not believed.
MOST_SKIPPED_JOB_IDS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Restoration:
    """That the database was restored, and has not taken over yet what happened in between.

    Nothing is known in it of what came after `backup_of`.
    """

    restored_at: datetime
    backup_of: datetime


@dataclass(frozen=True, slots=True)
class Adoption:
    """What a row is brought to: this attempt is in Slurm under this id, wherever it got there.

    `charges` are for runs of earlier attempts that ended while the database did not look.
    """

    job_id: int
    attempt: int
    slurm_id: int
    placement: Placement
    charges: tuple[UsageBucket, ...] = ()


@dataclass(frozen=True, slots=True)
class Findings:
    """What is adopted; which live jobs have no row; and the greatest job id that was given out."""

    adoptions: tuple[Adoption, ...]
    unknown: tuple[BackendJob, ...]
    last_job_id: int


def findings(
    rows: Mapping[int, Job],
    seen: Sequence[BackendJob],
    cluster: ClusterState,
    default_mib_per_cpu: int,
) -> Findings:
    """Compare the restored rows, by job id, with every marked job that Slurm has seen since.

    A live job whose row was accepted after the backup is left alone: who it belongs to, and its
    script, are not known any more.
    """
    by_job: dict[int, list[BackendJob]] = {}
    for job in seen:
        by_job.setdefault(job.job_id, []).append(job)
    taken = (
        adoption(rows[job_id], jobs, cluster, default_mib_per_cpu)
        for job_id, jobs in sorted(by_job.items())
        if job_id in rows
    )
    known = max(rows, default=0)
    return Findings(
        tuple(one for one in taken if one is not None),
        tuple(job for job in seen if job.state in LIVE and job.job_id not in rows),
        max((job_id for job_id in by_job if job_id <= known + MOST_SKIPPED_JOB_IDS), default=0),
    )


def adoption(
    row: Job, seen: Iterable[BackendJob], cluster: ClusterState, default_mib_per_cpu: int
) -> Adoption | None:
    """Return what the row is brought to; None where it tells of the newest attempt already.

    A waiting row's attempt is one that ended before: only a later one is news of it. Jobs of
    another Unix account imitate the marker. A terminal state is final.
    """
    first_news = row.attempt if row.state in HOLDING else row.attempt + 1
    ours = (job for job in seen if job.unix_account == row.unix_account)
    news = [job for job in ours if job.attempt >= first_news]
    if not news or row.state in TERMINAL:
        return None
    newest = max(job.attempt for job in news)
    alike = [job for job in news if job.attempt == newest]
    if newest == row.attempt and row.slurm_id in {job.slurm_id for job in alike}:
        return None
    told_of = min(alike, key=_how_far)
    places = {job.slurm_id: _placement(row, job, cluster, default_mib_per_cpu) for job in news}
    charges = (
        charge
        for job in news
        if job.attempt < newest
        for charge in _charges(row, job, places[job.slurm_id])
    )
    return Adoption(row.job_id, newest, told_of.slurm_id, places[told_of.slurm_id], tuple(charges))


def adopted(row: Job, found: Adoption, at: datetime) -> Job | None:
    """Return the row on its way to Slurm: whatever became of it there, the next read tells.

    None where a user cancelled it meanwhile: then what runs is a stray, and ends.
    """
    if row.state in TERMINAL:
        return None
    return replace(
        row,
        state=JobState.SUBMITTING,
        attempt=found.attempt,
        slurm_id=found.slurm_id,
        placement=found.placement,
        reason="",
        detail=words.FOUND_AFTER_RESTORE,
        more_blockers=(),
        started_at=None,
        ended_at=None,
        exit_code=None,
        recall_requested_at=None,
        requeue_requested_at=None,
        held_at=None,
        dependent_since=None,
        changed_at=at,
    )


def _how_far(job: BackendJob) -> tuple[int, bool, int]:
    """Order the jobs of one attempt: the one that came the furthest stands for it."""
    rank = FURTHEST.index(job.state) if job.state in FURTHEST else len(FURTHEST)
    return rank, job.started_at is None, job.slurm_id


def _placement(
    row: Job, seen: BackendJob, cluster: ClusterState, default_mib_per_cpu: int
) -> Placement:
    """Return where the job is; where Slurm does not say, a place of its size in a fitting pool."""
    if row.placement is not None and seen.attempt == row.attempt:
        return row.placement
    told = seen.nodes or (seen.asks.nodes if seen.asks else ())
    pool = _pool(row, told, cluster)
    there = [node for node in cluster.nodes if node.pool == pool.name]
    node_gpus = max((node.capacity.gpus for node in there), default=0)
    gang = gang_for(row.spec.request, node_gpus, default_mib_per_cpu)
    if gang is None or (told and gang.nodes != len(told)):
        gang = _spread(row.gpus, len(told) or 1)
    names = told or tuple(node.name for node in there[: gang.nodes])
    return Placement(pool.name, names, gang)


def _pool(row: Job, nodes: Collection[str], cluster: ClusterState) -> Pool:
    named = {node.pool for node in cluster.nodes if node.name in nodes}
    on_it = (pool for pool in cluster.pools if pool.name in named)
    suited = (pool for pool in cluster.pools if row.spec.request.suits_pool(pool))
    return next(on_it, None) or next(suited, cluster.pools[0])


def _spread(gpus: int, nodes: int) -> Gang:
    return Gang(nodes, Amount(max(1, gpus // nodes)))


def _charges(row: Job, run: BackendJob, placement: Placement) -> Iterator[UsageBucket]:
    if run.started_at is None or run.ended_at is None:
        return
    for hour in hourly_gpu_seconds(run.started_at, run.ended_at, placement.gang.gpus):
        yield UsageBucket(row.tenant, placement.pool, *hour)
