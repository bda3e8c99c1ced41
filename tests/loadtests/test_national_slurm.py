"""The nation that slurmctld schedules for is the one that the allocator is measured with."""

from __future__ import annotations

from pathlib import Path

from deploy.slurm.devcluster.settings import Settings
from loadtests.national_slurm import conf_of
from loadtests.national_worlds import Size, a_nation
from loadtests.sdiag_rate import holding_arguments, pending_arguments, queued

WORLD = a_nation(Size(pending=300), seed=0)


def test_slurm_has_the_worlds_pools_and_nodes_and_keeps_no_records() -> None:
    lines = conf_of(Settings(Path("/tmp/nation"), nodes=1), WORLD).splitlines()

    assert [line for line in lines if line.startswith("NodeName=p03")] == [
        "NodeName=p03-[000-063] NodeAddr=127.0.0.1 CPUs=128 RealMemory=2048000 "
        "Gres=gpu:type3:8 State=CLOUD"
    ]
    assert sum(line.startswith("NodeName=") for line in lines) == len(WORLD.pools)
    assert "PartitionName=p15 Nodes=p15-[000-063] State=DOWN MaxTime=7-00:00:00" in lines
    assert [line for line in lines if line.startswith("Accounting")] == [
        "AccountingStorageType=accounting_storage/none"
    ]


def test_what_runs_is_put_on_its_node() -> None:
    job = WORLD.holding[0]

    arguments = list(holding_arguments(job, "type0"))

    assert arguments[:3] == ["--partition=p00", f"--nodelist={job.placement.nodes[0]}", "--nodes=1"]
    assert f"--gpus-per-node=type0:{job.placement.gang.per_node.gpus}" in arguments


def test_what_waits_names_every_pool_that_will_do_and_comes_oldest_first() -> None:
    jobs = queued(WORLD)
    anywhere = next(job for job in jobs if not job.request.partitions)
    of_its_type = [pool for pool in WORLD.pools if anywhere.request.suits_pool(pool)]

    (partition, *_) = pending_arguments(anywhere, WORLD.pools)

    assert [job.job_id for job in jobs] == list(range(1, 301))
    assert partition == "--partition=" + ",".join(pool.partition for pool in of_its_type)
    assert len(of_its_type) > 1
