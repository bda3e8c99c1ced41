"""Entitlements, usage memory and shares."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from math import inf, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.decisions import Start
from scheduler.domain.records import OrganisationShare, UsageBucket
from scheduler.domain.resources import Amount
from scheduler.domain.shares.fairshare import (
    entitlements,
    even_shares,
    fairness_error,
    jain,
    mean_gpus,
    organisation_shares,
    water_fill,
)
from scheduler.domain.snapshot import Snapshot
from tests.build import (
    NOON,
    POOL,
    a_holding,
    a_node,
    a_pending,
    a_placement,
    a_policy,
    a_pool,
    a_quota,
    a_snapshot,
    a_tenant,
    at,
    nodes,
)

WEEK_S = 7 * 24 * 3600
names = st.sampled_from("abcde")
demands = st.dictionaries(names, st.integers(0, 20), min_size=1)
weights = st.fixed_dictionaries({name: st.integers(1, 4) for name in "abcde"})
floors = st.dictionaries(names, st.integers(0, 6))


@given(st.integers(0, 60), demands, weights, floors)
def test_water_filling_gives_all_there_is_or_all_that_is_wanted(
    capacity: int, wanted: dict[str, int], share: dict[str, int], floor: dict[str, int]
) -> None:
    given_out = water_fill(capacity, wanted, share, floor)

    assert sum(given_out.values()) == min(capacity, sum(wanted.values()))
    assert all(0 <= given_out[name] <= wanted[name] for name in wanted)


@given(st.integers(0, 60), demands, weights, floors)
def test_nobody_above_the_floor_is_above_one_that_wants_more(
    capacity: int, wanted: dict[str, int], share: dict[str, int], floor: dict[str, int]
) -> None:
    given_out = water_fill(capacity, wanted, share, floor)

    def level(name: str) -> Fraction:
        return Fraction(given_out[name]) / share[name]

    lowest = min((level(name) for name in wanted if given_out[name] < wanted[name]), default=inf)
    above = [name for name in wanted if level(name) > lowest]
    assert all(given_out[name] <= floor.get(name, 0) for name in above)


@given(st.integers(0, 60), demands, weights)
def test_more_capacity_lowers_nobody(
    capacity: int, wanted: dict[str, int], share: dict[str, int]
) -> None:
    less, more = water_fill(capacity, wanted, share), water_fill(capacity + 1, wanted, share)

    assert all(less[name] <= more[name] for name in wanted)


def entitled(snapshot: Snapshot) -> dict[str, float]:
    return {name: gpus for (name, _), gpus in entitlements(snapshot).items()}


ENTITLED: dict[str, tuple[Snapshot, dict[str, float]]] = {
    "who wants all alone may have all": (a_snapshot(a_pending(1, gpus=8)), {"alpha": 8}),
    "three equals share eight in thirds": (
        a_snapshot(*(a_pending(n, name, 8) for n, name in enumerate("abc", 1))),
        {"a": 8 / 3, "b": 8 / 3, "c": 8 / 3},
    ),
    "what one does not want the others share": (
        a_snapshot(a_pending(1, "a", 1), a_pending(2, "b", 8)),
        {"a": 1, "b": 7},
    ),
    "classes come before organisations": (
        a_snapshot(
            a_pending(1, "a", 8),
            a_pending(2, "b", 8),
            a_pending(3, a_tenant("c", tenant_class="startups"), 8),
        ),
        {"a": 2, "b": 2, "c": 4},
    ),
    "what is held is wanted": (
        a_snapshot(a_pending(1, "a", 8), holding=[a_holding(9, "b", 2)]),
        {"a": 6, "b": 2},
    ),
    "a floor is kept when it is wanted": (
        a_snapshot(
            a_pending(1, "a", 8),
            a_pending(2, "b", 8),
            policy=a_policy({"b": a_quota(floor=7)}),
        ),
        {"a": 1, "b": 7},
    ),
    "a ceiling bounds what is wanted": (
        a_snapshot(a_pending(1, "a", 8), policy=a_policy({"a": a_quota(ceiling=3)})),
        {"a": 3},
    ),
    "a user's limit bounds what is wanted": (
        a_snapshot(*(a_pending(n, "a", 2) for n in (1, 2, 3)), policy=a_policy(max_held_gpus=5)),
        {"a": 4},
    ),
    "a user's limit bounds what all projects of the user want": (
        a_snapshot(
            *(a_pending(n, a_tenant("a", project=f"p{n}"), 2) for n in (1, 2, 3)),
            policy=a_policy(max_held_gpus=5),
        ),
        {"a": 4},
    ),
    "GPUs of other people's jobs and of drained nodes are not shared out": (
        a_snapshot(
            *(a_pending(n, "a", 8) for n in (1, 2, 3)),
            on=[a_node("n1", used=Amount(3, 3, 3)), a_node("n2", available=False), a_node("n3")],
        ),
        {"a": 13},
    ),
    "what others run on a drained node takes nothing from the rest": (
        a_snapshot(
            a_pending(1, "a", 8),
            a_pending(2, "a", 8),
            on=[a_node("n1"), a_node("n2", available=False, used=Amount(3, 3, 3))],
        ),
        {"a": 8},
    ),
    "organisations of a class share by the policy": (
        a_snapshot(
            a_pending(1, "a", 8), a_pending(2, "b", 8), policy=a_policy({"a": a_quota(share=3)})
        ),
        {"a": 6, "b": 2},
    ),
    "a class is sure of its organisations' floors": (
        a_snapshot(
            a_pending(1, "a", 8),
            a_pending(2, a_tenant("c", tenant_class="startups"), 8),
            policy=a_policy({"a": a_quota(floor=6)}),
        ),
        {"a": 6, "c": 2},
    ),
    "a class's ceiling bounds what its organisations want together": (
        a_snapshot(
            a_pending(1, "a", 8),
            a_pending(2, "b", 8),
            a_pending(3, a_tenant("c", tenant_class="startups"), 8),
            policy=a_policy(classes={"universities": a_quota(ceiling=3), "startups": a_quota()}),
        ),
        {"a": 1.5, "b": 1.5, "c": 5},
    ),
}


@pytest.mark.parametrize(("snapshot", "want"), ENTITLED.values(), ids=ENTITLED.keys())
def test_entitlement_is_what_i_may_have_when_all_press(
    snapshot: Snapshot, want: dict[str, float]
) -> None:
    assert entitled(snapshot) == pytest.approx(want)


def test_a_job_that_suits_two_pools_is_wanted_where_most_is_free() -> None:
    pools = [a_node("n1", gpus=4), a_node("n2", pool="gpu/a100")]
    snapshot = a_snapshot(*(a_pending(n, gpus=4) for n in (1, 2, 3)), on=pools)

    assert entitlements(snapshot) == {("alpha", POOL): 4.0, ("alpha", "gpu/a100"): 8.0}


def test_even_shares_count_those_that_want_nothing() -> None:
    snapshot = a_snapshot(organisations={"a": "universities", "b": "universities"})

    assert even_shares(snapshot) == {("a", POOL): 4.0, ("b", POOL): 4.0}


def used(gpus: float, hours: int, days_ago: float, half_life_s: int = WEEK_S) -> float:
    """Return alpha's mean after `gpus` ran for so many hours, a while ago."""
    last = NOON - timedelta(days=days_ago)
    buckets = [
        UsageBucket(a_tenant(), POOL, last - timedelta(hours=n + 1), int(gpus * 3600))
        for n in range(hours)
    ]
    policy = a_policy(half_life_s=half_life_s)
    means = mean_gpus(buckets, (), policy, [a_pool()], NOON)
    assert means[("universities", "alpha")] == means[a_tenant().path(4)]
    return means[("universities",)]


