"""Alerts say what is wrong now, and nothing while all is well."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from scheduler.domain.alerts import RUNBOOKS, AlertKind, alerts
from scheduler.domain.changes.proposals import (
    BY_ITSELF,
    Canary,
    ProposalState,
    again_in_force,
    approved,
    proposal_of,
    stepped,
)
from scheduler.domain.changes.trials import Watched
from scheduler.domain.decisions import Allocation, SolverStatus, StageResult
from scheduler.domain.jobs import JobState
from scheduler.domain.policies import RecallRules
from scheduler.domain.receipts import ReceiptHead
from scheduler.domain.records import ClusterView, Laggards, OrganisationShare, brief_of
from scheduler.domain.stored_words import ENTITLEMENT_REGRESSED
from tests.build import NOON, POOL, a_job, a_node, a_policy, a_quota, at, nodes
from tests.exporters.world import FELL_BACK, a_report, a_share, a_view

OPERATORS = Path(__file__).parents[2] / "docs" / "operators.md"
WELL = Laggards()
LONG = timedelta(hours=7)


def of_nodes(view: ClusterView, down: int) -> ClusterView:
    """Return the view of ten nodes of which so many are down."""
    assert view.cluster is not None
    machines = nodes(10 - down) + tuple(a_node(f"d{n}", available=False) for n in range(down))
    return replace(view, cluster=replace(view.cluster, nodes=machines))


VIEW = of_nodes(a_view(a_report()).latest(), 1)


def kinds(
    view: ClusterView = VIEW,
    laggards: Laggards = WELL,
    head: ReceiptHead | None = None,
    seconds: float = 1,
) -> list[AlertKind]:
    return [alert.kind for alert in alerts(view, laggards, head, at(seconds))]


def owed(share: OrganisationShare, seconds: float) -> OrganisationShare:
    return replace(share, owed=4, owed_since=at(-seconds))


def with_share(share: OrganisationShare, **policy: object) -> ClusterView:
    found = a_view(a_report(share)).latest()
    quotas = a_policy({"alpha": a_quota(floor=16)})
    return replace(
        of_nodes(found, 0),
        policy=replace(found.policy, policy=replace(quotas, **policy)),  # type: ignore[arg-type]  # fields by name
    )


def test_while_all_is_well_there_is_nothing_to_look_at() -> None:
    assert kinds() == []
    assert kinds(seconds=60) == []


def test_a_cluster_that_does_not_answer_is_critical_and_hides_that_no_cycle_ends() -> None:
    view = replace(VIEW, backend_up=False)
    (found,) = alerts(view, WELL, None, at(600))

    assert (found.kind, found.is_critical, found.since) == (AlertKind.CLUSTER_UNREAD, True, NOON)
    assert str(found.words) == "simulated does not answer: nothing starts, and no end is seen"


def test_an_engine_that_is_behind_is_told_of_after_a_minute() -> None:
    assert kinds(seconds=61) == [AlertKind.NO_CYCLE]
    assert kinds(replace(VIEW, report=None)) == [AlertKind.NO_CYCLE]


def test_a_canary_that_did_harm_is_told_of_for_a_day() -> None:
    why = ENTITLEMENT_REGRESSED.format(who="alpha", pool=POOL, now=38, then=100)
    back = replace(again_in_force(VIEW.policy, BY_ITSELF, NOON, why), number=3)
    view = replace(VIEW, policy=back)
    (found,) = alerts(view, WELL, None, at(59))

    assert (found.kind, found.since) == (AlertKind.POLICY_CAME_BACK, NOON)
    assert str(found.words).endswith(f"by itself: {why}")
    assert AlertKind.POLICY_CAME_BACK not in kinds(view, seconds=24 * 3600)
    assert kinds(replace(view, policy=replace(back, applied_by="saule"))) == []


def a_canary(judged_at: datetime | None = None) -> Watched:
    """Return one that began at noon, for two hours."""
    begun = stepped(
        approved(proposal_of(VIEW.policy, 1, "why"), "bek", NOON, frozenset()),
        ProposalState.CANARY,
        "bek",
        NOON,
    )
    terms = Canary(("startups",), at(7200).isoformat(), {})
    return Watched(replace(begun, canary=terms), judged_at)


@pytest.mark.parametrize(
    ("judged_at", "seconds", "told"),
    [
        (None, 1800, []),
        (None, 1801, [AlertKind.CANARY_NOT_JUDGED]),
        (at(1790), 1801, []),
        (at(1790), 3600, [AlertKind.CANARY_NOT_JUDGED]),
        (at(7199), 7200, [AlertKind.CANARY_OVER]),
        (None, 7200, [AlertKind.CANARY_NOT_JUDGED, AlertKind.CANARY_OVER]),
    ],
)
def test_a_canary_that_nobody_judges_or_decides_about_is_told_of(
    judged_at: datetime | None, seconds: float, told: list[AlertKind]
) -> None:
    view = replace(VIEW, report=replace(a_report(), taken_at=at(seconds)))

    found = alerts(view, WELL, None, at(seconds), a_canary(judged_at))

    assert [one.kind for one in found] == told


def test_cycles_that_were_refused_fell_back_or_were_slow_are_told_of() -> None:
    refused = brief_of(a_report(allocation=FELL_BACK, violations=("P1",)))
    slow = brief_of(replace(a_report(), duration_s=11.0))

    assert kinds(replace(VIEW, cycles=(refused, slow))) == [
        AlertKind.AUDIT_VIOLATION,
        AlertKind.FALLBACK_DECIDES,
        AlertKind.CYCLES_SLOW,
    ]


def test_more_than_a_tenth_of_a_pools_nodes_is_told_of() -> None:
    (found,) = alerts(of_nodes(VIEW, 2), WELL, None, at(1))

    assert found.kind is AlertKind.NODES_UNAVAILABLE
    assert str(found.words) == f"2 nodes of 10 in {POOL} take no jobs"


@pytest.mark.parametrize(
    ("enabled", "seconds", "found"),
    {
        "within the notice nothing is late": (True, 179, []),
        "after notice and cycles it is": (True, 181, [AlertKind.FLOOR_UNMET]),
        "where nothing is recalled, jobs have to end first": (False, 181, []),
        "for six hours": (False, LONG.total_seconds(), [AlertKind.FLOOR_UNMET]),
    }.values(),
)
def test_a_floor_is_late_after_its_recall(
    enabled: bool, seconds: float, found: list[AlertKind]
) -> None:
    view = with_share(owed(a_share(), seconds), recall=RecallRules(enabled=enabled))

    assert kinds(view, seconds=0) == found


def test_an_entitlement_is_owed_for_long_after_six_hours() -> None:
    share = replace(a_share(held=16), owed=2)

    assert kinds(with_share(replace(share, owed_since=NOON - LONG))) == [AlertKind.OWED_FOR_LONG]
    assert kinds(with_share(replace(share, owed_since=at(-60)))) == []


def test_jobs_that_wait_too_long_or_are_stuck_are_counted() -> None:
    stuck = a_job(7, state=JobState.RELEASING)
    found = alerts(VIEW, Laggards((), 3, (stuck,), 2), None, at(1))

    assert [str(alert.words) for alert in found] == [
        "3 jobs wait longer than they were promised",
        "2 jobs are stuck on their way, the first of them job 7, releasing",
    ]


def test_a_policy_that_does_not_fit_is_told_of_by_its_key() -> None:
    unknown = a_policy({"nobody": a_quota()})
    view = replace(VIEW, policy=replace(VIEW.policy, policy=unknown))
    (found,) = alerts(view, WELL, None, at(1))

    assert str(found.words) == "the policy does not fit in 1 place: organisations.nobody"


def test_receipts_that_are_missing_are_counted() -> None:
    head = ReceiptHead(9, "0" * 64, kept=5, failed=1, skipped=2)

    assert kinds(head=head) == [AlertKind.RECEIPTS_MISSING]
    assert kinds(head=replace(head, failed=0, skipped=0)) == []


def test_every_page_that_an_alert_names_is_there() -> None:
    lines = OPERATORS.read_text(encoding="utf-8").splitlines()
    heads = {line.removeprefix("### ").lower() for line in lines if line.startswith("### ")}

    assert set(RUNBOOKS.values()) <= heads


def test_the_docs_say_when_each_kind_is_so() -> None:
    told = (OPERATORS.parent / "administrators.md").read_text(encoding="utf-8")
    _, table = told.split("| kind | what is so now |")

    assert re.findall(r"^\| `([a-z_]+)` \|", table, re.MULTILINE) == list(AlertKind)


def test_a_cycles_gap_is_that_of_its_worst_stage() -> None:
    stages = (
        StageResult("starts", SolverStatus.OPTIMAL, 8, 8),
        StageResult("level", SolverStatus.FEASIBLE, 15, 20),
    )
    allocation = Allocation((), "cp-sat", SolverStatus.FEASIBLE, stages)

    assert brief_of(a_report(allocation=allocation)).gap == 0.25
    assert brief_of(a_report()).gap is None
