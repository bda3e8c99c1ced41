"""The canonical bytes: they come back as what they were, and do not depend on any order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings

from scheduler.allocator.greedy import allocate_greedily
from scheduler.domain.decisions import Allocation
from scheduler.domain.snapshot import Snapshot
from scheduler.receipts.codec import Memory, Unreadable, decode, encode, pieces, plain
from tests.allocator.reserved_worlds import reserved_worlds
from tests.allocator.worlds import worlds
from tests.build import a_node, a_pending, a_policy, a_snapshot, at, nodes


@dataclass(frozen=True, slots=True)
class Older:
    """A type as an older version of the program knew it."""

    gpus: int


@dataclass(frozen=True, slots=True)
class Newer:
    """The same type with a field more."""

    gpus: int
    notice: timedelta


@dataclass(frozen=True, slots=True)
class Newest:
    """The same with another one, that has a default."""

    gpus: int
    notice: timedelta
    places: int = 64


@given(worlds() | reserved_worlds())
def test_a_snapshot_comes_back_as_it_was(snapshot: Snapshot) -> None:
    encoded = encode(snapshot)

    assert decode(Snapshot, encoded) == snapshot
    assert encode(decode(Snapshot, encoded)) == encoded


@settings(max_examples=50)
@given(worlds() | reserved_worlds())
def test_an_allocation_comes_back_as_it_was(snapshot: Snapshot) -> None:
    allocation = allocate_greedily(snapshot)

    assert decode(Allocation, encode(allocation)) == allocation


@settings(max_examples=50)
@given(worlds() | reserved_worlds())
def test_what_is_read_back_is_decided_alike(snapshot: Snapshot) -> None:
    again = decode(Snapshot, encode(snapshot))

    assert encode(allocate_greedily(again)) == encode(allocate_greedily(snapshot))


@settings(max_examples=50)
@given(worlds() | reserved_worlds())
def test_what_is_remembered_has_the_same_bytes(snapshot: Snapshot) -> None:
    memory = Memory()
    for _ in range(3):
        memory.turn()
        assert b"".join(pieces(snapshot, memory)) == encode(snapshot)


def test_a_changed_group_is_written_anew() -> None:
    memory, before, after = Memory(), a_snapshot(a_pending(1)), a_snapshot(a_pending(1, gpus=2))
    list(pieces(before, memory))
    memory.turn()

    assert b"".join(pieces(after, memory)) == encode(after)


def test_the_order_of_mappings_and_sets_does_not_matter() -> None:
    names = [f"feature-{n}" for n in range(20)]
    usage = {("universities",): 2.0, ("universities", "alpha"): 1.0}
    one, other = (
        a_snapshot(
            on=[a_node(features=order)],
            mean_gpus=dict(sorted(usage.items(), reverse=order is names)),
            policy=a_policy(rates={name: Fraction(1, 3) for name in order}),
        )
        for order in (names, names[::-1])
    )

    assert encode(one) == encode(other)


def test_long_queues_and_many_machines_are_written_whole() -> None:
    jobs = [a_pending(n, f"org-{n % 3}", 1 + n % 2) for n in range(1, 2001)]
    snapshot = a_snapshot(*jobs, on=nodes(600))

    assert decode(Snapshot, encode(snapshot)) == snapshot


def test_a_type_without_an_encoding_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match="cannot hold a object"):
        encode({"odd": object()})


def test_bytes_of_a_newer_version_are_refused() -> None:
    newer = encode(Newer(2, timedelta(minutes=2)))

    assert decode(Newer, newer) == Newer(2, timedelta(minutes=2))
    with pytest.raises(Unreadable, match="another kind of Older"):
        decode(Older, newer)


def test_what_an_earlier_version_did_not_know_has_its_default() -> None:
    newer = encode((Newer(2, timedelta(minutes=2)),))

    assert decode(tuple[Newest, ...], newer) == (Newest(2, timedelta(minutes=2), 64),)
    with pytest.raises(Unreadable, match=r"0\.notice: Field required"):
        decode(tuple[Newer, ...], encode((Older(2),)))


def test_bytes_of_something_else_are_refused_by_place() -> None:
    with pytest.raises(Unreadable, match=r"Snapshot\.cycle"):
        decode(Snapshot, encode(replace(a_snapshot(), cycle="x")))  # type: ignore[arg-type]
    with pytest.raises(Unreadable):
        plain(encode(at()) + b"\x00")
