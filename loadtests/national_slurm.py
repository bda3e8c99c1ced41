"""A slurmctld that schedules for a nation: a benchmark's nodes, with nobody behind them.

They are cloud nodes that take for ever to boot. slurmctld gives them out as any others, so its
backfill has the work that it would have on real ones; no job begins.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.slurm.devcluster import folder as layout
from deploy.slurm.devcluster.parts import parts_of
from deploy.slurm.devcluster.render import render
from deploy.slurm.devcluster.settings import Settings
from loadtests.head_to_head.cluster import PROGRAMS, OwnSlurm, devcluster
from scheduler.backend.programs import Programs
from scheduler.domain.snapshot import Snapshot

ACCOUNT = "backfilled"
# What of the development cluster's slurm.conf is not this one's: its nodes, and its records.
_OTHERS = ("NodeName=", "PartitionName=", "Accounting", "GresTypes=")
_OWN = """
GresTypes=gpu
AccountingStorageType=accounting_storage/none
MaxJobCount=200000
# Nothing boots, and nobody waits for it.
ResumeProgram=/bin/true
SuspendProgram=/bin/true
ResumeRate=0
ResumeTimeout=60000
SuspendTimeout=1
SuspendTime=60000
"""


@contextmanager
def national_slurm(folder: Path, world: Snapshot, base_port: int) -> Iterator[OwnSlurm]:
    """Run slurmctld over the world's nodes in a fresh folder, until the block ends.

    Its partitions are closed: jobs are taken, and looked at once `open_partitions` was called.
    """
    devcluster("down", folder, "--purge")
    settings = Settings(folder, base_port, nodes=1, users=(ACCOUNT,), scheduling="deep-backfill")
    layout.make_folder(settings)
    layout.make_users(settings)
    layout.write_conf(settings)
    settings.slurm_conf.write_text(conf_of(settings, world), encoding="utf-8")
    parts = parts_of(settings)
    try:
        for daemon in (parts.keepers[0], parts.controller):
            daemon.start()
            daemon.wait_until_ready()
        conf = str(settings.slurm_conf)
        yield OwnSlurm(settings.slurm_conf, Programs((*PROGRAMS, "scontrol"), conf))
    finally:
        devcluster("down", folder, "--purge")


def open_partitions(slurm: OwnSlurm, world: Snapshot) -> None:
    """Let slurmctld schedule. Raises BackendUnavailable when it does not answer."""
    for pool in world.pools:
        slurm.programs.answer("scontrol", "update", f"PartitionName={pool.partition}", "State=UP")


def conf_of(settings: Settings, world: Snapshot) -> str:
    """Return the development cluster's slurm.conf with the world's nodes and pools in it."""
    kept = [
        line for line in render(settings)["slurm.conf"].splitlines() if not line.startswith(_OTHERS)
    ]
    return "\n".join([*kept, _OWN, *_pools(world)]) + "\n"


def _pools(world: Snapshot) -> Iterator[str]:
    """Yield a line for each pool's nodes, which are alike, and one for its partition.

    Every program of Slurm's reads this file: a line for each node makes sbatch ten times as slow.
    """
    for pool in world.pools:
        nodes = [node for node in world.nodes if node.pool == pool.name]
        has, span = nodes[0].capacity, f"{pool.partition}-[000-{len(nodes) - 1:03}]"
        yield (
            f"NodeName={span} NodeAddr=127.0.0.1 CPUs={has.cpus} RealMemory={has.memory_mib} "
            f"Gres=gpu:{pool.gpu_type}:{has.gpus} State=CLOUD"
        )
        yield f"PartitionName={pool.partition} Nodes={span} State=DOWN MaxTime=7-00:00:00"
