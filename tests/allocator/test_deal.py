"""Parts on nodes can always be dealt out to gangs with distinct nodes."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from scheduler.allocator.model import deal, sums_up_to


@st.composite
def dealable(draw: st.DrawFn) -> tuple[int, int, Counter[str]]:
    """Return gangs' nodes, a number of gangs, and parts that keep the model's two conditions."""
    nodes_per_gang, gangs = draw(st.integers(1, 5)), draw(st.integers(1, 8))
    left, parts = nodes_per_gang * gangs, Counter[str]()
    while left:
        parts[f"n{len(parts)}"] = draw(st.integers(1, min(left, gangs)))
        left = nodes_per_gang * gangs - parts.total()
    return nodes_per_gang, gangs, parts


@given(dealable())
def test_every_gang_gets_distinct_nodes_and_no_part_is_left(
    case: tuple[int, int, Counter[str]],
) -> None:
    nodes_per_gang, gangs, parts = case

    dealt = deal(nodes_per_gang, gangs, parts)

    assert all(len(set(nodes)) == nodes_per_gang for nodes in dealt)
    assert Counter(name for nodes in dealt for name in nodes) == parts


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(0, 3)), max_size=4), st.integers(0, 12))
def test_sums_are_those_that_some_of_the_items_have(
    items: list[tuple[int, int]], most: int
) -> None:
    sums = {0}
    for size, count in items:
        sums = {total + size * taken for total in sums for taken in range(count + 1)}

    assert sums_up_to(most, items) == sorted(total for total in sums if total <= most)
