"""Limits and the ledger that is held to them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scheduler.domain.jobs import ArrayPlace
from scheduler.domain.policies import Policy, UserLimits
from scheduler.domain.reasons import Reason
from scheduler.domain.resources import Amount, Gang
from scheduler.domain.shares.quotas import REASONS_BY_LIMIT, Ledger, Limit, whole_gpus
from tests.build import (
    POOL,
    a_holding,
    a_pending,
    a_placement,
    a_policy,
    a_quota,
    a_snapshot,
    a_tenant,
)

GANG = Gang(1, Amount(2, 2, 2))
ARRAY = ArrayPlace(5, 0, limit=1)


def a_ledger(policy: Policy, entitled: float = 4.0, held: int = 4) -> Ledger:
    holding = [a_holding(gpus=held, array=ARRAY)]
    snapshot = a_snapshot(
        a_pending(1, "beta"), holding=holding, policy=policy, organisations={"gamma": "students"}
    )
    return Ledger(snapshot, {("alpha", POOL): entitled})


BROKEN: dict[Limit, Policy] = {
    Limit.USER_HELD: a_policy(max_held_gpus=5),
    Limit.ARRAY_RUNNING: a_policy(),
    Limit.ORGANISATION_CEILING: a_policy({"alpha": a_quota(ceiling=5)}),
    Limit.CLASS_CEILING: a_policy(classes={"universities": a_quota(ceiling=5)}),
    Limit.ORGANISATION_BORROWING: a_policy({"alpha": a_quota(borrowing=1)}),
    Limit.CLASS_BORROWING: a_policy(classes={"universities": a_quota(borrowing=1)}),
}


@pytest.mark.parametrize("limit", Limit)
def test_a_start_that_passes_a_limit_is_told_which(limit: Limit) -> None:
    array = ARRAY if limit is Limit.ARRAY_RUNNING else None

    bound = a_ledger(BROKEN[limit]).broken_by(a_tenant(), array, POOL, GANG)

    assert bound is not None
    assert bound.limit is limit


@pytest.mark.parametrize("limit", [limit for limit in Limit if limit is not Limit.ARRAY_RUNNING])
def test_a_start_that_just_reaches_a_limit_is_allowed(limit: Limit) -> None:
    ledger = a_ledger(BROKEN[limit])

    assert ledger.broken_by(a_tenant(), None, POOL, Gang(1, Amount(1, 1, 1))) is None


def test_a_users_projects_count_against_one_limit() -> None:
    ledger = a_ledger(BROKEN[Limit.USER_HELD])

    bound = ledger.broken_by(a_tenant(project="other"), None, POOL, GANG)

    assert bound is not None
    assert (bound.limit, ledger.left(bound)) == (Limit.USER_HELD, 1)
    assert ledger.broken_by(a_tenant("beta", user="alpha-user"), None, POOL, GANG) is None


def test_a_class_may_have_its_own_limit_on_users() -> None:
    limited = replace(a_policy(), class_user_limits={"universities": UserLimits(max_held_gpus=5)})
    ledger = a_ledger(limited)

    bound = ledger.broken_by(a_tenant(), None, POOL, GANG)

    assert bound is not None
    assert (bound.limit, bound.at_most) == (Limit.USER_HELD, 5)
    assert ledger.broken_by(a_tenant("beta", tenant_class="startups"), None, POOL, GANG) is None


def test_every_limit_is_a_reason() -> None:
    assert set(REASONS_BY_LIMIT) == set(Limit)
    order = [list(Reason).index(REASONS_BY_LIMIT[limit]) for limit in Limit]
    assert order == sorted(order)


def test_who_holds_more_than_a_lowered_limit_has_nothing_left() -> None:
    ledger = a_ledger(a_policy({"alpha": a_quota(ceiling=1)}))
    (bound,) = ledger.bounds(a_tenant(), None, POOL)

    assert ledger.left(bound) == 0


def test_a_fraction_of_an_entitlement_counts_as_a_whole_gpu() -> None:
    assert whole_gpus(5.333) == 6
    assert whole_gpus(16 / 3 + 16 / 3 + 16 / 3 + 1e-12) == 16


def test_a_charge_is_held_at_once() -> None:
    ledger = a_ledger(a_policy({"alpha": a_quota(ceiling=6)}))

    ledger.charge(a_tenant(), None, a_placement(2))

    assert ledger.held(("universities", "alpha"), POOL) == 6
    assert ledger.free_gpus(POOL) == 2
    assert ledger.broken_by(a_tenant(), None, POOL, GANG) is not None


def kept(held: int = 0, **quota: int) -> Ledger:
    """Return a ledger of 8 GPUs where alpha holds some and gamma has a floor."""
    return a_ledger(a_policy({"gamma": a_quota(**quota)}), held=held or 1)


def test_what_a_floor_does_not_lend_is_kept_back_from_others() -> None:
    ledger = kept(floor=5, lending=1)

    assert ledger.kept_back_gpus(POOL) == 4
    assert ledger.leaves_kept_back(a_tenant("beta"), POOL, 3)
    assert not ledger.leaves_kept_back(a_tenant("beta"), POOL, 4)


def test_the_owner_may_take_what_it_keeps_back() -> None:
    gamma = a_tenant("gamma", tenant_class="students")

    assert kept(floor=5, lending=1).leaves_kept_back(gamma, POOL, 7)


def test_a_floor_without_a_lending_limit_keeps_nothing_back() -> None:
    assert kept(floor=5).kept_back_gpus(POOL) == 0


def test_the_larger_of_a_class_and_its_members_is_kept_back() -> None:
    policy = a_policy(
        {"gamma": a_quota(floor=2, lending=0)}, classes={"students": a_quota(floor=3, lending=0)}
    )

    assert a_ledger(policy).kept_back_gpus(POOL) == 3


def test_a_floor_beyond_what_is_free_blocks_others_and_never_its_owner() -> None:
    ledger = kept(floor=20, lending=0)

    assert not ledger.leaves_kept_back(a_tenant("beta"), POOL, 1)
    assert ledger.leaves_kept_back(a_tenant("gamma", tenant_class="students"), POOL, 7)
