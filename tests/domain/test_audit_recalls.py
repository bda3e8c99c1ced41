"""The audit names every wrong recall: from whom, for whom, too early, or for nothing."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from scheduler.domain.audit import violations
from scheduler.domain.audit.recalls import RECALL_CHECKS
from scheduler.domain.decisions import Allocation, Recall, SolverStatus
from scheduler.domain.jobs import JobState
from scheduler.domain.policies import Policy
from scheduler.domain.snapshot import Snapshot
from tests.build import a_pending, a_policy, a_quota, a_wait, at, nodes
from tests.domain.recalls.test_recall import BY_SHARES, LENT, RULES, STARTUP, runs, world

BETA = ("universities", "beta")
NO_MEMORY = a_policy(usage_weight=Fraction(0))
GOOD = world(*LENT, a_pending(1, "beta", 4))


def told(job_id: int, for_tenant: tuple[str, ...] = BETA, for_job: int = 1) -> Recall:
    return Recall(job_id, for_tenant, "why", for_job)


def with_floor(floor: int) -> Policy:
    return a_policy({"alpha": a_quota(floor=floor)}, usage_weight=Fraction(0))


# Beta holds nothing, and has used more in the past than alpha holds now.
USED = replace(
    world(*LENT, a_pending(1, "beta", 4), policy=a_policy()),
    mean_gpus={("universities",): 99.0, BETA: 99.0},
)
# Of 16 GPUs eight are due to each class; alpha's four of them are not beta's to claim.
TWO_CLASSES = world(
    *(runs(901, STARTUP, 8), runs(902, STARTUP, 4, "n2"), runs(903, "beta", 4, "n2")),
    *(a_pending(1, "beta", 4), a_pending(2, "alpha", 4)),
    on=nodes(2),
)
Harm = tuple[Snapshot, tuple[Recall, ...], str]
HARMS: dict[str, Harm] = {
    "recall is off": (
        world(*LENT, a_pending(1, "beta", 4), rules=replace(RULES, enabled=False)),
        (told(902),),
        "job 902 is recalled, and recall is off",
    ),
    "a run that did not say --requeue": (
        world(LENT[0], replace(LENT[1], recallable=False), a_pending(1, "beta", 4)),
        (told(902),),
        "job 902 is recalled: it does not run, or did not say",
    ),
    "a job that does not run yet": (
        world(LENT[0], replace(LENT[1], state=JobState.SUBMITTED), a_pending(1, "beta", 4)),
        (told(902),),
        "job 902 is recalled: it does not run",
    ),
    "a job that nobody knows": (GOOD, (told(7),), "job 7 is recalled: it does not run"),
    "a run that leaves anyway": (
        world(LENT[0], replace(LENT[1], recall_requested_at=at(9)), a_pending(1, "beta", 4)),
        (told(902),),
        "job 902 is recalled, and leaves anyway",
    ),
    "one run twice": (GOOD, (told(902), told(902)), "job 902 is recalled, and leaves anyway"),
    "a run that has just begun": (
        world(LENT[0], runs(902, "alpha", 4, since=3001), a_pending(1, "beta", 4)),
        (told(902),),
        "job 902 is recalled before it ran 600 s",
    ),
    "a job that does not wait": (GOOD, (told(902, for_job=9),), "which does not wait"),
    "another tenant's job": (
        GOOD,
        (told(902, ("startups",)),),
        "job 1 of universities/beta is served by a recall for startups",
    ),
    "more than is due": (
        world(*LENT, a_pending(1, "beta", 8)),
        (told(901), told(902)),
        "would take universities/beta to 8 GPUs, above its due",
    ),
    "the claim of an organisation that has its due": (
        TWO_CLASSES,
        (told(902, ("universities",)),),
        "job 1 of universities/beta is served by a recall, and its organisation has its due",
    ),
    "an entitlement that is not kept": (
        world(runs(901, "alpha", 8), a_pending(1, "beta", 4)),
        (told(901),),
        "universities/alpha is left with 0 GPUs in gpu/h200 by a recall",
    ),
    "a floor that is not kept": (
        world(*LENT, a_pending(1, "beta", 4), policy=with_floor(5)),
        (told(902),),
        "universities/alpha is left with 4 GPUs in gpu/h200 by a recall",
    ),
    "a tenant that gives to itself": (
        world(*LENT, a_pending(1, "alpha", 1), a_pending(2, "beta", 4)),
        (told(902, ("universities", "alpha")),),
        "job 902 is recalled for its own tenant",
    ),
    "too little room": (
        world(runs(901, "alpha", 6), runs(902, "alpha", 2), a_pending(1, "beta", 4)),
        (told(902),),
        "job 1 does not fit where jobs are recalled for it",
    ),
    "a run that waited as long as the guard": (
        world(LENT[0], runs(902, "alpha", 4, waited=86_400), a_pending(1, "beta", 4)),
        (told(902),),
        "job 902 is recalled, and had waited as long as the guard",
    ),
    "by shares, for a job that was recalled just now": (
        world(*LENT, replace(a_pending(1, "beta", 4), recalled_at=at(3001)), rules=BY_SHARES),
        (told(902),),
        "job 1 was recalled at 2026-03-02 12:50:01 and recalls others at once",
    ),
    "by shares, from who is then the lower one": (
        world(
            *(runs(901, "alpha", 6), runs(902, "beta", 2), a_pending(1, "beta", 6)),
            rules=BY_SHARES,
        ),
        (told(901),),
        "universities/alpha is left lower than universities/beta was, by a recall",
    ),
    "by shares, a floor that is not kept": (
        world(*LENT, a_pending(1, "beta", 4), policy=with_floor(5), rules=BY_SHARES),
        (told(902),),
        "universities/alpha is left with 4 GPUs in gpu/h200 by a recall",
    ),
    "a world that is no better": (USED, (told(902),), "recalling 902 for job 1 is no improvement"),
}


def found(snapshot: Snapshot, recalls: tuple[Recall, ...], but: object = None) -> tuple[str, ...]:
    decisions = tuple(a_wait(job.job_id) for job in snapshot.pending)
    allocation = Allocation(decisions, "by hand", SolverStatus.NOT_RUN, recalls=recalls)
    checks = tuple(check for check in RECALL_CHECKS if check is not but)
    return violations(snapshot, allocation, checks)


@pytest.mark.parametrize(("snapshot", "recalls", "complaint"), HARMS.values(), ids=HARMS.keys())
def test_a_wrong_recall_is_named(
    snapshot: Snapshot, recalls: tuple[Recall, ...], complaint: str
) -> None:
    assert any(complaint in text for text in found(snapshot, recalls))


@pytest.mark.parametrize("check", RECALL_CHECKS, ids=lambda check: check.__name__)
def test_every_check_is_needed(check: object) -> None:
    unnamed = [
        complaint
        for snapshot, recalls, complaint in HARMS.values()
        if not any(complaint in text for text in found(snapshot, recalls, check))
    ]

    assert unnamed


def test_a_right_recall_breaks_no_rule() -> None:
    assert found(GOOD, (told(902),)) == ()


def test_recalls_are_audited_with_every_allocation_that_has_some() -> None:
    allocation = Allocation((a_wait(1),), "", SolverStatus.NOT_RUN, recalls=(told(7),))

    assert any("job 7 is recalled" in text for text in violations(GOOD, allocation))
