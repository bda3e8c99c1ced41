"""Statements add up: for any ledger, and however it is cut into periods."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.budgets.grants import Grant, GrantState, GrantStep
from scheduler.domain.budgets.ledger import NOTHING, Entry, EntryKind
from scheduler.domain.budgets.statements import Statement, balances, levels_reached, statement
from tests.build import NOON, at

GRANTS = (1, 2, 3)
steps = st.tuples(
    st.sampled_from(GRANTS),
    st.sampled_from(EntryKind),
    st.integers(1, 1000),
    st.integers(0, 5000),
    st.integers(0, 3),
)
moments = st.none() | st.integers(0, 5000).map(at)


@st.composite
def ledgers(draw: st.DrawFn) -> list[Entry]:
    """Draw any entries after which no sum is negative; their times need not be in order."""
    found, now = list[Entry](), dict.fromkeys(GRANTS, NOTHING)
    for grant, kind, amount, seconds, job in draw(st.lists(steps, max_size=40)):
        entry = Entry(grant, kind, amount, at(seconds), job, entry_id=len(found) + 1)
        after = now[grant].after(entry)
        if min(after.held, after.charged, after.left, after.granted) >= 0:
            found.append(entry)
            now[grant] = after
    return found


@given(ledgers())
def test_sums_are_the_balances(entries: list[Entry]) -> None:
    made, kept = statement(GRANTS, entries), balances(GRANTS, entries)

    assert [line.entry for line in made.lines] == entries
    assert {sums.grant: sums.closing for sums in made.grants} == kept
    assert {sums.opening for sums in made.grants} == {NOTHING}
    assert sum(kind.effect for kind in made.kinds) == made.closing_left
    assert sum(kind.lines for kind in made.kinds) == len(entries)
    assert made.closing_left == sum(balance.left for balance in kept.values())


@given(ledgers())
def test_a_lines_balances_are_those_of_all_up_to_it(entries: list[Entry]) -> None:
    for number, line in enumerate(statement(GRANTS, entries).lines, 1):
        kept = balances(GRANTS, entries[:number])
        assert line.grant_left == kept[line.entry.grant].left >= 0
        assert line.project_left == sum(balance.left for balance in kept.values())


@given(ledgers(), moments, moments)
def test_periods_that_meet_make_the_whole(
    entries: list[Entry], one: datetime | None, other: datetime | None
) -> None:
    cuts = sorted(cut for cut in (one, other) if cut is not None)
    bounds = [None, *cuts, None]
    periods = [statement(GRANTS, entries, since, until) for since, until in pairwise(bounds)]

    assert [line for period in periods for line in period.lines] == list(
        statement(GRANTS, entries).lines
    )
    for before, after in pairwise(periods):
        assert before.closing_left == after.opening_left
        assert closings(before) == [sums.opening for sums in after.grants]


@given(ledgers())
def test_who_is_warned_now_was_warned_once(entries: list[Entry]) -> None:
    for number, balance in balances(GRANTS, entries).items():
        own = [entry for entry in entries if entry.grant == number]
        if any(entry.kind in {EntryKind.LAPSE, EntryKind.CARRY_OUT} for entry in own):
            continue
        request = GrantStep(GrantState.AWARDED, "saule", NOON)
        grant = Grant(number, "f", "o", "p", NOON, at(1), (request,), balance=balance)
        reached = [one.percent for one in levels_reached(own)]
        if balance.granted:
            assert max(reached, default=0) >= grant.warning


def closings(period: Statement) -> list[object]:
    return [sums.closing for sums in period.grants]


def told(entries: Sequence[Entry]) -> list[tuple[int, datetime]]:
    return [(one.percent, one.at) for one in levels_reached(entries)]


def test_a_level_is_reached_once_though_holds_come_and_go() -> None:
    entries = [
        Entry(1, EntryKind.AWARD, 100, NOON),
        Entry(1, EntryKind.HOLD, 74, at(1), 7),
        Entry(1, EntryKind.HOLD, 1, at(2), 8),
        Entry(1, EntryKind.RELEASE, 75, at(3), 8),
        Entry(1, EntryKind.HOLD, 90, at(4), 9),
        Entry(1, EntryKind.HOLD, 10, at(5), 10),
    ]

    assert told(entries) == [(75, at(2)), (90, at(4)), (100, at(5))]


def test_what_lapses_is_not_used() -> None:
    entries = [
        Entry(1, EntryKind.AWARD, 100, NOON),
        Entry(1, EntryKind.CHARGE, 10, at(1), 7),
        Entry(1, EntryKind.LAPSE, 90, at(2)),
    ]

    assert told(entries) == []


def test_an_entry_is_of_the_period_in_which_it_was_booked() -> None:
    """The run of job 7 ended before job 8 was submitted, and was heard of afterwards."""
    entries = [
        Entry(1, EntryKind.AWARD, 100, NOON),
        Entry(1, EntryKind.HOLD, 50, at(60), 8),
        Entry(1, EntryKind.RELEASE, 0, at(30), 7),
    ]

    earlier = statement((1,), entries, until=at(60))
    later = statement((1,), entries, since=at(60))

    assert [line.entry.kind for line in earlier.lines] == [EntryKind.AWARD]
    assert [line.entry.kind for line in later.lines] == [EntryKind.HOLD, EntryKind.RELEASE]
    assert (later.opening_left, later.closing_left) == (100, 50)


def test_a_month_is_one_period() -> None:
    entries = [Entry(1, EntryKind.AWARD, 100, NOON)]

    month = statement((1, 2), entries, NOON, NOON + timedelta(days=30))

    assert [(kind.kind, kind.lines, kind.amount) for kind in month.kinds] == [
        (EntryKind.AWARD, 1, 100)
    ]
    assert [sums.closing.left for sums in month.grants] == [100, 0]
