"""What every store tells of jobs that do not move: longest waits, broken bounds, stuck records."""

from __future__ import annotations

from scheduler.domain.decisions import Allocation, SolverStatus
from scheduler.domain.jobs import JobState
from scheduler.domain.records import CycleRecord, Laggards
from scheduler.ports import Store
from tests.build import NOON, at
from tests.store.build import a_new, add, move, start


def laggards(store: Store, *, now: float = 100, unmoved: float = 50, limit: int = 5) -> Laggards:
    return store.laggards(at(now), at(unmoved), limit)


def test_an_empty_store_has_no_laggards(store: Store) -> None:
    assert laggards(store) == Laggards()


def test_the_longest_waits_come_first_and_no_more_than_asked_for(store: Store) -> None:
    young, old = add(store, a_new(submitted_at=at(9))), add(store, a_new(submitted_at=at(3)))
    add(store, a_new(submitted_at=at(20)))

    found = laggards(store, limit=2).longest_waits
    assert [job.job_id for job in found] == [old.job_id, young.job_id]
    assert not any(job.spec.script for job in found)


def test_who_is_held_or_runs_is_none_of_the_longest_waits(store: Store) -> None:
    held, running, waiting = add(store), add(store), add(store)
    store.hold(held.job_id, at(1))
    start(store, running)

    assert [job.job_id for job in laggards(store).longest_waits] == [waiting.job_id]


def test_broken_bounds_are_counted(store: Store) -> None:
    late, kept, _ = add(store), add(store), add(store)
    allocation = Allocation((), "by hand", SolverStatus.OPTIMAL)
    bounds = {late.job_id: at(99), kept.job_id: at(100)}
    store.record_cycle(CycleRecord(1, NOON, 1, allocation, start_bys=bounds))

    assert laggards(store, now=100).past_bound == 1


def test_what_stands_on_its_way_for_long_is_stuck(store: Store) -> None:
    first, second, new, running = (add(store) for _ in range(4))
    start(store, second, seconds=20)
    start(store, first, seconds=10)
    start(store, new, seconds=50)
    start(store, running, seconds=10)
    move(store, running, JobState.RUNNING, 11)

    found = laggards(store, unmoved=50)
    assert [job.job_id for job in found.stuck] == [first.job_id, second.job_id]
    assert found.stuck_jobs == 2
    one = laggards(store, unmoved=50, limit=1)
    assert [len(one.stuck), one.stuck_jobs] == [1, 2]
