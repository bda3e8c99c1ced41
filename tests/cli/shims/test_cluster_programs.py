"""sinfo, scontrol and sacctmgr tell of the cluster and of its users."""

from __future__ import annotations

import pytest

from scheduler.v1.cluster_service_pb2 import GetClusterResponse, Node, PoolStatus
from tests.cli.service import Service
from tests.cli.shims.conftest import Program
from tests.cli.world import a_job, a_running_job


def a_node(name: str, *, available: bool = True) -> Node:
    return Node(
        name=name, pool="alem/h200", gpus=8, cpus=64, memory_mib=500000, available=available
    )


@pytest.fixture(autouse=True)
def a_cluster(service: Service) -> None:
    pool = PoolStatus(
        name="alem/h200", partition="alem", gpu_type="h200", capacity_gpus=24, held_gpus=9
    )
    nodes = [*map(a_node, ("n1", "n2", "n3")), a_node("n7", available=False)]
    service.cluster = GetClusterResponse(pools=[pool], nodes=nodes)
    service.jobs = [a_running_job(1041), a_job(1042)]


SINFO = {
    "what snakemake asks": (("-o", "%P"), "PARTITION\nalem\n"),
    "columns": (
        ("-h", "-o", "%P|%a|%D|%t|%N|%G|%c|%m"),
        "alem|up|3|mix|n[1-3]|gpu:h200:8|64|500000\nalem|up|1|down|n7|gpu:h200:8|64|500000\n",
    ),
    "the table": (
        (),
        "PARTITION AVAIL  TIMELIMIT  NODES  STATE NODELIST\n"
        "alem         up   infinite      3    mix n[1-3]\n"
        "alem         up   infinite      1   down n7\n",
    ),
    "another partition": (("-h", "-pother"), ""),
}


@pytest.mark.parametrize(("words", "out"), SINFO.values(), ids=SINFO.keys())
def test_sinfo_tells_of_nodes(program: Program, words: tuple[str, ...], out: str) -> None:
    assert program("sinfo", *words) == (0, out, "")


def test_scontrol_shows_a_job_by_slurms_keys(program: Program) -> None:
    told = program("scontrol", "-o", "show", "job", "1041")

    assert told.code == 0
    for pair in ("JobId=1041", "JobName=eval", "JobState=RUNNING", "NodeList=n[01-02]"):
        assert f"{pair} " in told.out


def test_scontrol_shows_what_tools_look_for_in_the_configuration(program: Program) -> None:
    lines = program("scontrol", "show", "config").out.splitlines()

    assert "MinJobAge = 300 sec" in [" ".join(line.split()) for line in lines]
    assert "MaxArraySize = 100001" in [" ".join(line.split()) for line in lines]


def test_scontrol_shows_partitions_and_nodes(program: Program) -> None:
    partition = program("scontrol", "show", "partition").out
    node = program("scontrol", "show", "node=n7").out

    assert "PartitionName=alem" in partition
    assert "TotalNodes=4" in partition
    assert "NodeName=n7" in node
    assert "State=DOWN" in node


def test_sacctmgr_tells_the_callers_project_as_the_account(program: Program) -> None:
    words = ("-n", "-s", "list", "user", "aliya", "format=account%12")

    assert program("sacctmgr", *words) == (0, "      speech \n", "")
    assert program("sacctmgr", "-nP", "show", "user").out == "aliya|speech|None\n"


REFUSED = {
    "a change": (("sacctmgr", "add", "user", "x"), "add user is not answered here"),
    "another entity": (("sacctmgr", "list", "qos"), "list qos is not answered here"),
    "a field": (("sacctmgr", "list", "user", "format=share"), "the field share is not"),
    "an update": (("scontrol", "update", "JobId=1"), "update is not answered here"),
    "an entity": (("scontrol", "show", "steps"), "show steps is not answered here"),
    "each node": (("sinfo", "-N"), "-N (option -N not recognized) is not answered here"),
}


@pytest.mark.parametrize(("words", "complaint"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_not_answered_is_refused_by_name(
    program: Program, words: tuple[str, ...], complaint: str
) -> None:
    told = program(*words)

    assert (told.code, told.out) == (1, "")
    assert told.err.startswith(f"{words[0]}: error: {complaint}")


MISSING = {
    "a job": (("job", "99"), "slurm_load_jobs error: Invalid job id specified\n"),
    "a node": (("node", "n99"), "Node n99 not found\n"),
    "a partition": (("partition", "x"), "Partition x not found\n"),
}


@pytest.mark.parametrize(("words", "complaint"), MISSING.values(), ids=MISSING.keys())
def test_what_is_not_there_is_told_as_slurm_does(
    program: Program, words: tuple[str, ...], complaint: str
) -> None:
    assert program("scontrol", "show", *words) == (1, "", complaint)
