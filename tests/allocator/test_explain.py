"""Blockers carry their numbers, and come with the pool first where least is in the way."""

from __future__ import annotations

from dataclasses import replace

from scheduler.allocator.greedy import allocate_greedily
from scheduler.domain.decisions import PlannedStart, Wait
from scheduler.domain.jobs import ArrayPlace
from scheduler.domain.policies import PerPool, Quota
from scheduler.domain.reasons import Reason
from scheduler.domain.requests import GpusPer
from scheduler.domain.resources import Amount
from scheduler.domain.snapshot import Snapshot
from tests.build import (
    a_holding,
    a_node,
    a_pending,
    a_placement,
    a_policy,
    a_quota,
    a_snapshot,
    a_wait,
    at,
    nodes,
)


def why(snapshot: Snapshot, job_id: int = 1) -> Wait:
    return next(wait for wait in allocate_greedily(snapshot).waits if job_id in wait.job_ids)


def reasons(snapshot: Snapshot, job_id: int = 1) -> list[Reason]:
    return [blocker.reason for blocker in why(snapshot, job_id).blockers]


def test_a_limit_says_who_holds_how_much_of_what() -> None:
    policy = a_policy({"alpha": a_quota(ceiling=5)})

    wait = why(a_snapshot(a_pending(1, gpus=2), holding=[a_holding(gpus=4)], policy=policy))

    assert wait.detail == "alpha holds 4 of at most 5 GPUs in gpu/h200, needs 2"


def test_an_array_says_how_many_elements_run() -> None:
    array = ArrayPlace(3, 0, limit=2)
    running = [a_holding(900 + n, array=array) for n in range(2)]

    wait = why(a_snapshot(a_pending(1, array=array), holding=running))

    assert wait == a_wait(1, Reason.ARRAY_LIMIT, "2 elements of at most 2 hold GPUs")


def test_each_array_of_a_user_is_told_of_its_own_limit() -> None:
    full, open_ = ArrayPlace(3, 0, limit=1), ArrayPlace(4, 0, limit=1)
    snapshot = a_snapshot(
        *(a_pending(n, gpus=8, array=array) for n, array in enumerate((full, open_), 1)),
        holding=[a_holding(array=full)],
    )

    assert reasons(snapshot, 1) == [Reason.ARRAY_LIMIT, Reason.NOT_ENOUGH_FREE_GPUS]
    assert reasons(snapshot, 2) == [Reason.NOT_ENOUGH_FREE_GPUS]


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

    assert wait.detail == "6 of 8 free GPUs in gpu/h200 went to other jobs in this cycle"


def test_free_gpus_held_for_a_planned_start_say_from_when_on() -> None:
    gang = a_pending(1, "beta", 16, submitted_at=at(-48 * 3600))
    ends = a_holding(gpus=8, walltime_s=2 * 3600)
    snapshot = a_snapshot(gang, a_pending(2, walltime_s=5 * 3600), on=nodes(2), holding=[ends])
    plan = PlannedStart(1, at(2 * 3600), a_placement(8, "n1", "n2"))

    wait = why(replace(snapshot, plans=(plan,)), job_id=2)

    assert wait.detail == (
        "gpu/h200 holds free GPUs for planned starts from 2026-03-02 14:00 UTC on"
    )


def test_the_pool_where_the_least_is_in_the_way_comes_first() -> None:
    quota = Quota(ceiling=PerPool(by_pool={"gpu/h200": 0}))
    machines = [a_node("n1"), a_node("n2", pool="gpu/a100", available=False)]
    snapshot = a_snapshot(a_pending(1), on=machines, policy=a_policy({"alpha": quota}))

    assert reasons(snapshot) == [Reason.NODES_UNAVAILABLE, Reason.ORGANISATION_CEILING]


def test_of_two_pools_with_the_same_worst_blocker_the_one_with_fewer_comes_first() -> None:
    policy = a_policy({"alpha": a_quota(ceiling=0)})
    machines = [a_node("n1", pool="gpu/a100"), a_node("n2")]
    holding = [a_holding(900, "beta", 8, "n1", pool="gpu/a100")]

    blockers = why(a_snapshot(a_pending(1), on=machines, holding=holding, policy=policy)).blockers

    assert [blocker.detail.count("h200") for blocker in blockers] == [1, 0, 0]


def test_limits_and_missing_room_are_told_at_once() -> None:
    policy = a_policy(
        {"alpha": a_quota(ceiling=4)}, classes={"universities": a_quota(ceiling=6)}, max_held_gpus=7
    )
    snapshot = a_snapshot(a_pending(1, gpus=8), holding=[a_holding(gpus=1)], policy=policy)

    assert reasons(snapshot) == [
        Reason.USER_LIMIT,
        Reason.ORGANISATION_CEILING,
        Reason.CLASS_CEILING,
        Reason.NOT_ENOUGH_FREE_GPUS,
    ]


def test_a_limit_that_holds_in_every_pool_is_told_once() -> None:
    machines = [a_node("n1", pool="gpu/a100"), a_node("n2")]
    snapshot = a_snapshot(a_pending(1, gpus=8), on=machines, policy=a_policy(max_held_gpus=4))

    assert reasons(snapshot) == [Reason.USER_LIMIT]


def test_room_on_nodes_that_are_down_is_not_missed_twice() -> None:
    gang = a_pending(1, gpus=8, gpus_per=GpusPer.NODE, nodes=2)
    idle, down = a_node("n1"), a_node("n2", available=False)
    busy = a_node("n1", used=Amount(1, 1, 1))

    assert reasons(a_snapshot(gang, on=[idle, down])) == [Reason.NODES_UNAVAILABLE]
    assert reasons(a_snapshot(gang, on=[busy, down])) == [
        Reason.NODES_UNAVAILABLE,
        Reason.NOT_ENOUGH_FREE_GPUS,
    ]
