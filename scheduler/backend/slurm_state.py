"""From Slurm's jobs and nodes to a cluster's state, whichever way they were read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from scheduler.backend.slurm_words import HELD_BY_USER, LIVE, backend_state, reason
from scheduler.backend.translate import marker_in
from scheduler.domain.cluster import Asked, BackendJob, BackendState, ClusterState
from scheduler.domain.resources import Amount, Node, Pool

Marker = tuple[int, int]
MarkerOfOwner = tuple[int, int, str]
# Where Slurm ended a job, its two daemons give different exit codes, and none is the script's.
_ENDED_BY_ITSELF = frozenset({BackendState.COMPLETED, BackendState.FAILED})


@dataclass(frozen=True, slots=True)
class SlurmJob:
    """A job in Slurm's own words.

    `held` is what all of its nodes together give it. Only operators can write the `admin_comment`,
    while a user may edit the `comment` of an own job, and what it asks for until it starts.
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
    admin_comment: str = ""
    asks: Asked | None = None
    was_launched: bool = True

    @property
    def is_doubtful(self) -> bool:
        """Say whether it ended as it started: Slurm may never have launched it on its nodes.

        So end jobs whose id slurmctld gave away twice in a crash, or whose first start it forgot,
        and those that were requeued as their node did not answer, and ended by it when it did.
        """
        ended = backend_state(self.state) in (BackendState.FAILED, BackendState.CANCELLED)
        was_to_start = bool(self.nodes) or self.restarts > 0
        return ended and was_to_start and self.started_at == self.ended_at

    @property
    def is_live(self) -> bool:
        return backend_state(self.state) in LIVE

    @property
    def holds_nodes(self) -> bool:
        return backend_state(self.state) is BackendState.RUNNING

    def is_sealed(self, installation: str) -> bool:
        """Say whether it bears our marker where its user cannot change it."""
        return marker_in(self.admin_comment, installation) is not None

    def is_loose(self, installation: str) -> bool:
        """Say whether it was to be held and its user can let it go: its submission broke off."""
        return self.reason == HELD_BY_USER and not self.is_sealed(installation)

    def marker(self, installation: str) -> Marker | None:
        """Return the job id and the attempt that our marker on it names; None without one."""
        sealed = marker_in(self.admin_comment, installation)
        return sealed or marker_in(self.comment, installation)

    def owned_marker(self, installation: str) -> MarkerOfOwner | None:
        """Return job id, attempt and Unix account; None when it bears no marker of ours."""
        marker = self.marker(installation)
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
    """Return the job if it bears our marker; whether its owner is right is not known here."""
    marker = job.marker(installation)
    if marker is None:
        return None
    state = backend_state(job.state, job.reason)
    if not job.was_launched:
        state = BackendState.NOT_LAUNCHED
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
        asks=job.asks,
        is_sealed=job.is_sealed(installation),
    )


def marked_jobs(
    queue: Sequence[SlurmJob], records: Iterable[SlurmJob], installation: str
) -> tuple[BackendJob, ...]:
    """Return our jobs that slurmctld knows, and those whose end only slurmdbd still knows.

    A record of a live job proves nothing: slurmctld may have forgotten that job. Ids are given
    again, so the marker tells whether a record is of the job that the queue has.
    """
    known = {(job.slurm_id, job.marker(installation)) for job in queue}
    ended = (
        job
        for job in records
        if not job.is_live and (job.slurm_id, job.marker(installation)) not in known
    )
    found = (backend_job(job, installation) for job in (*queue, *ended))
    return tuple(job for job in found if job is not None)


def first_ids(jobs: Iterable[SlurmJob], installation: str) -> dict[MarkerOfOwner, int]:
    """Return the lowest Slurm id of each marker of ours with its owner, loose jobs left out."""
    found: dict[MarkerOfOwner, int] = {}
    firm = (job for job in jobs if not job.is_loose(installation))
    for job in sorted(firm, key=lambda job: job.slurm_id):
        if (marker := job.owned_marker(installation)) is not None:
            found.setdefault(marker, job.slurm_id)
    return found


def _held_by_ours(jobs: Iterable[SlurmJob], installation: str) -> Mapping[str, Amount]:
    """Return what marked jobs hold on each node; their layout is even, as we asked for it."""
    held: dict[str, Amount] = {}
    for job in jobs:
        if job.holds_nodes and job.nodes and job.marker(installation):
            share = job.held.on_each_of(len(job.nodes))
            for name in job.nodes:
                held[name] = held.get(name, Amount()) + share
    return held


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
