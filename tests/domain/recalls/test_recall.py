"""Who gives borrowed GPUs back, and to whom: one story for each rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import pytest

from scheduler.allocator.greedy import allocate_greedily
from scheduler.domain.audit import violations
from scheduler.domain.decisions import PlannedStart, Recall
from scheduler.domain.jobs import HoldingJob, PendingJob
from scheduler.domain.policies import (
    OwnJobs,
    Policy,
    RecallBy,
    RecallRules,
    SparePlaces,
    WaitRules,
)
from scheduler.domain.recalls.claiming import Proposed
from scheduler.domain.recalls.recall import proposals, recalling
from scheduler.domain.resources import Node
from scheduler.domain.snapshot import Snapshot
from scheduler.domain.tenants import Tenant
from tests.build import (
    a_holding,
    a_node,
    a_pending,
    a_placement,
    a_policy,
    a_quota,
    a_request,
    a_snapshot,
    a_tenant,
    at,
    nodes,
)

RULES = RecallRules(enabled=True, notice_s=60, min_runtime_s=600)
BY_SHARES = replace(RULES, by=RecallBy.SHARES)
STARTUP = a_tenant("startup", tenant_class="startups")


def runs(
    job_id: int,
    organisation: str | Tenant,
    gpus: int,
    *on: str,
    since: float = 0,
    waited: float = 0,
) -> HoldingJob:
    """Return a run that began `since` seconds after noon; the world's time is an hour after."""
    job = a_holding(job_id, organisation, gpus, *on, started_at=at(since), walltime_s=86_400)
    request = a_request(gpus * len(job.placement.nodes), nodes=len(job.placement.nodes))
    return replace(job, recallable=True, request=request, waits_since=at(since - waited))


def world(
    *jobs: PendingJob | HoldingJob,
    on: Sequence[Node] | None = None,
    policy: Policy | None = None,
    rules: RecallRules = RULES,
) -> Snapshot:
    pending = [job for job in jobs if isinstance(job, PendingJob)]
    holding = [job for job in jobs if isinstance(job, HoldingJob)]
    policy = replace(policy or a_policy(usage_weight=Fraction(0)), recall=rules)
    return a_snapshot(*pending, on=on, holding=holding, policy=policy)


def recalled(snapshot: Snapshot) -> tuple[Recall, ...]:
    """Return the recalls, after the audit has found nothing wrong with them."""
    allocation = recalling(allocate_greedily)(snapshot)
    assert violations(snapshot, allocation) == ()
    return allocation.recalls


def ids(snapshot: Snapshot) -> list[int]:
    return sorted(recall.job_id for recall in recalled(snapshot))


