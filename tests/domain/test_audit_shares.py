"""The audit's searches name what could have been shared out better, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scheduler.domain.audit import SEARCHES, violations
from scheduler.domain.decisions import Allocation, Decision, SolverStatus
from scheduler.domain.snapshot import Snapshot
from tests.build import a_pending, a_policy, a_quota, a_snapshot, a_tenant, at, nodes
from tests.domain.test_audit import start, wait

ALPHA = tuple(a_pending(n, "alpha", 4) for n in (1, 2))
BETA = a_pending(3, "beta", 4)
ALL_TO_ALPHA: tuple[Decision, ...] = (start(1), start(2), wait(3))
UNEVEN = a_snapshot(*ALPHA, BETA)


def judged(
    snapshot: Snapshot, *decisions: Decision, status: SolverStatus = SolverStatus.OPTIMAL
) -> tuple[str, ...]:
    return violations(snapshot, Allocation(decisions, "any", status), SEARCHES)


def test_who_starts_two_gangs_while_a_sibling_could_have_one_is_envied() -> None:
    found = judged(UNEVEN, *ALL_TO_ALPHA, status=SolverStatus.UNKNOWN)

    assert len(found) == 1
    assert "job 3 of universities/beta at 0.000 waits" in found[0]
    assert "universities/alpha at 8.000 started gangs that could have waited" in found[0]


FAIR = {
    "each has one": (UNEVEN, (start(1), wait(2), start(3))),
    "the share says so": (
        replace(
            UNEVEN,
            policy=a_policy({"alpha": a_quota(9), "beta": a_quota(1)}),
            mean_gpus={("universities", "beta"): 1.0},
        ),
        ALL_TO_ALPHA,
    ),
    "the other one used more before": (
        replace(UNEVEN, mean_gpus={("universities", "beta"): 5.0}),
        ALL_TO_ALPHA,
    ),
    "a floor was served": (
        replace(UNEVEN, policy=a_policy({"alpha": a_quota(floor=8)})),
        ALL_TO_ALPHA,
    ),
    "the jobs waited too long": (replace(UNEVEN, taken_at=at(24 * 3600 + 9)), ALL_TO_ALPHA),
    "the gang that waits would not fit": (
        a_snapshot(*ALPHA, a_pending(3, "beta", 8)),
        ALL_TO_ALPHA,
    ),
    "a limit is in the way": (
        replace(UNEVEN, policy=a_policy({"beta": a_quota(ceiling=3)})),
        ALL_TO_ALPHA,
    ),
}


@pytest.mark.parametrize(("snapshot", "decisions"), FAIR.values(), ids=FAIR)
def test_nobody_is_envied_for_what_the_law_gives(
    snapshot: Snapshot, decisions: tuple[Decision, ...]
) -> None:
    assert judged(snapshot, *decisions) == ()


def test_several_small_gangs_should_have_given_way_to_a_large_one() -> None:
    small = [a_pending(n, "alpha", 4) for n in (1, 2, 3, 4)]
    snapshot = a_snapshot(*small, a_pending(5, "beta", 8), on=nodes(2))
    decisions = [start(n, 4, "n1" if n < 3 else "n2") for n in (1, 2, 3, 4)]

    assert len(judged(snapshot, *decisions, wait(5))) == 1
    assert judged(snapshot, *decisions, wait(5), status=SolverStatus.FEASIBLE) == ()


def test_a_class_is_not_made_smaller_to_even_out_its_members() -> None:
    rival = a_pending(4, a_tenant("gamma", tenant_class="startups"), 8)
    one = a_pending(3, "beta", 1)

    assert judged(a_snapshot(*ALPHA, one, rival), start(1), start(2), wait(3), wait(4)) == ()
    assert len(judged(a_snapshot(*ALPHA, one), start(1), start(2), wait(3))) >= 1
