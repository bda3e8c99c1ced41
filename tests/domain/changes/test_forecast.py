"""What a policy would do is told of jobs and of organisations, and only where it differs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scheduler.allocator.greedy import allocate_greedily
from scheduler.domain.changes.forecast import PolicyForecast, policy_forecast
from scheduler.domain.cluster import ClusterState
from scheduler.domain.policies import Policy, RecallRules
from scheduler.domain.recalls.recall import recalling
from scheduler.domain.snapshot import Snapshot
from tests.build import (
    NOON,
    POOL,
    a_holding,
    a_pending,
    a_policy,
    a_pool,
    a_quota,
    a_request,
    a_snapshot,
    at,
    nodes,
)

CLUSTER = ClusterState((a_pool(),), nodes(1), (), NOON)
EQUAL = a_policy()


def foreseen(snapshot: Snapshot, policy: Policy) -> PolicyForecast:
    decide = recalling(allocate_greedily)
    return policy_forecast(snapshot, replace(snapshot, policy=policy), CLUSTER, decide)


def ids(forecast: PolicyForecast) -> dict[str, list[int]]:
    lists = ("starts", "held_back", "recalled", "spared", "barred")
    return {
        name: [job.job_id for job in jobs] for name in lists if (jobs := getattr(forecast, name))
    }


def test_the_same_policy_changes_nothing() -> None:
    snapshot = a_snapshot(a_pending(1, gpus=4), holding=[a_holding(2, "beta", gpus=4)])

    forecast = foreseen(snapshot, EQUAL)

    assert ids(forecast) == {}
    assert not any(standing.changes for standing in forecast.standings)


def test_a_lower_ceiling_holds_back_what_would_start() -> None:
    snapshot = a_snapshot(a_pending(1, gpus=2), holding=[a_holding(2, gpus=4)])

    forecast = foreseen(snapshot, a_policy({"alpha": a_quota(ceiling=4)}))

    assert ids(forecast) == {"held_back": [1]}
    assert ids(
        foreseen(replace(snapshot, policy=a_policy({"alpha": a_quota(ceiling=4)})), EQUAL)
    ) == {"starts": [1]}


def test_what_passes_a_new_limit_alone_is_barred_and_what_runs_is_over() -> None:
    snapshot = a_snapshot(a_pending(1, gpus=6), holding=[a_holding(2, gpus=4)])

    forecast = foreseen(snapshot, a_policy({"alpha": a_quota(ceiling=3)}))

    assert ids(forecast) == {"barred": [1]}
    assert [(one.organisation, one.over) for one in forecast.standings] == [("alpha", 1)]


def test_what_waits_for_ever_as_it_is_counts_not_against_the_new_policy() -> None:
    limited = a_policy({"alpha": a_quota(ceiling=3)})
    snapshot = a_snapshot(a_pending(1, gpus=6), policy=limited)

    forecast = foreseen(snapshot, a_policy({"alpha": a_quota(ceiling=2)}))

    assert ids(forecast) == {}


@pytest.mark.parametrize(("before", "after", "missed"), [(8, 8, 8), (8, 0, 0), (0, 8, 0)])
def test_of_a_floor_is_missed_what_both_policies_promise(
    before: int, after: int, missed: int
) -> None:
    old, new = (a_policy({"alpha": a_quota(floor=floor)}) for floor in (before, after))
    holding = [a_holding(2, "beta", gpus=4)]

    forecast = foreseen(a_snapshot(a_pending(1, gpus=8), holding=holding, policy=old), new)

    alpha = forecast.standings[0]
    assert (alpha.missed_before, alpha.missed_after) == (missed, missed)


def test_what_the_cycle_starts_is_missing_no_more_of_a_floor() -> None:
    sure = a_policy({"alpha": a_quota(floor=4)})
    waiting = a_pending(1, gpus=4), a_pending(3, gpus=4)

    forecast = foreseen(
        a_snapshot(*waiting, holding=[a_holding(2, "beta", gpus=4)], policy=sure), sure
    )

    alpha = forecast.standings[0]
    assert (alpha.given_before, alpha.given_after) == (4, 4)
    assert (alpha.missed_before, alpha.missed_after) == (0, 0)


def test_who_is_over_the_limit_of_the_class_is_told_too() -> None:
    holding = [a_holding(2, gpus=4), a_holding(3, "beta", gpus=4)]

    forecast = foreseen(
        a_snapshot(holding=holding), a_policy(classes={"universities": a_quota(ceiling=6)})
    )

    assert {one.organisation: one.over for one in forecast.standings} == {"alpha": 2, "beta": 2}


def test_borrowing_beyond_a_new_limit_is_over() -> None:
    snapshot = a_snapshot(a_pending(1, "beta", gpus=8), holding=[a_holding(2, gpus=8)])

    forecast = foreseen(snapshot, a_policy({"alpha": a_quota(borrowing=1)}))

    assert [(one.organisation, one.over) for one in forecast.standings] == [
        ("alpha", 3),
        ("beta", 0),
    ]


def test_a_policy_that_switches_recall_on_names_who_is_recalled() -> None:
    kept = a_holding(3, gpus=4)
    run = a_holding(2, gpus=4, started_at=at(-7200), walltime_s=86_400)
    borrowed = replace(run, recallable=True, request=a_request(4), waits_since=at(-7200))
    snapshot = a_snapshot(a_pending(1, "beta", gpus=4), holding=[kept, borrowed])
    recalled = replace(EQUAL, recall=RecallRules(enabled=True))

    assert ids(foreseen(snapshot, recalled)) == {"recalled": [2]}
    assert ids(foreseen(replace(snapshot, policy=recalled), EQUAL)) == {"spared": [2]}


def test_entitlements_are_told_before_and_after() -> None:
    snapshot = a_snapshot(a_pending(1, gpus=8), a_pending(3, "beta", gpus=8))

    forecast = foreseen(snapshot, a_policy({"alpha": a_quota(share=3)}))

    told = {
        one.organisation: (one.entitled_before, one.entitled_after, one.even_after)
        for one in forecast.standings
    }
    assert told == {"alpha": (4, 6, 6), "beta": (4, 2, 2)}
    assert {one.pool for one in forecast.standings} == {POOL}
