"""From shares to GPUs in figures: every one adds up, and the last is what the allocator uses."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from scheduler.domain.accounts.arithmetic import (
    Figure,
    Operation,
    given,
    holds,
    listed_figures,
    made,
)
from scheduler.domain.accounts.entitlement import (
    Basis,
    Books,
    capacity,
    class_entitlement,
    class_gpus,
    class_rounds,
    own_entitlement,
    own_rounds,
    own_wanted,
)
from scheduler.domain.accounts.water import filled
from scheduler.domain.shares.demand import demand, sharable_gpus
from scheduler.domain.shares.fairshare import Terms, entitlements, water_fill
from scheduler.domain.snapshot import Snapshot
from scheduler.texts import Said
from tests.allocator.worlds import worlds

WORDS = Said("x")
amounts = st.integers(0, 40)
siblings = st.lists(st.tuples(amounts, st.integers(1, 5), amounts), min_size=1, max_size=6)


def books_of(snapshot: Snapshot) -> Iterator[Books]:
    basis = Basis(snapshot, demand(snapshot))
    for name, tenant_class in snapshot.organisations.items():
        for pool in snapshot.pools:
            yield Books(basis, tenant_class, name, pool.name)


@drawn(worlds())
def test_the_tree_of_a_world_adds_up_to_what_the_allocator_uses(snapshot: Snapshot) -> None:
    entitled, sharable = entitlements(snapshot), sharable_gpus(snapshot)
    for books in books_of(snapshot):
        there_are = capacity(books)
        of_class = class_gpus(books)
        class_figure, own = class_entitlement(books), own_entitlement(books, of_class)
        trees = (there_are, class_figure, own)
        rounds = (class_rounds(books), own_rounds(books, of_class))

        assert all(holds(one) for tree in (*trees, *rounds) for one in tree.all_parts())
        assert there_are.number == sharable[books.pool]
        assert own_wanted(books).number == books.basis.wanted.gpus.get(books.key, 0)
        assert class_figure.number == pytest.approx(float(of_class), abs=1e-9)
        expected = entitled.get((books.organisation, books.pool), 0.0)
        assert own.number == pytest.approx(expected, abs=1e-9)


@drawn(st.integers(0, 100), siblings)
def test_rounds_end_at_the_level_of_the_water(
    there_are: int, drawn_siblings: list[tuple[int, int, int]]
) -> None:
    wants, shares, floors = (dict(enumerate(each)) for each in zip(*drawn_siblings, strict=True))
    terms = Terms(wants, shares, floors)
    filling = filled(there_are, terms)
    exact = water_fill(there_are, wants, shares, floors)

    if not filling.rounds:
        assert exact == wants
        return
    for before, after in pairwise(filling.rounds):
        assert after.left == before.left - sum(before.settled.values())
    level = filling.rounds[-1].level
    most = terms.sure if filling.floors_alone else wants
    least = dict.fromkeys(wants, 0) if filling.floors_alone else terms.sure
    assert exact == {n: min(most[n], max(least[n], shares[n] * level)) for n in wants}


def test_who_wants_less_gives_back_to_the_others() -> None:
    filling = filled(
        64, Terms({"a": 4, "b": 40, "c": 64}, {"a": 1, "b": 1, "c": 2}, {}.fromkeys("abc", 0))
    )

    first, last = filling.rounds
    assert (first.level, first.settled) == (Fraction(16), {"a": Fraction(4)})
    assert last.level == 20
    assert not last.settled


@pytest.mark.parametrize(
    ("operation", "value"),
    {
        Operation.SAME: 12,
        Operation.SUM: 15,
        Operation.DIFFERENCE: 9,
        Operation.PRODUCT: 36,
        Operation.QUOTIENT: 4,
        Operation.LEAST: 3,
        Operation.MOST: 12,
    }.items(),
)
def test_a_figure_is_what_its_operation_makes(operation: Operation, value: float) -> None:
    parts = (given(WORDS, 12), given(WORDS, 3))
    figure = made(operation, WORDS, parts)

    assert figure.value == value
    assert holds(figure)
    assert not holds(Figure(WORDS, value + 1, operation=operation, parts=parts))


def test_an_entitlement_is_rounded_up_and_a_standing_to_thousandths() -> None:
    third = given(WORDS, 64 / 3)

    up = made(Operation.ROUNDED_UP, WORDS, (third,))
    near = made(Operation.TO_THOUSANDTHS, WORDS, (third,))

    assert (up.value, near.value) == (22, 21.333)
    assert holds(up)
    assert holds(near)
    assert not holds(Figure(WORDS, 23, operation=Operation.ROUNDED_UP, parts=(third,)))
    assert not holds(Figure(WORDS, 21.33, operation=Operation.TO_THOUSANDTHS, parts=(third,)))


def test_a_list_has_no_number() -> None:
    found = listed_figures(WORDS, given(WORDS, 1))

    assert holds(found)
    with pytest.raises(ValueError, match="no number"):
        made(Operation.SUM, WORDS, (found,))
