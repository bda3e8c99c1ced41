"""Hand recorded starts to the backend and store what it clearly answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import structlog

from scheduler.domain import stored_words as words
from scheduler.domain.cluster import ClusterState, Launch, Submission, SubmissionOutcome
from scheduler.domain.jobs import Job, JobState
from scheduler.domain.records import Transition
from scheduler.domain.resources import Pool
from scheduler.domain.slurm_accounts import account_of
from scheduler.engine.world import World
from scheduler.errors import BackendUnavailable

log = structlog.get_logger()


def dispatch(world: World, cluster: ClusterState, job_ids: Sequence[int]) -> tuple[Submission, ...]:
    """Submit these jobs, in this order, where they are still SUBMITTING.

    Only a clear yes makes a job HELD, or SUBMITTED where jobs are not held first. Only a clear no
    makes it FAILED, or PENDING where a node that was chosen for it is gone: the choice was not the
    user's. Any other answer changes nothing. Raises StoreUnavailable.
    """
    if not job_ids:
        return ()
    pools = {pool.name: pool for pool in cluster.pools}
    installation = world.store.installation()
    recorded = [job for job in world.store.launches(job_ids) if job.state is JobState.SUBMITTING]
    recorded.sort(key=lambda job: job_ids.index(job.job_id))
    are_held = world.patience.confirm_after_s > 0
    launches = [
        replace(launch, is_held=are_held, slurm_account=_slurm_account(world, job))
        for job in recorded
        if (launch := launch_of(job, pools, installation)) is not None
    ]
    submissions = _submitted(world, launches)
    now = world.clock.now()
    gone = _nodes_gone(world, launches, submissions)
    answers = [
        answer
        for one in submissions
        if (answer := _answer(one, gone, now, are_held=are_held)) is not None
    ]
    world.tell_moved(world.store.apply(answers, world.leadership.demand()), now)
    return submissions


def launch_of(job: Job, pools: dict[str, Pool], installation: str) -> Launch | None:
    """Return what the backend needs to start the job; None, with a warning, if its pool is gone."""
    if job.placement is None or job.placement.pool not in pools:
        log.warning("pool_gone", job_id=job.job_id, placement=job.placement)
        return None
    pool = pools[job.placement.pool]
    return Launch(
        installation=installation,
        job_id=job.job_id,
        attempt=job.attempt,
        unix_account=job.unix_account,
        name=job.spec.name,
        script=job.spec.script,
        flags=job.spec.flags,
        placement=job.placement,
        partition=pool.partition,
        gpu_type=pool.gpu_type,
        walltime_s=job.spec.request.walltime_s,
        working_directory=job.spec.working_directory,
        array_index=job.array.index if job.array else None,
        array_id=job.array.array_id if job.array else None,
        environment=job.spec.environment,
    )


def _slurm_account(world: World, job: Job) -> str:
    tenant = job.tenant
    return account_of(tenant.organisation, tenant.project) if world.slurm_accounts else ""


def _submitted(world: World, launches: Sequence[Launch]) -> tuple[Submission, ...]:
    try:
        submissions = world.backend.submit(launches) if launches else ()
    except BackendUnavailable as error:
        submissions = tuple(
            Submission(launch.job_id, SubmissionOutcome.UNKNOWN, message=str(error))
            for launch in launches
        )
    for submission in submissions:
        log.info(
            "submitted",
            job_id=submission.job_id,
            outcome=submission.outcome,
            slurm_id=submission.slurm_id,
            message=submission.message,
        )
    return submissions


def _nodes_gone(
    world: World, launches: Sequence[Launch], submissions: Sequence[Submission]
) -> Mapping[int, str]:
    """Return of each refused job the nodes chosen for it that a new read does not find up."""
    refused = {one.job_id for one in submissions if one.outcome is SubmissionOutcome.REFUSED}
    if not refused:
        return {}
    try:
        up = {node.name for node in world.backend.read(()).nodes if node.available}
    except BackendUnavailable:
        return {}
    missing = {
        launch.job_id: [name for name in launch.placement.nodes if name not in up]
        for launch in launches
        if launch.job_id in refused
    }
    return {job_id: ", ".join(names) for job_id, names in missing.items() if names}


def _answer(
    submission: Submission, gone: Mapping[int, str], at: datetime, *, are_held: bool
) -> Transition | None:
    if submission.outcome is SubmissionOutcome.ACCEPTED:
        to = JobState.HELD if are_held else JobState.SUBMITTED
        return Transition(submission.job_id, to, at, slurm_id=submission.slurm_id)
    if submission.job_id in gone:
        detail = words.NODES_LEFT.format(nodes=gone[submission.job_id])
        log.warning("nodes_gone", job_id=submission.job_id, nodes=gone[submission.job_id])
        return Transition(submission.job_id, JobState.PENDING, at, detail=detail)
    if submission.outcome is SubmissionOutcome.REFUSED:
        detail = words.REFUSED_BY_SLURM.format(message=submission.message)
        return Transition(submission.job_id, JobState.FAILED, at, ended_at=at, detail=detail)
    return None
