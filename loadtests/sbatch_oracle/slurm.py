"""A development Slurm of the oracle's own, with features and partitions to ask for."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from deploy.slurm.devcluster import cluster
from deploy.slurm.devcluster.folder import remove_folder
from deploy.slurm.devcluster.parts import environment
from deploy.slurm.devcluster.settings import Settings
from scheduler.domain.cluster import ClusterState
from scheduler.domain.resources import Amount, Node, Pool

# No other measurement's: those may be running beside this one.
BASE_PORT = 27350
NODES = 8
GPU_TYPE = "h200"
CAPACITY = Amount(gpus=8, cpus=64, memory_mib=500_000)
PARTITIONS = ("alem", "gpu", "short")
# Every subset of three features is on one node.
FEATURES = tuple(
    frozenset(name for bit, name in enumerate(("nvlink", "ib", "a100")) if number >> bit & 1)
    for number in range(NODES)
)
# What scripts may wait for: the first jobs of a Slurm with empty records, which stay held.
PREDECESSORS = (("--gpus=1",), ("--gpus=1", "--array=0-3"))
ARRAY_ID = 2


@contextmanager
def running_slurm(folder: Path) -> Iterator[Path]:
    """Run a Slurm with empty records in the folder, and give the path of its slurm.conf."""
    settings = Settings(folder, BASE_PORT, NODES, CAPACITY.gpus, min_job_age_s=10)
    cluster.down(folder, lambda _: None)
    remove_folder(folder)
    cluster.up(settings, lambda _: None)
    try:
        for argv in _additions():
            subprocess.run(argv, env=dict(environment(folder)), check=True)
        for options in PREDECESSORS:
            argv = ("sbatch", "--hold", "--wrap=true", *options)
            subprocess.run(argv, env=dict(environment(folder)), check=True, cwd=folder)
        yield settings.slurm_conf
    finally:
        cluster.down(folder, lambda _: None)
        remove_folder(folder)


def _additions() -> Iterator[tuple[str, ...]]:
    for number, features in enumerate(FEATURES, start=1):
        names = ",".join(sorted(features))
        yield (
            "scontrol", "update", f"NodeName=n{number}",
            f"AvailableFeatures={names}", f"ActiveFeatures={names}",
        )  # fmt: skip
    for partition in PARTITIONS[1:]:
        yield ("scontrol", "create", f"PartitionName={partition}", "Nodes=ALL", "MaxTime=7-0")


def as_the_service_sees_it() -> ClusterState:
    """Return the same cluster as it stands before a request is checked against it."""
    pools = tuple(Pool(partition, GPU_TYPE) for partition in PARTITIONS)
    nodes = tuple(
        Node(f"n{number}", pool.name, CAPACITY, features=features)
        for pool in pools
        for number, features in enumerate(FEATURES, start=1)
    )
    return ClusterState(pools, nodes, (), datetime(2026, 1, 1, tzinfo=UTC))
