"""The audit names every harm an allocation could do, and no harm where there is none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scheduler.domain.audit import CHECKS, violations
from scheduler.domain.decisions import Allocation, Decision, PlannedStart, SolverStatus, Start, Wait
from scheduler.domain.jobs import ArrayPlace, Placement
from scheduler.domain.policies import Policy, WaitRules
from scheduler.domain.reasons import Reason
from scheduler.domain.reservations.reservation import Audience, Reservation
from scheduler.domain.resources import Amount, Gang
from scheduler.domain.snapshot import Snapshot
from tests.build import (
    POOL,
    a_holding,
    a_node,
    a_pending,
    a_placement,
    a_policy,
    a_quota,
    a_snapshot,
    a_tenant,
    a_wait,
    at,
    nodes,
)


def start(job_id: int = 1, gpus: int = 4, *names: str, pool: str = POOL) -> Start:
    """Return a start as a_pending(gpus=...) would get it: one CPU a node, its default memory."""
    where = names or ("n1",)
    return Start(job_id, Placement(pool, where, Gang(len(where), Amount(gpus, 1, 4096))))


def wait(job_id: int = 1) -> Wait:
    return a_wait(job_id, Reason.OTHERS_FIRST)


ONE = a_snapshot(a_pending(1, gpus=4))
PAIR = (a_pending(1, "alpha", 4), a_pending(2, "alpha", 4))
ELSEWHERE = a_pending(2, a_tenant("alpha", project="other"), 4)
TRIO = tuple(a_pending(n, gpus=1, array=ArrayPlace(5, n, limit=1)) for n in (1, 2))
PICKY = a_pending(1, gpus=4, constraint=(frozenset({"nvlink"}),))
COURSE = Reservation(POOL, at(4000), at(8000), Audience("students"), nodes=1)
RESERVED = replace(ONE, policy=replace(a_policy(), reservations={"course": COURSE}))
Harm = tuple[Snapshot, list[Decision] | Allocation, str]


def under(policy: Policy) -> Snapshot:
    return a_snapshot(*PAIR, a_pending(3, "beta", 4), policy=policy)


def with_plans(*plans: PlannedStart, decisions: tuple[Decision, ...] = (wait(),)) -> Allocation:
    return Allocation(decisions, "planner", SolverStatus.UNKNOWN, plans=plans)


def plan(seconds: float, job_id: int = 1, gpus: int = 4) -> PlannedStart:
    """Return a planned start on n1, so long after the snapshot."""
    return PlannedStart(job_id, at(3600 + seconds), start(job_id, gpus).placement)


# The node is full until 600 seconds after the snapshot; job 1 is planned for then.
DUE_AT_ONCE = replace(a_policy(), wait=WaitRules(guard_s=1, places=2))
BUSY = a_snapshot(
    a_pending(1, gpus=4), policy=DUE_AT_ONCE, holding=[a_holding(gpus=8, walltime_s=4200)]
)
PROMISED = replace(BUSY, plans=(plan(600),))
# Job 1 was planned for a later time than job 2, both for when half of the node is free.
PLANNED_APART = replace(
    a_snapshot(
        *PAIR,
        policy=DUE_AT_ONCE,
        holding=[a_holding(number, gpus=4, walltime_s=4200) for number in (1001, 1002)],
    ),
    plans=(plan(900), plan(600, 2)),
)
# One of those that run there ends ten seconds later than it was to.
LATE = replace(
    PLANNED_APART, holding=(PLANNED_APART.holding[0], a_holding(1002, gpus=4, walltime_s=4210))
)
LATE_FOR_BOTH = replace(LATE, plans=(plan(600), plan(600, 2)))
WAITING = (wait(1), wait(2))
BOTH: list[Decision] = [start(1), start(2), wait(3)]
HARMS: dict[str, Harm] = {
    "a job that nobody decided about": (ONE, [], "job 1 is pending but not decided"),
    "a job decided twice": (ONE, [start(), wait()], "job 1 is decided 2 times"),
    "a job nobody knows": (ONE, [start(), wait(7)], "job 7 is decided but not pending"),
    "a gang of another size": (ONE, [start(gpus=3)], "job 1 asks for"),
    "a pool of another type": (
        a_snapshot(a_pending(1, gpus=4, gpu_type="a100")),
        [start()],
        "job 1 does not suit pool gpu/h200",
    ),
    "a pool that does not exist": (ONE, [start(pool="gpu/x")], "job 1 does not suit pool gpu/x"),
    "half a gang": (
        a_snapshot(a_pending(1, gpus=8, nodes=2), on=nodes(2)),
        [Start(1, replace(start(1, 4, "n1", "n2").placement, nodes=("n1",)))],
        "job 1 needs 2 nodes",
    ),
    "one node twice in a gang": (
        a_snapshot(a_pending(1, gpus=8, nodes=2), on=nodes(2)),
        [start(1, 4, "n1", "n1")],
        "job 1 needs 2 nodes",
    ),
    "a node that is down": (
        a_snapshot(a_pending(1, gpus=4), on=[a_node(available=False)]),
        [start()],
        "job 1 is placed on n1: not an available node",
    ),
    "a node that does not exist": (ONE, [start(1, 4, "n9")], "job 1 is placed on n9"),
    "a node without the features": (
        a_snapshot(PICKY, on=[a_node(), a_node("n2", features=["nvlink"])]),
        [start()],
        "lacks the features",
    ),
    "too many GPUs on a node": (
        a_snapshot(a_pending(1, gpus=4), on=[a_node(used=Amount(5, 0, 0))]),
        [start()],
        "node n1 has",
    ),
    "too many CPUs on a node": (
        a_snapshot(a_pending(1, gpus=4), on=[a_node(used=Amount(0, 64, 0))]),
        [start()],
        "node n1 has",
    ),
    "too much memory on a node": (
        a_snapshot(a_pending(1, gpus=4), on=[a_node(memory_mib=4095)]),
        [start()],
        "node n1 has",
    ),
    "an organisation above its ceiling": (
        under(a_policy({"alpha": a_quota(ceiling=7)})),
        BOTH,
        "universities/alpha holds 8 GPUs in gpu/h200, ceiling 7",
    ),
    "a class above its ceiling": (
        under(a_policy(classes={"universities": a_quota(ceiling=7)})),
        BOTH,
        "universities holds 8 GPUs in gpu/h200, ceiling 7",
    ),
    "an organisation that borrows too much": (
        under(a_policy({"alpha": a_quota(borrowing=3)})),
        BOTH,
        "universities/alpha holds 8 GPUs in gpu/h200, may with borrowing 7",
    ),
    "a user above the limit": (
        under(a_policy(max_held_gpus=7)),
        BOTH,
        "user alpha-user holds 8 GPUs, limit 7",
    ),
    "a user above the limit with two projects": (
        a_snapshot(PAIR[0], ELSEWHERE, policy=a_policy(max_held_gpus=7)),
        [start(1), start(2)],
        "user alpha-user holds 8 GPUs, limit 7",
    ),
    "an array above its limit": (
        a_snapshot(*TRIO),
        [start(1, 1), start(2, 1)],
        "array 5 has 2 elements, limit 1",
    ),
    "GPUs taken that a floor keeps back": (
        replace(
            under(a_policy({"gamma": a_quota(floor=1, lending=0)})),
            organisations={"alpha": "universities", "gamma": "startups"},
        ),
        BOTH,
        "gpu/h200 lacks 1 free GPUs",
    ),
    "a floor unmet while others start": (
        a_snapshot(*PAIR[:1], a_pending(3, "beta", 8), policy=a_policy({"beta": a_quota(floor=8)})),
        [start(1), wait(3)],
        "job 3 waits, universities/beta holds 0 of its floor of 8",
    ),
    "a plan for who is not due one": (
        replace(BUSY, policy=a_policy()),
        with_plans(plan(600)),
        "is not due one",
    ),
    "more plans than places": (
        BUSY,
        with_plans(plan(600), plan(600), plan(600)),
        "3 planned starts are more than 2",
    ),
    "a plan for what already starts": (
        ONE,
        with_plans(plan(0), decisions=(start(),)),
        "job 1 has a planned start but does not wait",
    ),
    "a plan before the room is free": (BUSY, with_plans(plan(599)), "no room then"),
    "a plan for another gang": (BUSY, with_plans(plan(600, gpus=5)), "job 1 asks for"),
    "a start that is in the way of a plan": (
        a_snapshot(
            a_pending(1, gpus=8),
            a_pending(2, gpus=2, walltime_s=900),
            holding=[a_holding(gpus=6, walltime_s=4200)],
        ),
        with_plans(plan(600, gpus=8), decisions=(wait(1), start(2, 2))),
        "no room then",
    ),
    "a plan that moves later": (PROMISED, with_plans(plan(601)), "which moves to"),
    "a plan that is given up": (PROMISED, with_plans(), "which is given up"),
    "a plan that moves later though it has room beside the plan before it": (
        PLANNED_APART,
        with_plans(plan(900), plan(610, 2), decisions=WAITING),
        "job 2 was planned at 2026-03-02 13:10:00, which moves to",
    ),
    "a plan that moves later for what starts now": (
        replace(
            a_snapshot(
                a_pending(1, gpus=8),
                a_pending(2, gpus=2),
                policy=DUE_AT_ONCE,
                holding=[a_holding(gpus=6, walltime_s=4200)],
            ),
            plans=(plan(600, gpus=8),),
        ),
        with_plans(plan(3600, gpus=8), decisions=(wait(1), start(2, 2))),
        "job 1 was planned at 2026-03-02 13:10:00, which moves to",
    ),
    "two plans given up for what leaves room for one": (
        LATE_FOR_BOTH,
        with_plans(decisions=WAITING),
        "job 1 was planned at 2026-03-02 13:10:00, which is given up",
    ),
    "a plan that moves later for one whose node was lost": (
        replace(
            LATE,
            nodes=(*LATE.nodes, a_node("n2", available=False)),
            plans=(PlannedStart(1, at(4500), start(1, 4, "n1", "n2").placement), plan(600, 2)),
        ),
        with_plans(plan(610, 2), decisions=WAITING),
        "job 2 was planned at 2026-03-02 13:10:00, which moves to",
    ),
    "a start that takes a node from a reservation": (
        RESERVED,
        [start()],
        "reservation course lacks 1 of gpu/h200",
    ),
    "a plan where others have reserved": (
        replace(RESERVED, policy=replace(RESERVED.policy, wait=WaitRules(guard_s=60))),
        with_plans(plan(0)),
        "on nodes reserved for others",
    ),
    "a job that waits although it fits": (ONE, [wait()], "job 1 waits although it fits"),
}


@pytest.mark.parametrize(("snapshot", "decisions", "complaint"), HARMS.values(), ids=HARMS.keys())
def test_a_harm_is_named(
    snapshot: Snapshot, decisions: list[Decision] | Allocation, complaint: str
) -> None:
    assert any(complaint in text for text in violations(snapshot, decisions))


def test_every_check_is_needed_to_name_the_harms() -> None:
    for check in CHECKS:
        others = [other for other in CHECKS if other is not check]
        unnamed = [
            complaint
            for snapshot, decisions, complaint in HARMS.values()
            if not any(complaint in text for text in violations(snapshot, decisions, others))
        ]
        assert unnamed, check.__name__


def test_a_good_allocation_has_no_violations() -> None:
    assert violations(ONE, [start()]) == ()


def test_who_is_above_a_lowered_limit_and_starts_nothing_breaks_no_rule() -> None:
    snapshot = a_snapshot(
        a_pending(1, gpus=1),
        holding=[a_holding(gpus=6)],
        policy=a_policy({"alpha": a_quota(ceiling=2)}, max_held_gpus=1),
    )

    assert violations(snapshot, [wait()]) == ()


def test_a_job_that_fits_only_above_a_limit_may_wait() -> None:
    policy = a_policy({"alpha": a_quota(ceiling=4)})

    assert violations(a_snapshot(*PAIR, policy=policy), [start(1), wait(2)]) == ()


def test_a_job_in_another_project_of_a_user_at_the_limit_may_wait() -> None:
    snapshot = a_snapshot(PAIR[0], ELSEWHERE, policy=a_policy(max_held_gpus=7))

    assert violations(snapshot, [start(1), wait(2)]) == ()


def test_what_holding_jobs_use_is_counted_once() -> None:
    snapshot = a_snapshot(a_pending(1, gpus=4), holding=[a_holding(gpus=4)])

    assert violations(snapshot, [start()]) == ()


def test_a_placement_elsewhere_is_not_what_was_asked() -> None:
    assert violations(ONE, [Start(1, a_placement(4, cpus=9))]) != ()


def test_a_kept_plan_and_one_that_moves_earlier_break_no_rule() -> None:
    early = replace(BUSY, plans=(plan(900),))

    assert violations(PROMISED, with_plans(plan(600))) == ()
    assert violations(early, with_plans(plan(600))) == ()


def test_a_plan_may_go_with_the_node_it_counted_on() -> None:
    lost = replace(PROMISED, nodes=(replace(PROMISED.nodes[0], available=False),))

    assert violations(lost, with_plans()) == ()


def test_a_plan_may_go_that_would_pass_a_limit() -> None:
    lowered = replace(a_policy({"alpha": a_quota(ceiling=8)}), wait=DUE_AT_ONCE.wait)

    assert violations(replace(PROMISED, policy=lowered), with_plans()) == ()


def test_a_plan_may_move_that_has_no_room_beside_the_one_before_it() -> None:
    """Job 2 alone had room at its time, and job 1 has: together they count at any time."""
    moved = with_plans(plan(900), plan(610, 2), decisions=WAITING)

    assert violations(LATE, moved) == ()


def test_of_plans_without_room_together_the_one_before_is_kept() -> None:
    """So of two that are given up only the first is told of."""
    for plans in ((), (plan(600, 2),)):
        (complaint,) = violations(LATE_FOR_BOTH, with_plans(*plans, decisions=WAITING))

        assert complaint == "job 1 was planned at 2026-03-02 13:10:00, which is given up"


def test_a_job_may_wait_that_would_still_run_when_a_plan_begins() -> None:
    holding = [a_holding(gpus=6, walltime_s=4200)]
    short, long = a_pending(2, gpus=2, walltime_s=600), a_pending(2, gpus=2, walltime_s=601)
    decisions = with_plans(plan(600, gpus=8), decisions=(wait(1), wait(2)))

    beside = [
        a_snapshot(a_pending(1, gpus=8), other, policy=DUE_AT_ONCE, holding=holding)
        for other in (long, short)
    ]
    assert violations(beside[0], decisions) == ()
    assert violations(beside[1], decisions) == ("job 2 waits although it fits in gpu/h200",)


def test_a_planned_job_is_not_in_its_own_way() -> None:
    snapshot = replace(ONE, policy=DUE_AT_ONCE)
    allocation = with_plans(plan(60))
    assert violations(snapshot, allocation) == ("job 1 waits although it fits in gpu/h200",)
