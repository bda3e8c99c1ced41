"""Grants: who pays first, what a fund has left, and what becomes of the rest at the end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

import pytest

from scheduler.budget_errors import FundExceeded, NotAStepOfGrant, OwnGrant
from scheduler.domain.budgets.grants import (
    Fund,
    Grant,
    GrantState,
    GrantStep,
    demand_room,
    ended,
    in_draw_down_order,
    lapsing,
    left_of,
    parts_of,
    stepped,
)
from scheduler.domain.budgets.ledger import Balance, Entry, EntryKind, Part
from tests.build import NOON, at

FUND = Fund("base", "Base quota", 10_000, carry_over=25)
END = at(1000)
EXPIRED = GrantStep(GrantState.EXPIRED, "", END)
CLOSED = GrantStep(GrantState.CLOSED, "bek", at(500))


def a_grant(
    number: int = 1,
    balance: Balance | None = None,
    *,
    project: str = "main",
    starts: datetime = NOON,
    expires: datetime = END,
    order: int = 100,
    state: GrantState = GrantState.AWARDED,
) -> Grant:
    steps = (GrantStep(GrantState.REQUESTED, "ada", NOON), GrantStep(state, "bek", NOON))
    left = balance or Balance(awarded=1000)
    return Grant(number, "base", "alpha", project, starts, expires, steps, order, left)


def booked(entries: Iterable[Entry]) -> list[tuple[str, int, int]]:
    """Return kind, grant and amount of each."""
    return [(entry.kind.value, entry.grant, entry.amount) for entry in entries]


def test_the_lowest_order_pays_first_then_what_expires_first_then_the_oldest() -> None:
    grants = [
        a_grant(1, expires=at(3000)),
        a_grant(2, expires=at(2000)),
        a_grant(3, expires=at(4000), order=1),
        a_grant(4, expires=at(2000)),
    ]

    assert [one.number for one in in_draw_down_order(grants, NOON)] == [3, 2, 4, 1]


def test_only_what_is_awarded_has_begun_and_has_not_expired_pays() -> None:
    grants = [
        a_grant(1, Balance(awarded=100, held=30, charged=20)),
        a_grant(2, expires=at(60)),
        a_grant(3, starts=at(61)),
        a_grant(4, state=GrantState.REVIEWED),
        a_grant(5, state=GrantState.CLOSED),
    ]

    assert parts_of(grants, at(60)) == (Part(1, 50),)


def test_a_fund_awards_what_it_has_not_granted() -> None:
    awarded = [a_grant(1, Balance(awarded=6000, lapsed=1000, charged=5000))]

    assert left_of(FUND, awarded) == 5000
    demand_room(FUND, awarded, 5000)
    with pytest.raises(FundExceeded):
        demand_room(FUND, awarded, 5001)


@pytest.mark.parametrize("state", [GrantState.REVIEWED, GrantState.DECLINED])
def test_who_asked_for_a_grant_does_not_decide_on_it(state: GrantState) -> None:
    request = replace(a_grant(), steps=(GrantStep(GrantState.REQUESTED, "ada", NOON),))

    with pytest.raises(OwnGrant):
        stepped(request, GrantStep(state, "ada", NOON))
    assert stepped(request, GrantStep(state, "bek", NOON)).state is state


def test_what_is_over_stays_over() -> None:
    with pytest.raises(NotAStepOfGrant):
        stepped(a_grant(state=GrantState.EXPIRED), CLOSED)


def test_an_expired_grant_carries_over_its_part_and_the_rest_lapses() -> None:
    grant = a_grant(1, Balance(awarded=1000, charged=500, held=100))
    heirs = [a_grant(2, starts=at(2000), expires=at(9000)), a_grant(3, expires=at(3000))]

    over, entries = ended(grant, EXPIRED, FUND, heirs)

    assert over.state is GrantState.EXPIRED
    assert booked(entries) == [("carry_out", 1, 250), ("carry_in", 3, 250), ("lapse", 1, 150)]


def test_no_more_is_carried_over_than_is_left() -> None:
    grant = a_grant(1, Balance(awarded=1000, charged=800))

    _, entries = ended(grant, EXPIRED, FUND, [a_grant(2, expires=at(3000))])

    assert booked(entries) == [("carry_out", 1, 200), ("carry_in", 2, 200)]


@pytest.mark.parametrize(
    "other",
    [
        a_grant(2, project="other", expires=at(3000)),
        a_grant(2, expires=at(500)),
        a_grant(2, expires=at(3000), state=GrantState.REVIEWED),
        replace(a_grant(2, expires=at(3000)), fund="ai-fund"),
    ],
    ids=["another project's", "over before", "not awarded", "of another fund"],
)
def test_what_does_not_follow_inherits_nothing(other: Grant) -> None:
    _, entries = ended(a_grant(), EXPIRED, FUND, [other])

    assert booked(entries) == [("lapse", 1, 1000)]


def test_a_closed_grant_carries_nothing_over() -> None:
    _, entries = ended(a_grant(), CLOSED, FUND, [a_grant(2, expires=at(3000))])

    assert booked(entries) == [("lapse", 1, 1000)]


def test_what_a_grant_that_is_over_gets_back_lapses() -> None:
    entries = [
        Entry(1, EntryKind.RELEASE, 100, at(5), 7),
        Entry(1, EntryKind.CHARGE, 60, at(5), 7),
        Entry(2, EntryKind.RELEASE, 50, at(5), 7),
        Entry(3, EntryKind.RELEASE, 50, at(5), 7),
        Entry(3, EntryKind.CHARGE, 50, at(5), 7),
    ]

    assert lapsing(entries, [1, 3]) == (Entry(1, EntryKind.LAPSE, 40, at(5), 7),)
