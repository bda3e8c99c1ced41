"""Each rule of the model admits what it should, refuses what it should, and is needed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import pytest
from ortools.sat.python import cp_model

from scheduler.allocator.model import (
    RULES,
    AllocationModel,
    Rule,
    arrays_stay_within_their_limit,
    build,
    classes_borrow_within_limits,
    classes_stay_under_ceilings,
    gangs_start_whole,
    jobs_start_at_most_once,
    kept_back_gpus_stay_free,
    nodes_hold_what_they_have,
    organisations_borrow_within_limits,
    organisations_stay_under_ceilings,
    planned_starts_are_not_delayed,
    users_hold_within_limits,
)
from scheduler.allocator.plans import serve_due
from scheduler.allocator.shapes import Progress, candidates, problem_of
from scheduler.allocator.solve import carry_out
from scheduler.domain.audit import violations
from scheduler.domain.decisions import Allocation, SolverStatus
from scheduler.domain.jobs import ArrayPlace
from scheduler.domain.policies import Policy
from scheduler.domain.snapshot import Snapshot
from tests.build import (
    a_holding,
    a_node,
    a_pending,
    a_policy,
    a_quota,
    a_snapshot,
    a_tenant,
    at,
    nodes,
)


@dataclass(frozen=True)
class Plan:
    """Starts by candidate, the oldest group first; parts by node where they are the point."""

    starts: tuple[int, ...]
    parts: tuple[int, ...] = ()


@dataclass(frozen=True)
class Case:
    """A world, a plan that its rule allows, and one that only its rule refuses."""

    snapshot: Snapshot
    allowed: Plan
    refused: Plan


ALPHA = (a_pending(1, "alpha", 4), a_pending(2, "alpha", 4))
BETA = a_pending(3, "beta", 4)
STARTUP = a_pending(3, a_tenant("beta", tenant_class="startups"), 4)
ARRAY = tuple(a_pending(n, array=ArrayPlace(5, n, limit=2)) for n in (1, 2, 3))
HUNGRY = tuple(a_pending(n, gpus=4, cpus_per_task=cpus) for n, cpus in ((1, 40), (2, 30)))
TWO_POOLS = [a_node("n1"), a_node("n2", pool="gpu/a100")]


def limited(policy: Policy) -> Snapshot:
    """Return a world of 16 GPUs where alpha has two pending gangs of 4 and beta one."""
    return a_snapshot(*ALPHA, BETA, on=nodes(2), policy=policy)


CASES: dict[Rule, Case] = {
    jobs_start_at_most_once: Case(
        a_snapshot(a_pending(1, gpus=4), on=TWO_POOLS), Plan((1, 0)), Plan((1, 1))
    ),
    gangs_start_whole: Case(
        a_snapshot(a_pending(1, gpus=8, nodes=2), on=nodes(2)),
        Plan((1,), parts=(1, 1)),
        Plan((1,), parts=(2, 0)),
    ),
    nodes_hold_what_they_have: Case(a_snapshot(*HUNGRY), Plan((1, 0)), Plan((1, 1))),
    planned_starts_are_not_delayed: Case(
        a_snapshot(
            a_pending(1, "gamma", 6, submitted_at=at(-999_999)),
            a_pending(2, "alpha", 2, walltime_s=36_000),
            a_pending(3, "alpha", 2, walltime_s=36_000),
            holding=[a_holding(900, "alpha", 4, started_at=at(3000))],
        ),
        Plan((1,)),
        Plan((2,)),
    ),
    users_hold_within_limits: Case(limited(a_policy(max_held_gpus=4)), Plan((1, 1)), Plan((2, 0))),
    arrays_stay_within_their_limit: Case(a_snapshot(*ARRAY), Plan((2,)), Plan((3,))),
    organisations_stay_under_ceilings: Case(
        limited(a_policy({"alpha": a_quota(ceiling=4)})), Plan((1, 1)), Plan((2, 0))
    ),
    classes_stay_under_ceilings: Case(
        limited(a_policy(classes={"universities": a_quota(ceiling=8)})), Plan((2, 0)), Plan((2, 1))
    ),
    organisations_borrow_within_limits: Case(
        a_snapshot(*ALPHA, BETA, policy=a_policy({"alpha": a_quota(borrowing=0)})),
        Plan((1, 1)),
        Plan((2, 0)),
    ),
    classes_borrow_within_limits: Case(
        a_snapshot(
            *ALPHA, STARTUP, policy=a_policy(classes={"universities": a_quota(borrowing=0)})
        ),
        Plan((1, 1)),
        Plan((2, 0)),
    ),
    kept_back_gpus_stay_free: Case(
        a_snapshot(
            *ALPHA,
            BETA,
            policy=a_policy({"gamma": a_quota(floor=4, lending=0)}),
            organisations={"gamma": "universities"},
        ),
        Plan((1, 0)),
        Plan((1, 1)),
    ),
}
# Who submits under two projects of the organisation is still one user.
TWO_PROJECTS = Case(
    a_snapshot(
        ALPHA[0],
        a_pending(2, a_tenant("alpha", project="other"), 4),
        BETA,
        on=nodes(2),
        policy=a_policy(max_held_gpus=4),
    ),
    Plan((1, 0, 1)),
    Plan((1, 1, 1)),
)
each_case = pytest.mark.parametrize(
    ("rule", "case"),
    [
        *(pytest.param(rule, case, id=rule.__name__) for rule, case in CASES.items()),
        pytest.param(users_hold_within_limits, TWO_PROJECTS, id="users_with_two_projects"),
    ],
)


def outcome_of(snapshot: Snapshot, plan: Plan, rules: Iterable[Rule]) -> tuple[str, ...] | None:
    """Return the audit's complaints about the plan, or None when the rules refuse it.

    The candidates' own cuts repeat some limits and would hide a rule: they are widened.
    """
    problem = problem_of(snapshot)
    began, end = Progress(problem), Progress(problem)
    for progress in (began, end):
        serve_due(progress)
    model = build(began, [replace(found, at_most=9) for found in candidates(began)], rules)
    pin(model, plan)
    solver = cp_model.CpSolver()
    if solver.solve(model.cp) != cp_model.OPTIMAL:
        return None
    values = dict(enumerate(solver.response_proto.solution))
    carry_out(end, model, values)
    plans = tuple(end.timeline.plans)
    starts = Allocation(tuple(end.starts), "plan", SolverStatus.UNKNOWN, plans=plans)
    return violations(snapshot, starts)


def pin(model: AllocationModel, plan: Plan) -> None:
    for variable, count in zip(model.starts.values(), plan.starts, strict=True):
        model.cp.add(variable == count)
    parts = next(iter(model.chunks.values()))
    for variable, count in zip(parts.values(), plan.parts, strict=False):
        model.cp.add(variable == count)


def about_starts(complaints: tuple[str, ...] | None) -> list[str]:
    """Leave out that the jobs which wait are not decided: these plans speak of starts only."""
    assert complaints is not None, "refused"
    return [text for text in complaints if "not decided" not in text]


def test_every_rule_has_its_case() -> None:
    assert list(CASES) == list(RULES)


@each_case
def test_a_plan_within_the_rule_is_allowed(rule: Rule, case: Case) -> None:
    assert about_starts(outcome_of(case.snapshot, case.allowed, RULES)) == []


@each_case
def test_a_plan_against_the_rule_is_refused(rule: Rule, case: Case) -> None:
    assert outcome_of(case.snapshot, case.refused, RULES) is None


@each_case
def test_without_the_rule_the_audit_finds_the_harm(rule: Rule, case: Case) -> None:
    others = [other for other in RULES if other is not rule]

    harm = about_starts(outcome_of(case.snapshot, case.refused, others))

    assert [text for text in harm if "although it fits" not in text] != []
