"""Lets a restored database catch up with Slurm before anything is submitted."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from scheduler.domain.adopting import findings
from scheduler.domain.cluster import BackendJob
from scheduler.engine.world import World
from scheduler.errors import BackendUnavailable
from scheduler.texts import said

log = structlog.get_logger()


def adopt_what_runs(world: World) -> None:
    """Adopt every marked job that Slurm has seen since the backup; nothing unless one was restored.

    What has a row is its again, live or ended; what has none is left alone and named. Raises
    BackendUnavailable, StoreUnavailable and NotLeading; then nothing was adopted, and the next call
    begins anew.
    """
    restoration = world.store.restoration()
    if restoration is None:
        return
    cluster = world.backend.read(())
    if not cluster.pools:
        raise BackendUnavailable(
            said("Slurm shows no pool: what runs cannot be adopted from such a read")
        )
    seen = world.backend.marked_since(restoration.backup_of)
    rows = {job.job_id: job for job in world.store.launches({job.job_id for job in seen})}
    found = findings(rows, seen, cluster, world.default_mib_per_cpu)
    epoch = world.leadership.demand()
    world.store.adopt(found.adoptions, found.last_job_id, world.clock.now(), epoch)
    log.info(
        "restored",
        backup_of=restoration.backup_of.isoformat(),
        seen=len(seen),
        adopted=len(found.adoptions),
        left_running=len(found.unknown),
    )
    _name(found.unknown)


def _name(unknown: Sequence[BackendJob]) -> None:
    """Say of each job without a row how an operator finds it: nobody else will care for it."""
    for job in unknown:
        log.warning(
            "job_without_row",
            slurm_id=job.slurm_id,
            job_id=job.job_id,
            unix_account=job.unix_account,
            state=job.state.value,
            advice="accepted after the backup: left as it is; scancel or release it in Slurm",
        )