LENT = (runs(901, "alpha", 4), runs(902, "alpha", 4))
STORIES = {
    "half of what was borrowed comes back": (world(*LENT, a_pending(1, "beta", 4)), [902]),
    "nothing where recall is off": (
        world(*LENT, a_pending(1, "beta", 4), rules=replace(RULES, enabled=False)),
        [],
    ),
    "nothing from runs that did not say --requeue": (
        world(*(replace(job, recallable=False) for job in LENT), a_pending(1, "beta", 4)),
        [],
    ),
    "nothing before the minimum runtime": (
        world(*LENT, a_pending(1, "beta", 4), rules=replace(RULES, min_runtime_s=3601)),
        [],
    ),
    "the youngest run, which loses least": (
        world(runs(901, "alpha", 4), runs(902, "alpha", 4, since=900), a_pending(1, "beta", 4)),
        [902],
    ),
    "the smallest loss and not the smallest gang": (
        world(
            *(runs(901, "alpha", 2), runs(902, "alpha", 2), runs(903, "alpha", 4, since=2900)),
            a_pending(1, "beta", 4),
        ),
        [903],
    ),
    "no more than makes room": (
        world(*(runs(901 + n, "alpha", 1) for n in range(8)), a_pending(1, "beta", 2)),
        [907, 908],
    ),
    "nothing that takes a lender below its entitlement": (
        world(runs(901, "alpha", 8), a_pending(1, "beta", 4)),
        [],
    ),
    "nothing for a gang above its owner's entitlement": (
        world(*LENT, a_pending(1, "beta", 8)),
        [],
    ),
    "nothing for who has its due": (
        world(runs(901, "alpha", 4), runs(902, "beta", 4), a_pending(1, "beta", 1)),
        [],
    ),
    "nothing where free GPUs do": (
        world(runs(901, "alpha", 6), a_pending(1, "beta", 4, submitted_at=at(0)), on=nodes(2)),
        [],
    ),
    "a gang of two nodes gets two nodes": (
        world(
            *(runs(901, "alpha", 8, "n1"), runs(902, "alpha", 8, "n2")),
            *(runs(903, "alpha", 8, "n3", since=9), runs(904, "alpha", 8, "n4", since=9)),
            a_pending(1, "beta", 16, nodes=2),
            on=nodes(4),
        ),
        [903, 904],
    ),
    "a gang that holds both nodes is enough": (
        world(
            *(runs(901, "alpha", 8, "n1", "n2"), runs(902, "alpha", 8, "n3", "n4", since=9)),
            a_pending(1, "beta", 16, nodes=2),
            on=nodes(4),
        ),
        [902],
    ),
    "only on nodes with the features": (
        world(
            *(runs(901, "alpha", 8, "n1"), runs(902, "alpha", 8, "n2", since=900)),
            a_pending(1, "beta", 8, constraint=(frozenset({"nvlink"}),)),
            on=[a_node("n1", features=["nvlink"]), a_node("n2")],
        ),
        [901],
    ),
    "nothing that came before the shares for its wait": (
        world(LENT[0], runs(902, "alpha", 4, waited=86_400), a_pending(1, "beta", 4)),
        [901],
    ),
    "by shares, nothing for who would have the lower share then": (
        world(
            runs(901, "alpha", 6), runs(902, "beta", 2), a_pending(1, "beta", 6), rules=BY_SHARES
        ),
        [],
    ),
    "by shares, nothing for who was recalled just now": (
        world(*LENT, replace(a_pending(1, "beta", 4), recalled_at=at(3001)), rules=BY_SHARES),
        [],
    ),
    "by shares, for who was recalled a minimum runtime ago": (
        world(*LENT, replace(a_pending(1, "beta", 4), recalled_at=at(3000)), rules=BY_SHARES),
        [902],
    ),
    "across classes, for the class that lent": (
        world(*LENT, a_pending(1, STARTUP, 4)),
        [902],
    ),
}


@pytest.mark.parametrize(("snapshot", "want"), STORIES.values(), ids=STORIES.keys())
def test_recalled_is(snapshot: Snapshot, want: list[int]) -> None:
    assert ids(snapshot) == want


def test_a_recall_says_for_whom_why_and_what_is_lost() -> None:
    (recall,) = recalled(world(*LENT, a_pending(1, "beta", 4)))

    assert (recall.for_tenant, recall.for_job) == (("universities", "beta"), 1)
    assert recall.gpu_seconds == 4 * 3600
    assert recall.reason == (
        "beta holds 0 of 4 GPUs due to it in gpu/h200; alpha holds 4 more than are due to it"
    )


def test_nothing_is_recalled_twice_for_one_claim() -> None:
    told = replace(LENT[1], recall_requested_at=at(3590))

    assert ids(world(LENT[0], told, a_pending(1, "beta", 4))) == []


def test_gpus_on_their_way_serve_one_claim_and_the_next_one_recalls_more() -> None:
    one_each = [runs(901 + n, "alpha", 1) for n in range(8)]
    one_each[0] = replace(one_each[0], recall_requested_at=at(3590))
    waiting = (a_pending(1, "beta", 1), a_pending(2, "beta", 1))

    assert ids(world(*one_each, *waiting)) == [908]


