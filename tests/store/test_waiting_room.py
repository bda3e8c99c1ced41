"""The room where requests wait: who is let in, and who is next."""

from __future__ import annotations

import asyncio

import pytest

from scheduler.domain.records import NewJobs
from scheduler.errors import Overloaded
from scheduler.store.answers import Answer
from scheduler.store.waiting_room import MAX_BATCH_BYTES, Bounds, WaitingRoom
from tests.build import a_spec, a_tenant
from tests.store.build import a_new


def of(organisation: str, script: str = "#!/bin/bash\n") -> NewJobs:
    return a_new(tenant=a_tenant(organisation), spec=a_spec(script=script))


def filled(room: WaitingRoom, new: NewJobs) -> int:
    """Enter the request until it is refused; return how often it was not."""
    loop = asyncio.new_event_loop()
    try:
        for count in range(1_000):
            answer: Answer = loop.create_future()
            try:
                room.enter(new, answer)
            except Overloaded:
                return count
    finally:
        loop.close()
    raise AssertionError("the room has no bound")


def next_organisations(room: WaitingRoom) -> list[str]:
    return [new.tenant.organisation for new, _ in room.next_batch()]


def test_who_floods_it_leaves_room_for_whoever_comes_late() -> None:
    room = WaitingRoom(Bounds(requests=100))
    assert [filled(room, of(name)) for name in ("flood", "second", "third")] == [50, 25, 13]


def test_a_batch_takes_one_of_each_organisation_in_turn() -> None:
    room = WaitingRoom(Bounds(requests=10))
    assert [filled(room, of(name)) for name in ("flood", "late")] == [5, 3]
    turns = ["flood", "late"] * 3
    assert next_organisations(room) == [*turns, "flood", "flood"]
    assert not room


def test_long_scripts_fill_it_before_many_requests_do() -> None:
    room = WaitingRoom(Bounds(requests=100, script_bytes=10_000))
    assert filled(room, of("flood", script="x" * 1_000)) == 5
    with pytest.raises(Overloaded, match="bytes of scripts wait"):
        room.enter(of("flood", script="x" * 1_000), None)  # type: ignore[arg-type]  # refused
    room.next_batch()
    assert filled(room, of("flood", script="x" * 1_000)) == 5


def test_a_commit_does_not_take_more_scripts_than_it_stores_quickly() -> None:
    room = WaitingRoom(Bounds())
    filled(room, of("flood", script="x" * (MAX_BATCH_BYTES // 2)))
    assert len(room.next_batch()) == 2