def test_who_always_held_four_gpus_has_a_mean_of_four() -> None:
    assert used(4, hours=24 * 100, days_ago=0) == pytest.approx(4, rel=1e-3)


def test_usage_counts_half_after_a_half_life() -> None:
    assert used(4, 5, days_ago=7) == pytest.approx(used(4, 5, days_ago=0) / 2)


def test_another_half_life_recounts_all_history() -> None:
    assert used(4, 5, 7, half_life_s=2 * WEEK_S) > used(4, 5, 7, half_life_s=WEEK_S) / 2
    assert used(4, 5, 7, half_life_s=1) == pytest.approx(0)


def test_a_running_job_counts_like_the_buckets_it_will_leave() -> None:
    running = a_holding(1, gpus=4, started_at=NOON - timedelta(hours=30))

    means = mean_gpus((), [running], a_policy(), [a_pool()], NOON)

    assert means[("universities", "alpha", "main")] == pytest.approx(used(4, 30, 0), rel=1e-5)


def test_usage_is_counted_at_the_rate_of_its_gpus() -> None:
    policy = a_policy(rates={"h200": Fraction(1, 2)})
    bucket = UsageBucket(a_tenant(), POOL, NOON - timedelta(minutes=30), 7200)

    means = mean_gpus([bucket], (), policy, [a_pool()], NOON)

    assert means[("universities",)] == pytest.approx(3600 / (WEEK_S / log(2)))


