"""Reasons carry their numbers, and are those of the pool where least is in the way."""

from __future__ import annotations

from scheduler.allocator.greedy import allocate_greedily
from scheduler.domain.decisions import Wait
from scheduler.domain.jobs import ArrayPlace
from scheduler.domain.policies import PerPool, Quota
from scheduler.domain.reasons import Reason
from scheduler.domain.snapshot import Snapshot
from tests.build import a_holding, a_node, a_pending, a_policy, a_quota, a_snapshot, a_wait, nodes


def why(snapshot: Snapshot, job_id: int = 1) -> Wait:
    return next(wait for wait in allocate_greedily(snapshot).waits if job_id in wait.job_ids)


def test_a_limit_says_who_holds_how_much_of_what() -> None:
    policy = a_policy({"alpha": a_quota(ceiling=5)})

    wait = why(a_snapshot(a_pending(1, gpus=2), holding=[a_holding(gpus=4)], policy=policy))

    assert wait.detail == "alpha holds 4 of at most 5 GPUs in gpu/h200, needs 2"


def test_an_array_says_how_many_elements_run() -> None:
    array = ArrayPlace(3, 0, limit=2)
    running = [a_holding(900 + n, array=array) for n in range(2)]

    wait = why(a_snapshot(a_pending(1, array=array), holding=running))

    assert wait == a_wait(1, Reason.ARRAY_LIMIT, "2 elements of at most 2 hold GPUs")


def test_missing_room_says_how_much_there_is() -> None:
    wait = why(a_snapshot(a_pending(1, gpus=8), holding=[a_holding(gpus=3)]))

    assert wait.detail == "gpu/h200 has 5 GPUs free that suit, the gang needs 8"


def test_fragments_say_how_many_nodes_have_room() -> None:
    holding = [a_holding(900, "alpha", 3, "n1"), a_holding(901, "alpha", 3, "n2")]

    wait = why(a_snapshot(a_pending(1, gpus=8), on=nodes(2), holding=holding))

    assert wait.reason is Reason.FRAGMENTED
    assert wait.detail.endswith("0 nodes with room for 8 GPUs with 1 CPUs, it needs 1")


def test_who_came_first_is_counted_in_gpus() -> None:
    wait = why(a_snapshot(a_pending(1, gpus=6), a_pending(2, gpus=4)), job_id=2)

    assert wait.detail == "6 of 8 free GPUs in gpu/h200 went to others in this cycle"


def test_the_pool_where_least_is_in_the_way_gives_the_reason() -> None:
    quota = Quota(ceiling=PerPool(by_pool={"gpu/h200": 0}))
    machines = [a_node("n1"), a_node("n2", pool="gpu/a100", available=False)]

    wait = why(a_snapshot(a_pending(1), on=machines, policy=a_policy({"alpha": quota})))

    assert wait.reason is Reason.NODES_UNAVAILABLE
