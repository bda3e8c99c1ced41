"""Shared commits: every caller gets exactly its own answer, whatever happens."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from scheduler.domain.jobs import Job
from scheduler.domain.records import NewJobs
from scheduler.errors import (
    Overloaded,
    QuotaExceeded,
    RequestIdReused,
    StoreUnavailable,
    TendikError,
)
from scheduler.store.database import open_database
from scheduler.store.group_commit import GroupCommit
from scheduler.store.migrate import migrate
from scheduler.store.sql import SqlStore
from scheduler.store.waiting_room import Bounds
from tests.build import a_spec, a_tenant
from tests.store.build import a_new


class GatedStore(SqlStore):
    """A real store whose commits a test can hold up and count."""

    def __init__(self, url: str) -> None:
        database = open_database(url, wait_s=0.1)
        migrate(database)
        super().__init__(database)
        self.gate = threading.Event()
        self.gate.set()
        self.batches: list[int] = []

    def add_jobs(self, batch: Sequence[NewJobs]) -> list[tuple[Job, ...] | TendikError]:
        self.gate.wait(10)
        self.batches.append(len(batch))
        return super().add_jobs(batch)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[GatedStore]:
    store = GatedStore(f"sqlite:///{tmp_path / 'store.db'}")
    yield store
    store.close()


@pytest.fixture
async def writer(store: GatedStore) -> AsyncIterator[GroupCommit]:
    writer = GroupCommit(store, Bounds(requests=100))
    yield writer
    store.gate.set()
    await writer.close()


async def begun(*adding: asyncio.Task[tuple[Job, ...]]) -> None:
    """Let the tasks run until each waits for its commit."""
    for _ in range(3):
        await asyncio.sleep(0)
    assert not any(task.done() for task in adding)


async def test_requests_that_come_during_a_commit_share_the_next(
    store: GatedStore, writer: GroupCommit
) -> None:
    store.gate.clear()
    adding = [asyncio.create_task(writer.add(a_new(f"r{n}"))) for n in range(50)]
    await begun(*adding)
    store.gate.set()
    answers = await asyncio.gather(*adding)

    assert [jobs[0].job_id for jobs in answers] == list(range(1, 51))
    assert store.batches == [1, 49]


async def test_what_is_answered_is_stored(store: GatedStore, writer: GroupCommit) -> None:
    jobs = await writer.add(a_new("r1", indices=range(3)))
    assert store.launches([job.job_id for job in jobs]) == jobs


async def test_each_caller_gets_its_own_refusal(writer: GroupCommit) -> None:
    results = await asyncio.gather(
        writer.add(a_new("r1")),
        writer.add(a_new("r1", spec=a_spec(8))),
        writer.add(a_new(tenant=a_tenant("beta"), max_pending=0)),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [tuple, RequestIdReused, QuotaExceeded]


async def test_a_fault_reaches_all_its_callers_and_the_next_commit_succeeds(
    store: GatedStore, writer: GroupCommit, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(tmp_path / "store.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        adding = [writer.add(a_new(f"r{n}")) for n in range(5)]
        results = await asyncio.gather(*adding, return_exceptions=True)
    assert {type(result) for result in results} == {StoreUnavailable}

    (job,) = await writer.add(a_new("r1"))
    assert [pending.job_id for pending in store.pending()] == [job.job_id]


async def test_a_caller_that_goes_away_takes_nobody_along(
    store: GatedStore, writer: GroupCommit
) -> None:
    store.gate.clear()
    adding = [asyncio.create_task(writer.add(a_new(f"r{n}"))) for n in range(4)]
    await begun(*adding)
    adding[0].cancel()
    adding[2].cancel()
    store.gate.set()
    results = await asyncio.gather(*adding, return_exceptions=True)

    kinds = [asyncio.CancelledError, tuple, asyncio.CancelledError, tuple]
    assert [type(result) for result in results] == kinds
    assert len(await writer.add(a_new("r0"))) == 1
    assert len(store.pending()) == 4


async def test_too_many_waiting_requests_are_refused_at_once(
    store: GatedStore, writer: GroupCommit
) -> None:
    store.gate.clear()
    adding = [asyncio.create_task(writer.add(a_new())) for _ in range(51)]
    await begun(*adding)
    with pytest.raises(Overloaded, match="50 of 100 requests wait to be stored"):
        await writer.add(a_new())

    store.gate.set()
    assert len(await asyncio.gather(*adding)) == 51


async def test_one_organisations_flood_neither_refuses_others_nor_goes_before_them(
    store: GatedStore, writer: GroupCommit
) -> None:
    store.gate.clear()
    flood = [asyncio.create_task(writer.add(a_new())) for _ in range(51)]
    await begun(*flood)
    other = a_new(tenant=a_tenant("beta"))
    late = [asyncio.create_task(writer.add(other)) for _ in range(3)]
    await begun(*late)
    store.gate.set()
    answers = await asyncio.gather(*late)
    await asyncio.gather(*flood)

    # The first was being stored already; from then on the two take turns.
    assert [jobs[0].job_id for jobs in answers] == [3, 5, 7]


async def test_closing_answers_all_that_were_taken_and_takes_no_more(
    store: GatedStore, writer: GroupCommit
) -> None:
    store.gate.clear()
    adding = [asyncio.create_task(writer.add(a_new())) for _ in range(10)]
    await begun(*adding)
    closing_writer = asyncio.create_task(writer.close())
    await asyncio.sleep(0)
    with pytest.raises(StoreUnavailable, match="stopping"):
        await writer.add(a_new())
    store.gate.set()
    await closing_writer

    assert all(task.done() for task in adding)
    assert len(store.pending()) == 10


async def test_a_commit_does_not_grow_without_bound(store: GatedStore, writer: GroupCommit) -> None:
    store.gate.clear()
    adding = [asyncio.create_task(writer.add(a_new(indices=range(600)))) for _ in range(5)]
    await begun(*adding)
    store.gate.set()
    await asyncio.gather(*adding)

    assert store.batches == [1, 2, 2]


async def test_a_batch_is_answered_in_its_order_with_each_refusal_in_its_place(
    writer: GroupCommit,
) -> None:
    results = await writer.add_all(
        [a_new("r1"), a_new("r1", spec=a_spec(8)), a_new("r2"), a_new(max_pending=0)]
    )
    kinds = [tuple, RequestIdReused, tuple, QuotaExceeded]
    assert [type(result) for result in results] == kinds


async def test_a_batch_that_finds_little_room_is_taken_in_part(
    store: GatedStore, writer: GroupCommit
) -> None:
    store.gate.clear()
    asyncio.get_running_loop().call_later(0.05, store.gate.set)
    results = await writer.add_all([a_new() for _ in range(60)])
    assert [type(result) for result in results] == [tuple] * 51 + [Overloaded] * 9
    assert len(store.pending()) == 51
