"""A canary changes what the named classes may have, and nothing of what others may."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.changes.canaries import canary_policy
from scheduler.domain.policies import Policy, UserLimits
from scheduler.domain.shares.fairshare import even_shares
from scheduler.policy_files import parse_policy, policy_text
from tests.build import a_policy, a_quota, a_snapshot
from tests.policies.drawn import CLASSES, policies

ORGANISATIONS = {
    "alpha": "universities",
    "beta": "universities",
    "gamma": "universities",
    "startup": "startups",
    "agency": "agencies",
}
OLD = a_policy(
    {"alpha": a_quota(2)},
    classes={"universities": a_quota(), "startups": a_quota()},
    default=a_quota(floor=4),
)


@given(policies(), policies(), st.sets(st.sampled_from(CLASSES), min_size=1, max_size=2))
def test_the_named_classes_have_the_new_policy_and_all_others_the_old_one(
    old: Policy, new: Policy, named: set[str]
) -> None:
    tried = canary_policy(old, new, named, ORGANISATIONS)

    for name, tenant_class in ORGANISATIONS.items():
        whose = new if tenant_class in named else old
        assert tried.classes[tenant_class] == whose.classes[tenant_class]
        assert tried.organisation(tenant_class, name) == whose.organisation(tenant_class, name)
        assert tried.limits_of_users(tenant_class) == whose.limits_of_users(tenant_class)
        assert (tenant_class in tried.granted_classes) == (tenant_class in whose.granted_classes)


@given(policies(), policies())
def test_what_holds_for_the_whole_cluster_stays(old: Policy, new: Policy) -> None:
    tried = canary_policy(old, new, {"startups"}, ORGANISATIONS)

    of_classes = ("classes", "organisations", "members", "class_user_limits", "granted_classes")
    assert tried == replace(old, **{key: getattr(tried, key) for key in of_classes})


@given(policies(), policies(), st.sets(st.sampled_from(CLASSES)))
def test_what_is_tried_can_be_written_as_a_file(old: Policy, new: Policy, named: set[str]) -> None:
    tried = canary_policy(old, new, named, ORGANISATIONS)

    assert parse_policy(policy_text("tried", tried))[1] == tried


@pytest.mark.parametrize("new", [OLD, a_policy()])
def test_on_no_class_nothing_changes(new: Policy) -> None:
    assert canary_policy(OLD, new, (), ORGANISATIONS) == OLD


def test_the_same_policy_changes_nothing_whichever_class_is_named() -> None:
    assert canary_policy(OLD, OLD, ("universities", "startups"), ORGANISATIONS) == OLD


def test_a_new_default_and_new_user_limits_are_written_out_for_the_class() -> None:
    new = replace(OLD, organisation_default=a_quota(floor=8), user_limits=UserLimits(16))

    tried = canary_policy(OLD, new, ("startups",), ORGANISATIONS)

    assert tried.members == {"startups": a_quota(floor=8)}
    assert tried.class_user_limits == {"startups": UserLimits(16)}
    assert (tried.organisation_default, tried.user_limits) == (a_quota(floor=4), UserLimits())


def test_a_limit_for_one_class_leaves_others_no_less_than_they_may_have_by_the_old_one() -> None:
    new = replace(OLD, classes={**OLD.classes, "startups": a_quota(ceiling=8)})
    snapshot = a_snapshot(policy=OLD, organisations=ORGANISATIONS)
    tried = replace(snapshot, policy=canary_policy(OLD, new, ("startups",), ORGANISATIONS))

    before, after = even_shares(snapshot), even_shares(tried)

    theirs = [key for key in before if ORGANISATIONS[key[0]] == "universities"]
    assert theirs
    assert all(after[key] >= before[key] for key in theirs)
