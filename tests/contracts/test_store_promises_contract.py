"""What every store promises to keep of a cycle's promises: bounds on waits, planned starts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from scheduler.clock import ManualClock
from scheduler.domain.decisions import Allocation, PlannedStart, SolverStatus
from scheduler.domain.jobs import JobState
from scheduler.domain.records import CycleRecord
from scheduler.engine.live_jobs import LiveJobs
from scheduler.ports import Store
from scheduler.store.sql import open_store
from tests.build import NOON, a_placement, at
from tests.store.build import add, decide, move, start

PLANS = (
    PlannedStart(7, at(600), a_placement(8, "n1", "n2")),
    PlannedStart(9, at(60.5), a_placement(1)),
)


def promise(
    store: Store, start_bys: Mapping[int, datetime], plans: tuple[PlannedStart, ...] = ()
) -> None:
    """Record the next cycle with these promises and no decisions."""
    allocation = Allocation((), "by hand", SolverStatus.OPTIMAL, plans=plans)
    cycle = store.last_cycle() + 1
    store.record_cycle(CycleRecord(cycle, NOON, 1, allocation, start_bys=start_bys))


def test_a_job_is_promised_nothing_until_a_cycle_does(store: Store) -> None:
    job, other = add(store), add(store)
    assert job.start_by is None
    promise(store, {job.job_id: at(3600)})

    assert [pending.start_by for pending in store.pending()] == [at(3600), None]
    assert store.job(job.job_id).start_by == at(3600)
    assert store.job(other.job_id).start_by is None
    assert [pending.start_by for pending in store.live_changes(0).pending] == [at(3600), None]


def test_a_bound_outlives_starts_and_returns_and_gives_way_to_a_newer_one(store: Store) -> None:
    job = add(store)
    promise(store, {job.job_id: at(3600)})
    start(store, job)
    move(store, job, JobState.PENDING)
    assert store.pending()[0].start_by == at(3600)

    promise(store, {job.job_id: at(7200)})
    assert store.pending()[0].start_by == at(7200)


def test_a_job_that_left_the_queue_is_promised_nothing_more(store: Store) -> None:
    job = start(store, add(store))
    promise(store, {job.job_id: at(3600), 77: at(3600)})

    assert store.job(job.job_id) == job


def test_who_follows_the_events_is_told_of_bounds_and_has_them(store: Store) -> None:
    job, bounds = add(store), dict[int, datetime]()
    live = LiveJobs(store, ManualClock())
    live.refresh()
    bounds |= {job.job_id: at(3600), 77: at(3600)}
    promise(store, bounds)
    live.promised(bounds)
    live.refresh()

    assert [group.jobs for group in live.queue()] == [store.pending()]


def test_plans_are_those_of_the_newest_cycle_and_outlive_a_restart(lasting_url: str) -> None:
    store = open_store(lasting_url)
    assert store.plans() == ()
    promise(store, {}, PLANS[:1])
    promise(store, {}, PLANS)
    store.close()

    restarted = open_store(lasting_url)
    assert restarted.plans() == PLANS
    decide(restarted)
    assert restarted.plans() == ()
    restarted.close()