def test_a_cancel_on_its_way_is_room_too() -> None:
    wished = replace(LENT[1], cancel_requested=True)

    assert ids(world(LENT[0], wished, a_pending(1, "beta", 4))) == []


def test_a_floor_comes_back_even_to_who_has_used_much() -> None:
    policy = a_policy({"beta": a_quota(floor=4)})
    past = {("universities",): 9.0, ("universities", "beta"): 9.0}
    snapshot = replace(world(*LENT, a_pending(1, "beta", 4), policy=policy), mean_gpus=past)
    without = replace(world(*LENT, a_pending(1, "beta", 4), policy=a_policy()), mean_gpus=past)

    assert ids(snapshot) == [902]
    assert ids(without) == []


def test_a_floor_comes_back_even_from_who_waited_long() -> None:
    policy = a_policy({"beta": a_quota(floor=4)}, usage_weight=Fraction(0))
    waited = [runs(901, "alpha", 4, waited=86_400), runs(902, "alpha", 4, waited=86_400)]

    assert ids(world(*waited, a_pending(1, "beta", 4), policy=policy)) == [902]
    assert ids(world(*waited, a_pending(1, "beta", 4))) == []


def test_by_shares_past_use_decides() -> None:
    past = {("universities",): 9.0, ("universities", "beta"): 9.0}
    snapshot = world(*LENT, a_pending(1, "beta", 4), policy=a_policy(), rules=BY_SHARES)

    assert ids(snapshot) == [902]
    assert ids(replace(snapshot, mean_gpus=past)) == []


def test_by_shares_a_gang_above_its_owners_entitlement_is_served_too() -> None:
    past = {("universities",): 1.0, ("universities", "alpha"): 1.0}
    snapshot = world(*LENT, a_pending(1, "beta", 8), policy=a_policy(), rules=BY_SHARES)

    assert ids(replace(snapshot, mean_gpus=past)) == [901, 902]
    assert ids(snapshot) == [], "places would only be exchanged"


def test_by_shares_who_waited_as_long_as_the_guard_comes_before_the_shares() -> None:
    past = {("universities",): 9.0, ("universities", "beta"): 9.0}
    early, late = (a_pending(1, "beta", 4, submitted_at=at(3600 - n)) for n in (86_400, 86_399))
    due, waiting = (
        replace(world(*LENT, job, policy=a_policy(), rules=BY_SHARES), mean_gpus=past)
        for job in (early, late)
    )

    assert ids(due) == [902]
    assert ids(waiting) == []
    assert "has waited longer than the guard" in recalled(due)[0].reason
    assert ids(replace(due, policy=replace(due.policy, recall=RULES))) == []


def test_by_shares_a_gang_in_a_spare_place_does_not_come_before_the_shares() -> None:
    past = {("universities",): 9.0, ("universities", "beta"): 9.0}
    wait = WaitRules(spare_places=SparePlaces.GANGS)
    policy = replace(a_policy(), wait=wait)
    snapshot = world(*LENT, a_pending(1, "beta", 4), policy=policy, rules=BY_SHARES)

    assert [plan.job_id for plan in allocate_greedily(snapshot).plans] == [1]
    assert ids(replace(snapshot, mean_gpus=past)) == []


def test_who_would_have_given_claims_nothing_once_it_keeps_its_own() -> None:
    """Alpha claims from beta, then beta, lower for it, from gamma, and delta from gamma, too."""
    alpha, beta, gamma, delta = (("x", name) for name in ("alpha", "beta", "gamma", "delta"))
    recalls = tuple(
        Recall(job_id, path, "", claim, 0)
        for job_id, path, claim in ((901, alpha, 1), (902, beta, 2), (903, delta, 3))
    )
    proposed = Proposed(
        recalls,
        claimants={1: alpha, 2: beta, 3: delta},
        gpus={alpha: 4, beta: 2, delta: 2},
        lowered={901: (beta,), 902: (gamma,), 903: (gamma,)},
    )

    assert proposed.confirmed_by({alpha: 4, beta: 2, delta: 2}).recalls == recalls
    assert proposed.confirmed_by({alpha: 3, beta: 2, delta: 2}).recalls == recalls[2:]
    by_class = replace(proposed, lowered={901: (("y", "b"), ("x",)), 902: (gamma,), 903: (gamma,)})
    assert by_class.confirmed_by({alpha: 3, beta: 2, delta: 2}).recalls == ()


