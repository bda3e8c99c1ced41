"""Carries recalls out: the signal, the time of the notice, then the end of the run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from scheduler.domain.jobs import Job
from scheduler.domain.recalls.notices import Notice
from scheduler.domain.sbatch.reading import notice_signal
from scheduler.engine.world import World
from scheduler.errors import BackendUnavailable

log = structlog.get_logger()


class Recaller:
    """Sees every recalled run to its end; the move back into the queue follows on evidence.

    It remembers since when a job has had its notice. A restart forgets that: the job is signalled
    again and keeps its GPUs a notice longer, but no run ends without one.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._noticed_at: dict[int, datetime] = {}

    def go_on(self) -> None:
        """Signal who was told since the last call, and end whose notice is over.

        A cluster that does not take the signal is asked again at the next tick; the notice begins
        when it does. Raises StoreUnavailable.
        """
        leaving = self._world.store.recalled()
        known = {job.job_id for job in leaving}
        self._noticed_at = {i: at for i, at in self._noticed_at.items() if i in known}
        self._signal([job for job in leaving if job.job_id not in self._noticed_at])
        self._end([job for job in leaving if self._is_over(job)])

    def _signal(self, jobs: Sequence[Job]) -> None:
        if not jobs:
            return
        try:
            self._world.backend.signal([_notice(job) for job in jobs])
        except BackendUnavailable as error:
            log.warning("notice_failed", job_ids=[job.job_id for job in jobs], error=str(error))
            return
        now = self._world.clock.now()
        for job in jobs:
            self._noticed_at[job.job_id] = now
            log.info("recalled", job_id=job.job_id, recalled_for=job.recalled_for)

    def _is_over(self, job: Job) -> bool:
        noticed_at = self._noticed_at.get(job.job_id)
        notice_s = self._world.view.latest().policy.policy.recall.notice_s
        return noticed_at is not None and self._world.clock.now() - noticed_at >= timedelta(
            seconds=notice_s
        )

    def _end(self, jobs: Sequence[Job]) -> None:
        """Cancel the runs, at every tick until they are seen to have ended."""
        if not jobs:
            return
        try:
            self._world.backend.cancel([job.slurm_id for job in jobs])
        except BackendUnavailable as error:
            log.warning("recall_failed", job_ids=[job.job_id for job in jobs], error=str(error))


def _notice(job: Job) -> Notice:
    return Notice(job.slurm_id, notice_signal(job.spec))
