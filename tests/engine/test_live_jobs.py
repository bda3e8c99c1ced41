"""The live jobs kept by events are those that a full read finds, whatever happens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from scheduler.allocator.greedy import allocate_greedily
from scheduler.clock import ManualClock
from scheduler.domain.decisions import Allocation, PlannedStart
from scheduler.domain.jobs import JobState
from scheduler.domain.queue import grouped
from scheduler.domain.snapshot import Snapshot
from scheduler.engine.live_jobs import READ_IN_FULL_EVERY, LiveJobs
from scheduler.store.database import open_database
from scheduler.store.sql import SqlStore, open_store
from tests.build import a_spec, a_tenant, at
from tests.engine.rig import a_rig
from tests.store.build import a_new, add, move, start

ADD, START, CANCEL, LOOK = "add", "start", "cancel", "look"
STEPS = (ADD, START, CANCEL, LOOK, *JobState)
LATER = datetime(2100, 1, 1, tzinfo=UTC)
stories = st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 7)), max_size=30)


@pytest.fixture(scope="module")
def store() -> Iterator[SqlStore]:
    store = open_store("sqlite://")
    yield store
    store.close()


def agrees(live: LiveJobs, store: SqlStore) -> bool:
    """Return whether the kept jobs are, after a refresh, those of a full read."""
    live.refresh()
    return (live.queue(), live.holding()) == (grouped(store.pending()), store.holding())


def do(store: SqlStore, jobs: list[int], step: str, number: int) -> None:
    """Do one step of a story to one of its jobs."""
    if step == ADD:
        new = a_new(tenant=a_tenant(f"org{number % 2}"), spec=a_spec(1 + number % 3))
        jobs.append(add(store, new).job_id)
        return
    if not jobs:
        return
    job = store.job(jobs[number % len(jobs)])
    if step == START:
        start(store, job)
    elif step == CANCEL:
        store.request_cancel(job.job_id, at(5))
    else:
        move(store, job, JobState(step), 60)


@settings(deadline=None, max_examples=100)
@given(story=stories)
def test_kept_jobs_are_those_of_a_full_read(store: SqlStore, story: list[tuple[str, int]]) -> None:
    live, jobs = LiveJobs(store, ManualClock()), list[int]()
    live.refresh()
    for step, number in story:
        if step == LOOK:
            assert agrees(live, store)
        else:
            do(store, jobs, step, number)
    assert agrees(live, store)


def test_an_engine_decides_about_the_jobs_of_a_full_read_tick_after_tick() -> None:
    with a_rig() as rig:
        for number in range(30):
            job_id = rig.submit(("alpha", "beta")[number % 2], gpus=8, sleep_s=3)
            if number % 5 == 0:
                rig.store.request_cancel(job_id, rig.clock.now())
            rig.ticks(1)
            kept = rig.engine.live
            assert agrees(kept, rig.store)
        rig.ticks(40)
        assert (kept.queue(), kept.holding()) == ((), ())


@pytest.fixture
def url(tmp_path: Path) -> str:
    """The URL of a database in a file, which others can open too."""
    return f"sqlite:///{tmp_path / 'store.db'}"


def by_hand(url: str, *statements: str) -> None:
    """Change the database as no store would, without an event."""
    database = open_database(url, wait_s=5)
    with database.write() as connection:
        for statement in statements:
            connection.execute(text(statement))
    database.close()


def test_a_store_that_lost_its_newest_events_is_read_in_full(url: str) -> None:
    store = open_store(url)
    live = LiveJobs(store, ManualClock())
    first, *_ = [add(store) for _ in range(3)]
    live.refresh()
    for table in ("job_events", "jobs"):
        by_hand(url, f"DELETE FROM {table} WHERE job_id > {first.job_id}")

    assert agrees(live, store)
    assert [job.job_id for group in live.queue() for job in group.jobs] == [first.job_id]
    store.close()


def test_what_was_mended_by_hand_is_noticed_after_forgetting_or_within_the_hour(url: str) -> None:
    store, clock = open_store(url), ManualClock()
    live = LiveJobs(store, clock)
    for heal in (live.forget, lambda: clock.advance(READ_IN_FULL_EVERY.total_seconds())):
        add(store)
        live.refresh()
        by_hand(url, "UPDATE jobs SET state = 'cancelled'")
        assert not agrees(live, store)
        heal()
        assert agrees(live, store)
    store.close()


def test_plans_of_the_last_cycle_come_back_for_the_jobs_that_still_wait(url: str) -> None:
    seen: list[Snapshot] = []

    def allocate(snapshot: Snapshot) -> Allocation:
        """Plan to start whoever waits in the place of those that run, when they have ended."""
        seen.append(snapshot)
        pairs = zip(snapshot.pending, snapshot.holding, strict=False)
        plans = tuple(PlannedStart(job.job_id, LATER, held.placement) for job, held in pairs)
        return replace(allocate_greedily(snapshot), plans=plans)

    with a_rig(url, allocate) as rig:
        for _ in range(8):
            rig.submit("alpha", gpus=8, sleep_s=600)
        rig.ticks(1)
        stays, goes = rig.submit("alpha", gpus=8), rig.submit("beta", gpus=8)
        rig.clock.advance(60)  # the policy's guard
        rig.ticks(1)
        assert rig.told.reports[-1].violations == ()
        rig.store.request_cancel(goes, rig.clock.now())
    with a_rig(url, allocate) as rig:
        rig.ticks(1)

    assert [[plan.job_id for plan in snapshot.plans] for snapshot in seen] == [[], [], [stays]]
