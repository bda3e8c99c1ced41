"""What is owed to whom, and the moments until when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.decisions import Allocation, PlannedStart, Recall, SolverStatus, Start
from scheduler.domain.jobs import HoldingJob, PendingJob
from scheduler.domain.policies import RecallBy, RecallRules
from scheduler.domain.recalls.recall import proposals
from scheduler.domain.records import OrganisationShare
from scheduler.domain.shares.debts import most_in_whole_gangs
from scheduler.domain.shares.due_dates import AFTER_NOTICE, dated
from scheduler.domain.shares.fairshare import organisation_shares
from scheduler.domain.shares.quotas import whole_gpus
from scheduler.domain.snapshot import Snapshot
from scheduler.domain.tenants import Tenant
from tests.build import (
    a_holding,
    a_pending,
    a_placement,
    a_policy,
    a_quota,
    a_snapshot,
    a_tenant,
    at,
    nodes,
)

RECALL = RecallRules(enabled=True, notice_s=120, min_runtime_s=600)
BOUND_S = RECALL.notice_s + AFTER_NOTICE.total_seconds()
NOW_S = 3000
NOTHING = Allocation((), "none", SolverStatus.NOT_RUN)
ORGANISATIONS = "abcd"


def a_run(
    job_id: int, name: str, gpus: int, *, recallable: bool = True, **fields: int
) -> HoldingJob:
    """Return a run on node n1 or n2 that began at noon unless told: `began_s`, `walltime_s`."""
    run = a_holding(
        *(job_id, name, gpus, f"n{job_id % 2 + 1}"),
        started_at=at(fields.get("began_s", 0)),
        walltime_s=fields.get("walltime_s", 7200),
    )
    return replace(run, recallable=recallable)


def a_world(
    *jobs: PendingJob, holding: Sequence[HoldingJob], recall: RecallRules = RECALL
) -> Snapshot:
    """Return two nodes of eight GPUs, fifty minutes after noon."""
    policy = replace(a_policy(), recall=recall)
    world = a_snapshot(*jobs, on=nodes(2), holding=holding, policy=policy)
    return replace(world, taken_at=at(NOW_S))


def all_of(world: Snapshot, allocation: Allocation = NOTHING) -> tuple[OrganisationShare, ...]:
    return dated(organisation_shares(world, allocation.starts), world, allocation, ())


def of(
    world: Snapshot,
    name: str,
    allocation: Allocation = NOTHING,
    before: Sequence[OrganisationShare] = (),
) -> OrganisationShare:
    shares = dated(organisation_shares(world, allocation.starts), world, allocation, before)
    return next(share for share in shares if share.organisation == name)


BORROWED = (a_run(1, "big", 8), a_run(2, "big", 8))
LATER = (a_run(1, "big", 8, recallable=False, walltime_s=5000), *BORROWED[1:])
WAITS = a_pending(9, "small", 8)
WITHOUT_RECALL = RecallRules()


def test_what_is_due_and_borrowed_by_others_is_owed() -> None:
    world = a_world(WAITS, holding=BORROWED)

    assert (of(world, "small").owed, of(world, "big").owed) == (8, 0)


def test_who_does_not_want_more_or_starts_now_is_owed_nothing() -> None:
    nobody_waits = a_world(holding=(a_run(1, "big", 8), a_run(2, "small", 1)))
    starts = replace(NOTHING, decisions=(Start(9, a_placement(8, "n1")),))

    assert of(nobody_waits, "small").owed == 0
    assert of(a_world(WAITS, holding=BORROWED[:1]), "small", starts).owed == 0


def test_where_nobody_has_borrowed_a_gang_that_waits_is_owed_nothing() -> None:
    world = a_world(WAITS, a_pending(8, "third", 8), holding=[a_run(1, "big", 5)])

    assert [share.owed for share in all_of(world)] == [0, 0, 0]


def test_a_floor_is_owed_above_the_even_share() -> None:
    world = a_world(a_pending(9, "small", 12, nodes=2), holding=BORROWED)
    policy = replace(a_policy({"small": a_quota(floor=12)}), recall=RECALL)

    assert of(world, "small").owed == 0  # its gang is larger than the eight that are due
    assert of(replace(world, policy=policy), "small").owed == 12


def test_only_whole_gangs_are_owed() -> None:
    world = a_world(*(a_pending(n, "small", 3) for n in (7, 8, 9)), holding=BORROWED)

    assert of(world, "small").owed == 6


def test_a_gang_within_what_its_class_lacks_is_owed_what_is_due_to_its_organisation() -> None:
    startup = a_tenant("lab", tenant_class="startups")
    other = a_tenant("works", tenant_class="startups")
    jobs = (a_pending(9, startup, 8), a_pending(10, other, 8))

    owed = {share.organisation: share.owed for share in all_of(a_world(*jobs, holding=BORROWED))}

    assert owed == {"big": 0, "lab": 4, "works": 4}


def test_with_recall_it_comes_within_the_bound_from_when_the_debt_began() -> None:
    share = of(a_world(WAITS, holding=BORROWED), "small")

    assert (share.owed_since, share.owed_until) == (at(NOW_S), at(NOW_S + BOUND_S))


def test_a_debt_goes_back_to_its_beginning_until_something_of_it_comes() -> None:
    world = a_world(WAITS, holding=BORROWED)
    known = replace(of(world, "small"), owed_since=at(NOW_S - 60))

    assert of(world, "small", before=[known]).owed_until == at(NOW_S - 60 + BOUND_S)
    paid = [a_run(1, "big", 8), a_run(2, "big", 7), a_run(4, "small", 1)]
    in_part = a_world(a_pending(9, "small", 4), holding=paid)
    assert of(in_part, "small", before=[known]).owed_since == at(NOW_S)


def test_a_run_is_not_recalled_before_its_minimum_runtime() -> None:
    young = [a_run(n, "big", 8, began_s=NOW_S - 100) for n in (1, 2)]

    share = of(a_world(WAITS, holding=young), "small")

    assert share.owed_until == at(NOW_S + 500 + BOUND_S)


def test_a_recall_that_should_have_come_by_now_is_not_counted_on() -> None:
    world = a_world(WAITS, holding=BORROWED)
    known = replace(of(world, "small"), owed_since=at(0))

    assert of(world, "small", before=[known]).owed_until == at(7200)


@pytest.mark.parametrize("recall", [WITHOUT_RECALL, RECALL])
def test_without_a_recall_it_comes_as_the_lenders_runs_end(recall: RecallRules) -> None:
    fixed = [replace(job, recallable=False) for job in LATER]

    assert of(a_world(WAITS, holding=fixed, recall=recall), "small").owed_until == at(5000)


def test_recalls_wait_where_the_lender_would_stand_lower_than_the_claimant() -> None:
    world = a_world(WAITS, holding=BORROWED)
    used: dict[tuple[str, ...], float] = {("universities", "small"): 40.0, ("universities",): 40.0}

    assert of(replace(world, mean_gpus=used), "small").owed_until == at(7200)


def test_a_run_that_waited_as_long_as_the_guard_is_recalled_for_a_floor_alone() -> None:
    guard = a_policy().wait.guard_s
    waited = [replace(job, waits_since=at(-guard)) for job in BORROWED]
    world = a_world(WAITS, holding=waited)
    floor = replace(a_policy({"small": a_quota(floor=8)}), recall=RECALL)

    assert of(world, "small").owed_until == at(7200)
    assert of(replace(world, policy=floor), "small").owed_until == at(NOW_S + BOUND_S)


def test_between_classes_the_shares_of_the_classes_decide() -> None:
    startup = a_tenant("lab", tenant_class="startups")
    world = a_world(a_pending(9, startup, 8), holding=BORROWED)
    used: dict[tuple[str, ...], float] = {("startups",): 40.0}

    assert of(world, "lab").owed_until == at(NOW_S + BOUND_S)
    assert of(replace(world, mean_gpus=used), "lab").owed_until == at(7200)


def test_by_shares_a_lender_may_be_left_with_its_floor_alone() -> None:
    whole = [replace(a_run(1, "big", 8), placement=a_placement(8, "n1", "n2"))]
    by_shares = replace(RECALL, by=RecallBy.SHARES)
    used: dict[tuple[str, ...], float] = {("universities", "big"): 40.0}

    left = [
        of(replace(a_world(WAITS, holding=whole, recall=rules), mean_gpus=used), "small")
        for rules in (RECALL, by_shares)
    ]

    assert [share.owed_until for share in left] == [at(7200), at(NOW_S + BOUND_S)]


def test_a_planned_start_says_when_where_no_recall_does() -> None:
    plans = (PlannedStart(9, at(4000), a_placement(8, "n2")),)
    world = a_world(WAITS, holding=BORROWED, recall=WITHOUT_RECALL)

    assert of(world, "small", replace(NOTHING, plans=plans)).owed_until == at(4000)


def test_a_recall_that_is_told_says_when_for_both() -> None:
    told = replace(BORROWED[1], recall_requested_at=at(NOW_S - 30))
    world = a_world(WAITS, holding=(LATER[0], told))

    assert of(world, "small").owed_until == at(NOW_S - 30 + BOUND_S)
    assert of(world, "big").borrowed_until == at(NOW_S - 30 + RECALL.notice_s)


def test_a_recall_of_this_cycle_is_told() -> None:
    recalls = (Recall(2, ("universities", "small"), "", 9),)
    allocation = replace(NOTHING, recalls=recalls)

    share = of(a_world(WAITS, holding=BORROWED), "big", allocation)

    assert share.borrowed_until == at(NOW_S + RECALL.notice_s)


def test_a_borrower_keeps_what_it_has_until_enough_of_its_runs_have_ended() -> None:
    share = of(a_world(WAITS, holding=LATER), "big")

    assert (share.borrowed, share.borrowed_until) == (8, at(5000))
    assert of(a_world(holding=LATER), "big").borrowed_until is None


def test_cancelled_runs_end_soon() -> None:
    gone = replace(BORROWED[0], cancel_requested=True)

    share = of(a_world(WAITS, holding=(gone, BORROWED[1]), recall=WITHOUT_RECALL), "small")

    assert share.owed_until == at(NOW_S + 60)


@given(st.dictionaries(st.integers(1, 9), st.integers(1, 6), max_size=4), st.integers(0, 40))
def test_the_most_in_whole_gangs_is_a_sum_of_gangs_and_none_larger_is(
    gangs: dict[int, int], most: int
) -> None:
    sums = {0}
    for gpus, count in gangs.items():
        sums = {one + gpus * n for one in sums for n in range(count + 1)}

    assert most_in_whole_gangs(gangs, most) == max(one for one in sums if one <= most)


@st.composite
def worlds(draw: st.DrawFn) -> Snapshot:
    """Draw four organisations of two classes that hold and want GPUs on two nodes."""
    free, runs = {"n1": 8, "n2": 8}, []
    for job_id in range(1, draw(st.integers(1, 8))):
        node = draw(st.sampled_from(sorted(free)))
        gpus = min(free[node], draw(st.integers(1, 8)))
        if gpus:
            free[node] -= gpus
            run = a_holding(
                job_id, _whose(draw), gpus, node, walltime_s=draw(st.integers(60, 9000))
            )
            runs.append(replace(run, recallable=draw(st.booleans())))
    jobs = [
        a_pending(100 + n, _whose(draw), draw(st.integers(1, 8)))
        for n in range(draw(st.integers(0, 8)))
    ]
    rules = draw(st.sampled_from((WITHOUT_RECALL, RECALL, replace(RECALL, by=RecallBy.SHARES))))
    world = a_world(*jobs, holding=runs, recall=rules)
    floors = {name: a_quota(floor=draw(st.integers(0, 4))) for name in ORGANISATIONS}
    return replace(world, policy=replace(a_policy(floors), recall=rules))


def _whose(draw: st.DrawFn) -> Tenant:
    name = draw(st.sampled_from(ORGANISATIONS))
    return a_tenant(name, tenant_class="universities" if name in "ab" else "startups")


@given(worlds())
def test_debts_stay_within_what_lacks_and_what_others_borrowed(world: Snapshot) -> None:
    shares = all_of(world)

    borrowed = sum(share.borrowed for share in shares)
    for share in shares:
        quota = world.policy.organisation(share.tenant_class, share.organisation)
        floor = quota.floor.gpus(share.pool) or 0
        due = max(floor, whole_gpus(share.entitled))
        assert 0 <= share.owed <= max(0, min(share.wanted, due) - share.held)
        assert share.owed <= borrowed - share.borrowed
    free = sum(node.free.gpus for node in world.nodes)
    assert sum(share.owed for share in shares) <= borrowed + free + len(shares)


@given(worlds())
def test_whatever_is_owed_or_borrowed_has_its_moments_and_nothing_else_has(
    world: Snapshot,
) -> None:
    for share in all_of(world):
        assert not (share.owed and share.borrowed)
        assert bool(share.owed) == (share.owed_since is not None)
        assert bool(share.owed) == (share.owed_until is not None)
        assert bool(share.borrowed) == (share.borrowed_until is not None)
        ends = [end for end in (share.owed_until, share.borrowed_until) if end]
        assert all(end >= world.taken_at for end in ends)


@given(worlds())
def test_recalls_by_entitlements_are_for_whoever_is_owed(world: Snapshot) -> None:
    entitled = replace(RECALL, by=RecallBy.ENTITLEMENTS)
    world = replace(world, policy=replace(world.policy, recall=entitled))
    owed = {share.organisation for share in all_of(world) if share.owed}

    assert {path[-1] for path in proposals(world, NOTHING).claimants.values()} <= owed