def share_of(shares: tuple[OrganisationShare, ...], name: str) -> OrganisationShare:
    return next(share for share in shares if share.organisation == name)


def test_shares_tell_who_borrows_and_who_lends() -> None:
    snapshot = a_snapshot(
        *(a_pending(n, "a", 8) for n in (1, 2)),
        on=nodes(2),
        organisations={"a": "universities", "b": "universities"},
        holding=[a_holding(9, "b", 2)],
    )

    shares = organisation_shares(snapshot, [Start(1, a_placement(8, "n2"))])

    mine, other = share_of(shares, "a"), share_of(shares, "b")
    assert (mine.held, mine.wanted, mine.entitled, mine.borrowed) == (8, 16, 14.0, 0)
    assert (other.held, other.wanted, other.entitled, other.lent) == (2, 2, 2.0, 0)


def test_what_others_hold_above_their_even_share_is_lent() -> None:
    snapshot = a_snapshot(
        organisations={"b": "universities", "c": "universities"},
        holding=[a_holding(9, "a", 6), a_holding(10, "b", 1)],
        on=nodes(1, gpus=12),
    )

    shares = organisation_shares(snapshot, ())

    assert [share_of(shares, name).lent for name in "abc"] == [0, 0, 1]


def test_held_above_the_entitlement_is_borrowed() -> None:
    snapshot = a_snapshot(a_pending(1, "b", 8), holding=[a_holding(9, "a", 7)])

    assert share_of(organisation_shares(snapshot, ()), "a").borrowed == 3


def test_jain_is_one_for_equals_and_one_nth_for_a_monopoly() -> None:
    assert jain([3, 3, 3]) == 1
    assert jain([9, 0, 0]) == pytest.approx(1 / 3)
    assert jain([]) == 1


def test_the_fairness_error_looks_at_those_that_want_more_than_they_hold() -> None:
    short = share_of(organisation_shares(a_snapshot(a_pending(1, "a", 8)), ()), "a")
    content = replace(short, held=8, entitled=4.0)

    assert fairness_error([short, content]) == 1
    assert fairness_error([replace(short, held=6), replace(short, held=8, wanted=9)]) == 0.125
    assert fairness_error([content]) == 0


def test_a_start_from_the_future_counts_nothing() -> None:
    late = a_holding(1, gpus=4, started_at=at(60))

    assert mean_gpus((), [late], a_policy(), [a_pool()], NOON)[("universities",)] == 0
