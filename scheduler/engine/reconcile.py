"""Bring the store in line with what the backend says, and the backend with users' wishes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from scheduler.domain.cluster import BackendJob, ClusterState
from scheduler.domain.jobs import TERMINAL, Job, JobState
from scheduler.domain.reconciling import (
    LIVE,
    Sighting,
    is_unwanted,
    moves,
    sightings,
    strays,
    stuck,
    to_release,
    with_strays_use,
    without_evidence,
)
from scheduler.domain.records import Transition
from scheduler.engine.live_jobs import LiveJobs
from scheduler.engine.releases import Releases
from scheduler.engine.world import World
from scheduler.errors import BackendUnavailable

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Reconciled:
    """A good read of the backend, and the jobs that it moved.

    `requeued` says that a run was charged whose job has not ended: the job no longer tells of it.
    """

    cluster: ClusterState
    moved: tuple[Job, ...]
    requeued: bool = False


class Reconciler:
    """Moves jobs on evidence only; remembers since when a job has not been seen.

    The memory is lost in a restart, which only makes the engine wait longer.
    """

    def __init__(self, world: World, live: LiveJobs) -> None:
        self._world = world
        self._live = live
        self._releases = Releases(world.backend, world.clock)
        self._unseen_since: dict[int, datetime] = {}
        self._retries = 0

    def reconcile(self) -> Reconciled:
        """Read the backend and apply what it calls for.

        Raises BackendUnavailable, StoreUnavailable; then nothing was concluded from the silence.
        """
        world = self._world
        self._live.refresh()
        holding = self._live.holding()
        cluster = self._read({job.slurm_id for job in holding if job.slurm_id})
        now = world.clock.now()
        seen = sightings(holding, cluster)
        confirm_after = timedelta(seconds=world.patience.confirm_after_s)
        transitions = [move for one in seen for move in moves(one, now, confirm_after)]
        transitions += self._given_up(seen, cluster, now)
        transitions += stuck(seen, self._releases.refused_for(self._patience), now)
        moved = world.store.apply(transitions, world.leadership.demand())
        world.tell_moved(moved, now)
        waiting = {job.job_id for job in moved if job.state is JobState.PENDING}
        wanted = [one for one in seen if one.holding.job_id not in waiting]
        others = strays(wanted, cluster)
        self._cancel(wanted, others)
        self._releases.ask(to_release(wanted, moved))
        requeued = any(move.ended_at and move.to not in TERMINAL for move in transitions)
        return Reconciled(with_strays_use(cluster, others), moved, requeued)

    @property
    def _patience(self) -> timedelta:
        return timedelta(seconds=self._world.patience.lost_after_s)

    def overdue(self) -> tuple[int, ...]:
        """Return the jobs whose submission must be tried again, as the same attempt.

        Each call begins with another one: a job that never gets a clear answer ends its batch,
        and must not stand before the same others for ever.
        """
        world = self._world
        self._live.refresh()
        latest = world.clock.now() - timedelta(seconds=world.patience.resubmit_after_s)
        ids = [
            job.job_id
            for job in self._live.holding()
            if job.state is JobState.SUBMITTING
            and not job.cancel_requested
            and (job.changed_at is None or job.changed_at <= latest)
        ]
        self._retries += 1
        first = self._retries % len(ids) if ids else 0
        return (*ids[first:], *ids[:first])

    def _read(self, slurm_ids: Collection[int]) -> ClusterState:
        """Read the backend; an outage proves nothing, so patience begins anew after it."""
        try:
            return self._world.backend.read(slurm_ids)
        except BackendUnavailable:
            self._unseen_since.clear()
            self._releases.forget()
            raise

    def _given_up(
        self, seen: Sequence[Sighting], cluster: ClusterState, now: datetime
    ) -> Iterable[Transition]:
        """Yield the ends of jobs that were not seen for too long.

        While records are to come patience does not begin: the end of any may be among them.
        """
        unseen = {job.holding.job_id: job.holding for job in seen if job.seen is None}
        if not cluster.records_are_complete:
            self._unseen_since.clear()
        self._unseen_since = {job: self._unseen_since.get(job, now) for job in unseen}
        for job_id, since in self._unseen_since.items():
            if now - since >= self._patience:
                yield from without_evidence(unseen[job_id], now)

    def _cancel(self, seen: Sequence[Sighting], others: Sequence[BackendJob]) -> None:
        """Ask for the end of jobs that are unwanted, at every read until they are gone.

        One that cannot be cancelled must not keep others from starting: the failure is logged.
        """
        wished = (sighting.seen for sighting in seen if is_unwanted(sighting))
        unwanted = [job.slurm_id for job in wished if job and job.state in LIVE]
        unwanted += [job.slurm_id for job in self._ours(others)]
        if not unwanted:
            return
        try:
            self._world.backend.cancel(unwanted)
        except BackendUnavailable as error:
            log.warning("cancel_failed", slurm_ids=unwanted, error=str(error))

    def _ours(self, some: Sequence[BackendJob]) -> Iterator[BackendJob]:
        """Yield those whose row has the same owner and does not want them.

        A row that waits for an attempt which Slurm has already is one of an older database.
        """
        ids = {job.job_id for job in some}
        rows = {row.job_id: row for row in self._world.store.launches(ids)} if ids else {}
        for job in some:
            row = rows.get(job.job_id)
            if row is None or row.unix_account != job.unix_account:
                continue
            if row.state is not JobState.PENDING or row.attempt >= job.attempt:
                yield job
