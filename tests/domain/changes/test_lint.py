"""What in a policy has no effect, or not the one its author seems to want, is told by key."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scheduler.domain.changes.lint import Finding, LintKind, lint
from scheduler.domain.policies import PerPool, Policy, Quota, RecallRules, UserLimits

ORGANISATIONS = {"steppe": "universities", "nomad": "universities", "caspian": "startups"}
CAPACITY = {"alem/h200": 64, "alem/a100": 16}
EQUAL = Policy({"universities": Quota(), "startups": Quota()})
RECALLED = replace(EQUAL, recall=RecallRules(enabled=True))


def told(policy: Policy) -> list[Finding]:
    return list(lint(policy, ORGANISATIONS, CAPACITY))


def with_classes(**classes: Quota) -> Policy:
    return replace(EQUAL, classes={**EQUAL.classes, **classes})


def with_organisations(**organisations: Quota) -> Policy:
    return replace(EQUAL, organisations=organisations)


FINE = {
    "equal for all": EQUAL,
    "classes of different weight": with_classes(startups=Quota(2)),
    "a ceiling that binds in the larger pool only": with_organisations(
        steppe=Quota(ceiling=PerPool(32))
    ),
    "a ceiling below that of the class in one pool": replace(
        with_classes(universities=Quota(ceiling=PerPool(None, {"alem/h200": 32}))),
        organisations={"steppe": Quota(ceiling=PerPool(48))},
    ),
    "a floor that comes back": replace(RECALLED, organisation_default=Quota(floor=PerPool(4))),
    "a floor that is never lent": replace(
        EQUAL, organisation_default=Quota(floor=PerPool(4), lending_limit=PerPool(0))
    ),
    "members of whom one has a table": replace(
        EQUAL, members={"universities": Quota(2)}, organisations={"nomad": Quota(3)}
    ),
    "limits that are reached": replace(
        EQUAL, user_limits=UserLimits(max_held_gpus=80, max_job_gpus=80)
    ),
}


@pytest.mark.parametrize("policy", FINE.values(), ids=FINE.keys())
def test_what_has_an_effect_is_told_nothing(policy: Policy) -> None:
    assert told(policy) == []


ODD = {
    "a class without organisations": (
        with_classes(students=Quota()),
        LintKind.EMPTY_CLASS,
        "classes.students",
        "no organisation is of this class",
    ),
    "shares of classes that are all the same": (
        Policy({"universities": Quota(5), "startups": Quota(5)}),
        LintKind.SHARE_WITHOUT_EFFECT,
        "classes.universities.share",
        "all classes have share 5, which is the same as 1 each",
    ),
    "a share among nobody": (
        with_organisations(caspian=Quota(3)),
        LintKind.SHARE_WITHOUT_EFFECT,
        "organisations.caspian.share",
        "is the only organisation of class startups",
    ),
    "members that all have tables": (
        replace(EQUAL, members={"startups": Quota(2)}, organisations={"caspian": Quota()}),
        LintKind.TABLE_WITHOUT_EFFECT,
        "classes.startups.members",
        "every organisation of this class has a table of its own",
    ),
    "a ceiling over the cluster": (
        with_classes(startups=Quota(ceiling=PerPool(65))),
        LintKind.UNREACHABLE_LIMIT,
        "classes.startups.ceiling_gpus",
        "65 is never reached: alem/a100, alem/h200 has 64 GPUs",
    ),
    "a ceiling over one pool": (
        with_organisations(steppe=Quota(ceiling=PerPool(8, {"alem/a100": 17}))),
        LintKind.UNREACHABLE_LIMIT,
        "organisations.steppe.ceiling_gpus",
        "17 is never reached: alem/a100 has 16 GPUs",
    ),
    "a ceiling over that of the class": (
        replace(
            with_classes(universities=Quota(ceiling=PerPool(12))),
            organisations={"steppe": Quota(ceiling=PerPool(14))},
        ),
        LintKind.UNREACHABLE_LIMIT,
        "organisations.steppe.ceiling_gpus",
        "14 is never reached: class universities ends at 12",
    ),
    "members' ceiling over that of the class": (
        replace(
            with_classes(universities=Quota(ceiling=PerPool(12))),
            members={"universities": Quota(ceiling=PerPool(14))},
        ),
        LintKind.UNREACHABLE_LIMIT,
        "classes.universities.members.ceiling_gpus",
        "14 is never reached: class universities ends at 12",
    ),
    "borrowing over the cluster": (
        replace(EQUAL, organisation_default=Quota(borrowing_limit=PerPool(100))),
        LintKind.UNREACHABLE_LIMIT,
        "organisations.default.borrowing_limit_gpus",
        "100 is never reached",
    ),
    "a user's limit over the cluster": (
        replace(EQUAL, user_limits=UserLimits(max_held_gpus=81)),
        LintKind.UNREACHABLE_LIMIT,
        "user_limits.max_held_gpus",
        "81 is never reached: the cluster has 80 GPUs",
    ),
    "a job's limit over the user's": (
        replace(
            EQUAL,
            class_user_limits={"startups": UserLimits(max_held_gpus=2, max_job_gpus=4)},
        ),
        LintKind.UNREACHABLE_LIMIT,
        "classes.startups.user_limits.max_job_gpus",
        "4 is never reached: a user holds 2 at most",
    ),
    "a floor that is lent and not recalled": (
        with_classes(startups=Quota(floor=PerPool(8))),
        LintKind.FLOOR_WITHOUT_RECALL,
        "classes.startups.floor_gpus",
        "is lent while it is idle, and recall is off",
    ),
}


@pytest.mark.parametrize(("policy", "kind", "key", "sentence"), ODD.values(), ids=ODD.keys())
def test_what_is_odd_is_told_once(policy: Policy, kind: LintKind, key: str, sentence: str) -> None:
    (finding,) = told(policy)

    assert (finding.kind, ".".join(finding.key)) == (kind, key)
    assert finding.message.startswith(sentence)


def test_without_a_cluster_or_organisations_only_the_policy_is_judged() -> None:
    policy = replace(
        with_classes(startups=Quota(ceiling=PerPool(999)), students=Quota(2)),
        user_limits=UserLimits(max_held_gpus=999),
    )

    assert list(lint(policy, {}, {})) == []


def test_every_kind_is_tested() -> None:
    assert {kind for _, kind, _, _ in ODD.values()} == set(LintKind)