def test_by_entitlements_a_gang_that_covers_what_is_due_stays_whatever_was_used() -> None:
    past = {("universities",): 9.0, ("universities", "alpha"): 9.0}
    snapshot = world(runs(901, "alpha", 8), a_pending(1, "beta", 4), policy=a_policy())
    by_shares = replace(snapshot.policy, recall=BY_SHARES)

    assert ids(replace(snapshot, mean_gpus=past)) == []
    assert ids(replace(snapshot, mean_gpus=past, policy=by_shares)) == [901]


@pytest.mark.parametrize(("beta", "floor"), [(2, 0), (0, 4)], ids=["lower share", "floor"])
def test_by_shares_another_gives_where_the_least_loss_may_not(beta: int, floor: int) -> None:
    policy = a_policy({"alpha": a_quota(floor=floor)}, usage_weight=Fraction(0))
    young = runs(901, "alpha", 4, since=900)
    others = (runs(902, "gamma", 4), runs(903, "gamma", 4), runs(904, "beta", 2))
    held = (young, *others[: 3 if beta else 2])
    on, waiting = nodes(1, gpus=12 + beta), a_pending(1, "beta", 4)

    assert ids(world(*held, waiting, on=on, policy=policy, rules=BY_SHARES)) == [903]


def test_by_shares_the_floor_of_who_gives_stays() -> None:
    policy = a_policy({"alpha": a_quota(floor=5)}, usage_weight=Fraction(0))
    waiting = a_pending(1, "beta", 4)

    assert ids(world(*LENT, waiting, policy=policy, rules=BY_SHARES)) == []


def test_where_the_shortest_go_first_they_are_recalled_for_first() -> None:
    policy = replace(a_policy(usage_weight=Fraction(0)), own_jobs=OwnJobs.SHORTEST)
    long, short = (a_pending(n, "beta", 4, walltime_s=60 * (3 - n)) for n in (1, 2))

    assert [r.for_job for r in recalled(world(*LENT, long, short, policy=policy))] == [2]


def test_nobody_falls_below_a_floor_for_anothers_entitlement() -> None:
    policy = a_policy({"alpha": a_quota(floor=8)}, usage_weight=Fraction(0))

    assert ids(world(*LENT, a_pending(1, "beta", 4), policy=policy)) == []


def test_a_limit_of_the_claimant_keeps_others_jobs_running() -> None:
    policy = a_policy({"beta": a_quota(ceiling=3)}, usage_weight=Fraction(0))

    assert ids(world(*LENT, a_pending(1, "beta", 4), policy=policy)) == []


def test_no_recall_for_a_gang_that_a_planned_start_would_keep_out() -> None:
    snapshot = world(*LENT, a_pending(1, "beta", 4, walltime_s=7200), a_pending(2, "alpha", 8))
    allocation = allocate_greedily(snapshot)
    plan = PlannedStart(2, at(3700), a_placement(8))

    assert proposals(snapshot, replace(allocation, plans=())).recalls != ()
    assert proposals(snapshot, replace(allocation, plans=(plan,))).recalls == ()


def test_nothing_is_recalled_that_the_allocator_would_give_to_others() -> None:
    """Every recall is confirmed: here by an allocator that never starts what it is asked to."""
    snapshot = world(*LENT, a_pending(1, "beta", 4))
    lazy = recalling(lambda world: replace(allocate_greedily(world), decisions=()))

    assert lazy(snapshot).recalls == ()
