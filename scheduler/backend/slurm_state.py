"""From Slurm's jobs and nodes to a cluster's state, whichever way they were read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from scheduler.backend.slurm_words import LIVE, backend_state, reason
from scheduler.backend.translate import marker_in
from scheduler.domain.cluster import BackendJob, BackendState, ClusterState
from scheduler.domain.resources import Amount, Node, Pool

MarkerOfOwner = tuple[int, int, str]
# Where Slurm ended a job, its two daemons give different exit codes, and none is the script's.
_ENDED_BY_ITSELF = frozenset({BackendState.COMPLETED, BackendState.FAILED})


@dataclass(frozen=True, slots=True)
class SlurmJob:
    """A job in Slurm's own words; `held` is what all of its nodes together give it.

    `asked_nodes` are those that it was sent to, where that was read.
    """

    slurm_id: int
    comment: str
    unix_account: str
    state: str
    reason: str = ""
    nodes: tuple[str, ...] = ()
    started_at: datetime | None = None
    ended_at: datetime | None = None
    exit_code: int = 0
    restarts: int = 0
    held: Amount = field(default_factory=Amount)
    asked_nodes: tuple[str, ...] = ()

    @property
    def is_live(self) -> bool:
        return backend_state(self.state) in LIVE

    @property
    def holds_nodes(self) -> bool:
        return backend_state(self.state) is BackendState.RUNNING

    def owned_marker(self, installation: str) -> MarkerOfOwner | None:
        """Return job id, attempt and Unix account; None when the comment is no marker of ours."""
        marker = marker_in(self.comment, installation)
        return (*marker, self.unix_account) if marker else None


@dataclass(frozen=True, slots=True)
class SlurmNode:
    """A node as Slurm has it; `allocated` is what anybody's jobs hold on it."""

    name: str
    partitions: tuple[str, ...]
    gpu_type: str
    capacity: Amount
    allocated: Amount
    features: frozenset[str] = frozenset()
    available: bool = True


def cluster_state(
    nodes: Iterable[SlurmNode],
    jobs: Sequence[SlurmJob],
    watched: Collection[int],
    read_at: datetime,
    installation: str,
) -> ClusterState:
    """Return the state; a node without GPUs or outside every partition is left out.

    A node is in one pool: that of the first partition it names. Jobs with the marker of another
    installation are other people's.
    """
    ours = _held_by_ours(jobs, installation)
    usable = [node for node in nodes if node.capacity.gpus and node.partitions]
    pools = {Pool(node.partitions[0], node.gpu_type) for node in usable}
    reported = [job for job in jobs if job.is_live or job.slurm_id in watched]
    return ClusterState(
        tuple(sorted(pools, key=lambda pool: pool.name)),
        tuple(_node(node, ours.get(node.name, Amount())) for node in usable),
        tuple(seen for job in reported if (seen := backend_job(job, installation)) is not None),
        read_at,
    )


def backend_job(job: SlurmJob, installation: str) -> BackendJob | None:
    """Return the job if its comment is our marker; whether its owner is right is not known here."""
    marker = marker_in(job.comment, installation)
    if marker is None:
        return None
    state = backend_state(job.state, job.reason)
    # A job that never got nodes never ran; Slurm gives it a start nevertheless.
    ran = bool(job.nodes) and state not in (BackendState.HELD, BackendState.QUEUED)
    ended = state not in LIVE
    return BackendJob(
        slurm_id=job.slurm_id,
        job_id=marker[0],
        attempt=marker[1],
        unix_account=job.unix_account,
        state=state,
        reason=reason(job.state, job.reason),
        nodes=job.nodes if ran else (),
        started_at=job.started_at if ran else None,
        ended_at=job.ended_at if ended else None,
        exit_code=job.exit_code if ran and state in _ENDED_BY_ITSELF else None,
        restarts=job.restarts,
        per_node=_nth(job.held, len(job.nodes)) if job.holds_nodes and job.nodes else Amount(),
    )


def marked_jobs(
    queue: Sequence[SlurmJob], records: Iterable[SlurmJob], installation: str
) -> tuple[BackendJob, ...]:
    """Return our jobs that slurmctld knows, and those whose end only slurmdbd still knows.

    A record of a live job proves nothing: slurmctld may have forgotten that job.
    """
    known = {(job.slurm_id, job.comment) for job in queue}
    ended = [job for job in records if not job.is_live and (job.slurm_id, job.comment) not in known]
    found = ((job, backend_job(job, installation)) for job in (*queue, *ended))
    return tuple(
        replace(seen, nodes=seen.nodes or job.asked_nodes)
        for job, seen in found
        if seen is not None
    )


def first_ids(jobs: Iterable[SlurmJob], installation: str) -> dict[MarkerOfOwner, int]:
    """Return the lowest Slurm id of each marker of ours with its owner."""
    found: dict[MarkerOfOwner, int] = {}
    for job in sorted(jobs, key=lambda job: job.slurm_id):
        if (marker := job.owned_marker(installation)) is not None:
            found.setdefault(marker, job.slurm_id)
    return found


def _held_by_ours(jobs: Iterable[SlurmJob], installation: str) -> Mapping[str, Amount]:
    """Return what marked jobs hold on each node; their layout is even, as we asked for it."""
    held: dict[str, Amount] = {}
    for job in jobs:
        if job.holds_nodes and job.nodes and marker_in(job.comment, installation):
            share = _nth(job.held, len(job.nodes))
            for name in job.nodes:
                held[name] = held.get(name, Amount()) + share
    return held


def _nth(amount: Amount, parts: int) -> Amount:
    return Amount(amount.gpus // parts, amount.cpus // parts, amount.memory_mib // parts)


def _node(node: SlurmNode, ours: Amount) -> Node:
    pool = Pool(node.partitions[0], node.gpu_type)
    return Node(
        node.name,
        pool.name,
        node.capacity,
        node.allocated.less(ours),
        node.features,
        node.available,
    )
