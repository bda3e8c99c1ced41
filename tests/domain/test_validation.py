"""Requests that could never start are refused at once, with the numbers and the mend."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from scheduler.domain.cluster import ClusterState
from scheduler.domain.policies import PerPool, Policy, Quota, UserLimits
from scheduler.domain.requests import GpuRequest, GpusPer, Memory, MemoryPer
from scheduler.domain.resources import Node
from scheduler.domain.validation import check_request
from scheduler.errors import InvalidRequest, QuotaExceeded
from tests.build import NOON, a_node, a_policy, a_pool, a_quota, a_request, a_tenant, nodes

ALPHA = a_tenant("alpha")
POOLS = ("alem/h200", "alem/a100", "all/a100")


def a_cluster(*machines: Node, pools: Sequence[str] = POOLS) -> ClusterState:
    return ClusterState(tuple(a_pool(name) for name in pools), machines, (), NOON)


EIGHT_OF_8 = a_cluster(
    *nodes(8, pool="alem/h200"),
    *nodes(2, gpus=4, pool="alem/a100", first=9),
    a_node("n11", pool="all/a100", gpus=4, features={"ib", "nvme"}),
)


def refusal(request: GpuRequest, policy: Policy | None = None, elements: int = 1) -> list[str]:
    with pytest.raises(InvalidRequest) as refused:
        check_request(request, ALPHA, policy or a_policy(), EIGHT_OF_8, elements)
    return [str(violation) for violation in refused.value.violations]


POSSIBLE = {
    "one GPU": a_request(1),
    "all of the largest pool": a_request(64),
    "all nodes": a_request(8, gpus_per=GpusPer.NODE, nodes=8),
    "a type": a_request(4, gpu_type="a100"),
    "one of two partitions that has the type": a_request(
        8, gpu_type="h200", partitions=("all", "alem")
    ),
    "features": a_request(1, constraint=(frozenset({"ib", "nvme"}),)),
    "a node's whole memory": a_request(1, memory=Memory(1_024_000, MemoryPer.NODE)),
    "a node's CPUs": a_request(1, cpus_per_task=64),
}


@pytest.mark.parametrize("request_", POSSIBLE.values(), ids=POSSIBLE.keys())
def test_what_an_idle_cluster_holds_passes(request_: GpuRequest) -> None:
    check_request(request_, ALPHA, a_policy(), EIGHT_OF_8)


IMPOSSIBLE = {
    "an unknown type": (
        a_request(1, gpu_type="h20"),
        "--gpus: there is no GPU type 'h20'; the cluster has a100, h200; did you mean h200?",
    ),
    "an unknown partition": (
        a_request(1, partitions=("alem", "debug")),
        "--partition: there is no partition 'debug'; the cluster has alem, all",
    ),
    "a type that the partition lacks": (
        a_request(1, gpu_type="h200", partitions=("all",)),
        "--partition: no h200 in partition all; the cluster has alem/h200, alem/a100, all/a100",
    ),
    "a feature that nodes lack": (
        a_request(1, gpu_type="h200", constraint=(frozenset({"ib"}), frozenset({"nvme", "up"}))),
        "--constraint: no node in alem/h200 has ib|nvme&up; features there: none",
    ),
    "more GPUs than a pool": (
        a_request(65, gpu_type="h200"),
        "--gpus: 65 GPUs asked, the largest pool of nodes that suit, in alem/h200, has 64; ask "
        "for at most that",
    ),
    "more GPUs than a node": (
        a_request(9, gpus_per=GpusPer.NODE),
        "--gpus-per-node: 9 GPUs on each node asked, the largest node in alem/h200, alem/a100, "
        "all/a100 has 8; spread the job over more nodes",
    ),
    "more GPUs on the nodes asked for": (
        a_request(32, nodes=2, gpu_type="h200"),
        "--nodes: 16 GPUs on each node asked, the largest node in alem/h200 has 8; spread the "
        "job over more nodes",
    ),
    "more nodes": (
        a_request(9, nodes=9),
        "--nodes: 9 nodes asked, at most 8 in alem/h200, alem/a100, all/a100 suit; ask for fewer "
        "with more GPUs on each",
    ),
    "more CPUs": (
        a_request(1, tasks=2, cpus_per_task=40),
        "--cpus-per-task: comes to 80 CPUs on a node, the largest in alem/h200, alem/a100, "
        "all/a100 has 64; ask for fewer CPUs or tasks on each node",
    ),
    "more memory": (
        a_request(2, gpu_type="h200", memory=Memory(600_000, MemoryPer.GPU)),
        "--mem-per-gpu: comes to 1200000 MiB on a node, the largest in alem/h200 has 1024000; "
        "ask for less",
    ),
    "GPUs that spread over no number of nodes there are": (
        a_request(11, gpu_type="h200"),
        "--gpus: no nodes in alem/h200 hold 11 x (1 GPUs, 1 CPUs, 0 MiB); ask for less, or for "
        "GPUs that spread evenly over fewer nodes",
    ),
}


@pytest.mark.parametrize(("request_", "want"), IMPOSSIBLE.values(), ids=IMPOSSIBLE.keys())
def test_what_no_cluster_state_could_hold_is_refused(request_: GpuRequest, want: str) -> None:
    assert refusal(request_) == [want]


def test_nodes_that_are_down_count() -> None:
    down = a_cluster(a_node(pool="alem/h200", available=False), pools=("alem/h200",))

    check_request(a_request(8), ALPHA, a_policy(), down)


def test_a_pool_without_nodes_holds_nothing() -> None:
    with pytest.raises(InvalidRequest, match=r"no nodes for any GPU type in alem/h200"):
        check_request(a_request(1), ALPHA, a_policy(), a_cluster(pools=("alem/h200",)))


def test_a_cluster_without_pools_holds_nothing() -> None:
    with pytest.raises(InvalidRequest, match="the cluster has no GPUs"):
        check_request(a_request(1), ALPHA, a_policy(), a_cluster(pools=()))


def test_all_that_is_wrong_is_listed() -> None:
    limited = Policy({}, user_limits=UserLimits(max_walltime_s=3600, max_array_elements=10))
    request = a_request(1, gpu_type="b300", partitions=("x",), walltime_s=5400)

    assert refusal(request, limited, elements=11) == [
        "--time: 1:30:00 asked, the policy's limit is 1:00:00; ask for less and continue from a "
        "checkpoint",
        "--array: 11 elements asked, the policy's limit is 10; split the array",
        "--partition: there is no partition 'x'; the cluster has alem, all",
        "--gpus: there is no GPU type 'b300'; the cluster has a100, h200",
    ]


def test_limits_themselves_may_be_asked_for() -> None:
    limited = Policy({}, user_limits=UserLimits(8, 10, 3600, 10))

    check_request(a_request(8), ALPHA, limited, EIGHT_OF_8, elements=10)


def test_the_users_of_a_class_may_have_limits_of_their_own() -> None:
    small = UserLimits(max_walltime_s=3600, max_job_gpus=2)
    limited = Policy({}, class_user_limits={ALPHA.tenant_class: small})
    elsewhere = Policy({}, class_user_limits={"another": small})

    assert refusal(a_request(4, walltime_s=7200), limited) == [
        "--time: 2:00:00 asked, the policy's limit is 1:00:00; ask for less and continue from a "
        "checkpoint",
        "--gpus: 4 GPUs asked, the policy's limit for one job is 2; ask for less",
    ]
    check_request(a_request(2, walltime_s=3600), ALPHA, limited, EIGHT_OF_8)
    check_request(a_request(4, walltime_s=7200), ALPHA, elsewhere, EIGHT_OF_8)


def in_pools(other: int | None = None, **pools: int) -> Quota:
    """Return a quota with ceilings; `alem_h200=8` is 8 in alem/h200."""
    return Quota(
        ceiling=PerPool(other, {name.replace("_", "/"): gpus for name, gpus in pools.items()})
    )


CEILINGS = {
    "the organisation's": (
        a_policy({"alpha": a_quota(ceiling=8)}),
        ("organisation alpha in pool alem/h200", 8),
    ),
    "the organisations' default": (
        a_policy(default=a_quota(ceiling=12)),
        ("organisation alpha in pool alem/h200", 12),
    ),
    "the class's": (
        a_policy(classes={"universities": a_quota(ceiling=4)}),
        ("class universities in pool alem/h200", 4),
    ),
    "the user's": (a_policy(max_held_gpus=15), ("user alpha-user", 15)),
    "the highest of the pools that suit": (
        a_policy({"alpha": in_pools(2, alem_a100=6, all_a100=3)}),
        ("organisation alpha in pool alem/a100", 6),
    ),
}


@pytest.mark.parametrize(("policy", "want"), CEILINGS.values(), ids=CEILINGS.keys())
def test_a_request_above_a_ceiling_everywhere_is_refused(
    policy: Policy, want: tuple[str, int]
) -> None:
    sixteen = a_request(2, gpus_per=GpusPer.NODE, nodes=8)
    with pytest.raises(QuotaExceeded) as refused:
        check_request(sixteen, ALPHA, policy, EIGHT_OF_8)

    assert (refused.value.subject, refused.value.limit) == want
    assert (refused.value.asked, refused.value.used) == (16, 0)


def test_one_pool_with_room_is_enough() -> None:
    policy = a_policy({"alpha": in_pools(2, alem_h200=16)})

    check_request(a_request(16), ALPHA, policy, EIGHT_OF_8)


def test_another_organisations_ceiling_does_not_count() -> None:
    check_request(a_request(16), ALPHA, a_policy({"beta": a_quota(ceiling=8)}), EIGHT_OF_8)


WITHOUT_A_CLUSTER = {
    "anything within the policy passes": (a_policy(), True),
    "a ceiling everywhere refuses": (a_policy({"alpha": a_quota(ceiling=8)}), False),
    "a ceiling in one pool leaves others": (a_policy({"alpha": in_pools(alem_h200=8)}), True),
    "a pool with room passes": (a_policy({"alpha": in_pools(8, alem_h200=16)}), True),
    "a pool that does not suit does not": (a_policy({"alpha": in_pools(8, alem_v100=16)}), False),
    "a user's limit refuses": (a_policy(max_held_gpus=8), False),
}


@pytest.mark.parametrize(
    ("policy", "passes"), WITHOUT_A_CLUSTER.values(), ids=WITHOUT_A_CLUSTER.keys()
)
def test_without_a_cluster_the_policy_alone_decides(policy: Policy, passes: bool) -> None:
    request = a_request(16, gpu_type="h200")
    try:
        check_request(request, ALPHA, policy, None)
    except QuotaExceeded:
        assert not passes
    else:
        assert passes
