"""Who goes before a waiting job, and by which rule of the law."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scheduler.allocator.explanation import explained
from scheduler.allocator.greedy import greedy_end
from scheduler.domain.decisions import PlannedStart
from scheduler.domain.explaining import PRECEDENCES, Ahead, Explanation, Precedence
from scheduler.domain.snapshot import Snapshot
from tests.build import (
    a_holding,
    a_node,
    a_pending,
    a_placement,
    a_policy,
    a_quota,
    a_snapshot,
    a_tenant,
    at,
    nodes,
)

FULL = [a_holding(901, "omega", 8)]
TWO_FULL = [
    a_holding(901, "omega", 8, "n1", walltime_s=7200),
    a_holding(902, "omega", 8, "n2", walltime_s=7200),
]
STARTUP = a_tenant("gamma", tenant_class="startups")
PLANNED = PlannedStart(2, at(7200), a_placement(8, "n1", "n2"))

STORIES: dict[str, tuple[Snapshot, list[Ahead]]] = {
    "nobody": (a_snapshot(a_pending(1), holding=FULL), []),
    "an own job that waits longer": (
        a_snapshot(a_pending(1), a_pending(2, gpus=2, submitted_at=at(-60)), holding=FULL),
        [Ahead(Precedence.OWN_ORDER, "alpha", 1, 2)],
    ),
    "an organisation that used less": (
        a_snapshot(
            a_pending(1, "omega"), a_pending(2, "alpha", 4), a_pending(3, "alpha"), holding=FULL
        ),
        [Ahead(Precedence.ORGANISATION_SHARE, "alpha", 2, 5)],
    ),
    "one as low that waits longer": (
        a_snapshot(a_pending(1, "beta"), a_pending(2, submitted_at=at(-60)), holding=FULL),
        [Ahead(Precedence.LONGER_WAIT, "alpha", 1, 1)],
    ),
    "a class that used less": (
        a_snapshot(
            a_pending(1),
            a_pending(2, STARTUP),
            holding=FULL,
            policy=a_policy(classes={"universities": a_quota(), "startups": a_quota()}),
        ),
        [Ahead(Precedence.CLASS_SHARE, "gamma", 1, 1)],
    ),
    "a project and a user that used less": (
        a_snapshot(
            a_pending(1, a_tenant(project="main", user="aru")),
            a_pending(2, a_tenant(project="main", user="dana")),
            a_pending(3, a_tenant(project="other", user="ilyas")),
            on=nodes(1),
            holding=[
                a_holding(901, a_tenant(project="main", user="aru"), 4),
                a_holding(902, "omega", 4),
            ],
        ),
        [
            Ahead(Precedence.PROJECT_SHARE, "alpha", 1, 1),
            Ahead(Precedence.USER_SHARE, "alpha", 1, 1),
        ],
    ),
    "one below its floor, though it used as much": (
        a_snapshot(
            a_pending(1, "beta", submitted_at=at(-60)),
            a_pending(2),
            holding=FULL,
            policy=a_policy({"alpha": a_quota(floor=1)}),
        ),
        [Ahead(Precedence.FLOOR, "alpha", 1, 1)],
    ),
    "one for whom nodes are held": (
        replace(
            a_snapshot(
                a_pending(1),
                a_pending(2, "beta", 16, submitted_at=at(-48 * 3600)),
                on=nodes(2),
                holding=TWO_FULL,
            ),
            plans=(PLANNED,),
        ),
        [Ahead(Precedence.PLANNED_START, "beta", 1, 16)],
    ),
}


def of_job(snapshot: Snapshot, job_id: int = 1) -> Explanation:
    return explained(snapshot, job_id, greedy_end)


@pytest.mark.parametrize(("snapshot", "want"), STORIES.values(), ids=STORIES.keys())
def test_who_goes_first_is_named_with_the_rule(snapshot: Snapshot, want: list[Ahead]) -> None:
    assert list(of_job(snapshot).ahead) == want


def test_every_rule_has_words_and_a_story() -> None:
    told = {ahead.precedence for _, line in STORIES.values() for ahead in line}
    assert set(PRECEDENCES) == set(Precedence) == told


def test_who_is_at_a_ceiling_is_not_in_the_way() -> None:
    policy = a_policy({"alpha": a_quota(ceiling=1)})
    waiting = (a_pending(1, "omega"), a_pending(2), a_pending(3))

    told = of_job(a_snapshot(*waiting, holding=FULL, policy=policy))

    assert [(ahead.organisation, ahead.jobs) for ahead in told.ahead] == [("alpha", 1)]


def test_who_wants_another_pool_is_not_in_the_way() -> None:
    machines = [a_node("n1"), a_node("n2", pool="gpu/a100")]
    holding = [*FULL, a_holding(902, "omega", 8, "n2", pool="gpu/a100")]
    other = a_pending(2, "alpha", gpu_type="a100", submitted_at=at(-60))

    own = a_pending(1, "beta", gpu_type="h200")

    assert of_job(a_snapshot(own, other, on=machines, holding=holding)).ahead == ()


def test_a_job_that_starts_is_told_so_and_nothing_else() -> None:
    snapshot = a_snapshot(a_pending(1))

    assert of_job(snapshot) == Explanation(snapshot.taken_at, starts=True)


def test_a_job_with_a_planned_start_is_told_when() -> None:
    snapshot, _ = STORIES["one for whom nodes are held"]

    assert of_job(snapshot, 2).planned_at == at(7200)


def test_who_has_a_planned_start_waits_for_those_planned_before_and_for_no_share() -> None:
    snapshot, _ = STORIES["one for whom nodes are held"]

    assert of_job(snapshot, 2).ahead == ()
