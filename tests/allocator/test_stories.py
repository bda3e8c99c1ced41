"""What the allocators decide, told as stories."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

import pytest

from scheduler.allocator.greedy import allocate_greedily
from scheduler.allocator.solve import CpSatAllocator
from scheduler.domain.decisions import Allocation
from scheduler.domain.jobs import ArrayPlace, PendingJob
from scheduler.domain.reasons import Reason
from scheduler.domain.requests import GpusPer
from scheduler.domain.resources import Amount
from scheduler.domain.snapshot import Snapshot
from scheduler.ports import Allocator
from tests.build import (
    a_holding,
    a_node,
    a_pending,
    a_policy,
    a_quota,
    a_snapshot,
    a_tenant,
    nodes,
)

ALLOCATORS = {"cp-sat": CpSatAllocator(), "greedy": allocate_greedily}
every_allocator = pytest.mark.parametrize("allocate", ALLOCATORS.values(), ids=ALLOCATORS)


def outcome(allocation: Allocation) -> dict[int, str]:
    """Return "start" or the reason to wait, by job."""
    starts = {start.job_id: "start" for start in allocation.starts}
    return starts | {
        job_id: wait.reason.value for wait in allocation.waits for job_id in wait.job_ids
    }


def gpus_started(snapshot: Snapshot, allocation: Allocation) -> Counter[str]:
    whose = {job.job_id: job.tenant.organisation for job in snapshot.pending}
    gpus: Counter[str] = Counter()
    for start in allocation.starts:
        gpus[whose[start.job_id]] += start.placement.gang.gpus
    return gpus


def queue(organisation: str, jobs: int, gpus: int = 1, first: int = 1) -> list[PendingJob]:
    return [a_pending(first + n, organisation, gpus) for n in range(jobs)]


ONE_STARTS: dict[str, tuple[Snapshot, dict[int, str]]] = {
    "a job that fits starts": (a_snapshot(a_pending(1, gpus=8)), {1: "start"}),
    "a full organisation waits even when GPUs are free": (
        a_snapshot(
            a_pending(1, gpus=4),
            holding=[a_holding(gpus=6)],
            on=nodes(2),
            policy=a_policy({"alpha": a_quota(ceiling=8)}),
        ),
        {1: Reason.ORGANISATION_CEILING},
    ),
    "idle GPUs may be borrowed up to the limit": (
        a_snapshot(
            *queue("alpha", 4),
            a_pending(9, "beta", 1),
            on=[a_node(gpus=4)],
            policy=a_policy({"alpha": a_quota(borrowing=0)}),
        ),
        {1: "start", 2: "start", 3: "start", 4: Reason.BORROWING_LIMIT, 9: "start"},
    ),
    "a full class waits": (
        a_snapshot(
            *queue("alpha", 2, 4),
            policy=a_policy(classes={"universities": a_quota(ceiling=4)}),
        ),
        {1: "start", 2: Reason.CLASS_CEILING},
    ),
    "a user at the limit waits": (
        a_snapshot(*queue("alpha", 2, 4), policy=a_policy(max_held_gpus=6)),
        {1: "start", 2: Reason.USER_LIMIT},
    ),
    "an array runs as many elements as it allows": (
        a_snapshot(*(a_pending(n, array=ArrayPlace(5, n, limit=2)) for n in (1, 2, 3))),
        {1: "start", 2: "start", 3: Reason.ARRAY_LIMIT},
    ),
    "what a floor does not lend stays free": (
        a_snapshot(
            a_pending(1, "beta", 8),
            a_pending(2, "beta", 4),
            policy=a_policy({"alpha": a_quota(floor=4, lending=0)}),
            organisations={"alpha": "universities"},
        ),
        {1: Reason.KEPT_BACK, 2: "start"},
    ),
    "a floor that may be lent is lent": (
        a_snapshot(
            a_pending(1, "beta", 8),
            policy=a_policy({"alpha": a_quota(floor=4)}),
            organisations={"alpha": "universities"},
        ),
        {1: "start"},
    ),
    "a gang of two nodes takes two nodes or none": (
        a_snapshot(
            a_pending(1, gpus=8, gpus_per=GpusPer.NODE, nodes=2),
            on=nodes(2),
            holding=[a_holding(gpus=1)],
        ),
        {1: Reason.NOT_ENOUGH_FREE_GPUS},
    ),
    "free GPUs on too many nodes do not make a gang": (
        a_snapshot(
            a_pending(1, gpus=8, nodes=1),
            on=[a_node(name, used=Amount(4, 4, 4)) for name in ("n1", "n2")],
        ),
        {1: Reason.FRAGMENTED},
    ),
    "a request that no machine fits says so": (
        a_snapshot(a_pending(1, gpus=1, constraint=(frozenset({"quantum"}),))),
        {1: Reason.NO_SUITABLE_NODES},
    ),
    "a request whose machines are down says so": (
        a_snapshot(a_pending(1, gpus=8), on=[a_node(available=False), a_node("n2", gpus=4)]),
        {1: Reason.NODES_UNAVAILABLE},
    ),
    "who comes too late hears that others went first": (
        a_snapshot(a_pending(1, "alpha", 8), a_pending(2, "alpha", 8)),
        {1: "start", 2: Reason.OTHERS_FIRST},
    ),
    "other people's jobs take nodes like ours do": (
        a_snapshot(a_pending(1, gpus=4), on=[a_node(used=Amount(5, 5, 5))]),
        {1: Reason.NOT_ENOUGH_FREE_GPUS},
    ),
    "a job without enough CPUs beside its GPUs waits": (
        a_snapshot(a_pending(1, gpus=1, cpus_per_task=8), on=[a_node(used=Amount(0, 60, 0))]),
        {1: Reason.FRAGMENTED},
    ),
}


@every_allocator
@pytest.mark.parametrize(("snapshot", "want"), ONE_STARTS.values(), ids=ONE_STARTS.keys())
def test_each_job_is_told_its_story(
    allocate: Allocator, snapshot: Snapshot, want: dict[int, str]
) -> None:
    assert outcome(allocate(snapshot)) == want


SHARED: dict[str, tuple[Snapshot, dict[str, int]]] = {
    "a greedy organisation leaves a small one its part": (
        a_snapshot(*queue("greedy", 60), *queue("small", 4, first=100)),
        {"greedy": 4, "small": 4},
    ),
    "equal organisations get equal GPUs": (
        a_snapshot(
            *queue("a", 9), *queue("b", 9, first=20), *queue("c", 9, first=40), on=nodes(1, gpus=6)
        ),
        {"a": 2, "b": 2, "c": 2},
    ),
    "a double share gets double": (
        a_snapshot(
            *queue("a", 9),
            *queue("b", 9, first=20),
            on=nodes(1, gpus=6),
            policy=a_policy({"b": a_quota(2)}),
        ),
        {"a": 2, "b": 4},
    ),
    "who used less gets more": (
        a_snapshot(
            *queue("a", 9),
            *queue("b", 9, first=20),
            mean_gpus={("universities", "a"): 4.0, ("universities", "b"): 0.0},
        ),
        {"a": 2, "b": 6},
    ),
    "what is not wanted goes to who wants it": (
        a_snapshot(*queue("a", 20), a_pending(99, "b", 1)),
        {"a": 7, "b": 1},
    ),
    "who holds much already waits for who holds little": (
        a_snapshot(*queue("a", 8), *queue("b", 8, first=20), holding=[a_holding(900, "a", 4)]),
        {"b": 4},
    ),
    "a floor comes before an even share": (
        a_snapshot(
            *queue("a", 8), *queue("b", 8, first=20), policy=a_policy({"a": a_quota(floor=6)})
        ),
        {"a": 6, "b": 2},
    ),
    "classes are even before organisations are": (
        a_snapshot(
            *queue("a", 8),
            *queue("b", 8, first=20),
            *(a_pending(40 + n, a_tenant("c", tenant_class="startups")) for n in range(8)),
        ),
        {"a": 2, "b": 2, "c": 4},
    ),
}


@every_allocator
@pytest.mark.parametrize(("snapshot", "want"), SHARED.values(), ids=SHARED.keys())
def test_gpus_are_shared_as_told(
    allocate: Allocator, snapshot: Snapshot, want: dict[str, int]
) -> None:
    assert gpus_started(snapshot, allocate(snapshot)) == want


@every_allocator
def test_two_users_of_a_project_share_alike(allocate: Allocator) -> None:
    flood = [a_pending(n, a_tenant(user="ann")) for n in range(1, 30)]
    late = [a_pending(40 + n, a_tenant(user="bob")) for n in range(4)]

    starts = allocate(a_snapshot(*flood, *late)).starts

    assert sum(start.job_id >= 40 for start in starts) == 4


@every_allocator
def test_inside_a_group_the_oldest_start_first(allocate: Allocator) -> None:
    starts = allocate(a_snapshot(*queue("alpha", 20))).starts

    assert {start.job_id for start in starts} == set(range(1, 9))


@every_allocator
def test_small_jobs_leave_whole_nodes_free(allocate: Allocator) -> None:
    snapshot = a_snapshot(a_pending(1), on=nodes(4), holding=[a_holding(900, "alpha", 5, "n3")])

    assert allocate(snapshot).starts[0].placement.nodes == ("n3",)


@every_allocator
def test_a_gang_of_several_nodes_gets_distinct_ones(allocate: Allocator) -> None:
    snapshot = a_snapshot(*(a_pending(n, gpus=12, nodes=3) for n in (1, 2)), on=nodes(3))

    placements = [start.placement.nodes for start in allocate(snapshot).starts]

    assert [sorted(names) for names in placements] == [["n1", "n2", "n3"]] * 2


def test_a_dearer_type_of_gpu_weighs_by_its_rate() -> None:
    pools = [a_node("n1", pool="gpu/h200", gpus=2), a_node("n2", pool="gpu/a100", gpus=8)]
    cheap = [a_pending(n, "a", gpu_type="a100") for n in range(1, 9)]
    either = [a_pending(20 + n, "b") for n in range(8)]
    policy = a_policy(rates={"a100": Fraction(1, 4)})
    snapshot = a_snapshot(*cheap, *either, on=pools, policy=policy)

    assert gpus_started(snapshot, CpSatAllocator()(snapshot)) == {"a": 8, "b": 2}
