"""What every store promises to who follows the live jobs by their events."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from scheduler.clock import ManualClock
from scheduler.domain.jobs import JobState
from scheduler.domain.queue import grouped
from scheduler.domain.records import LiveChanges
from scheduler.engine.live_jobs import LiveJobs
from scheduler.ports import Store
from scheduler.store.sql import open_store
from tests.build import a_spec, at
from tests.store.build import a_new, add, move, run, start


def waiting(changes: LiveChanges) -> list[int]:
    return [job.job_id for job in changes.pending]


def test_new_jobs_are_told_as_pending_reads_them(store: Store) -> None:
    seen = add(store)
    after = store.last_event_id()
    array = add(store, a_new(spec=a_spec(4), indices=(3, 5)))
    changes = store.live_changes(after)

    assert changes == LiveChanges(store.last_event_id(), store.pending()[1:], (), ())
    assert waiting(changes) == [array.job_id, array.job_id + 1]
    assert seen.job_id in waiting(store.live_changes(0))


def test_every_move_is_told_with_the_state_it_led_to(store: Store) -> None:
    started, returned, cancelled, done = (add(store) for _ in range(4))
    after = store.last_event_id()
    start(store, started)
    start(store, returned)
    move(store, returned, JobState.PENDING)
    store.request_cancel(cancelled.job_id, at(5))
    run(store, done, begins=60, ends=90)
    changes = store.live_changes(after)

    assert waiting(changes) == [returned.job_id]
    assert changes.holding == store.holding()
    assert [job.job_id for job in changes.holding] == [started.job_id]
    assert changes.gone == (cancelled.job_id, done.job_id)


def test_a_wish_to_cancel_a_live_job_is_told(store: Store) -> None:
    job = start(store, add(store))
    after = store.last_event_id()
    store.request_cancel(job.job_id, at(20))

    assert [held.cancel_requested for held in store.live_changes(after).holding] == [True]


def test_nothing_happened_is_told_with_the_same_id(store: Store) -> None:
    assert store.live_changes(0) == LiveChanges(0, (), (), ())
    add(store)
    newest = store.last_event_id()
    assert store.live_changes(newest) == LiveChanges(newest, (), (), ())


def test_an_id_that_the_store_never_gave_out_is_answered_with_a_lower_one(store: Store) -> None:
    add(store)
    assert store.live_changes(77).up_to == store.last_event_id() < 77


def test_nothing_is_missed_while_several_write_at_once(lasting_url: str) -> None:
    """Were an event visible after one with a greater id, the follower would never see it."""
    stores = [open_store(lasting_url) for _ in range(4)]
    follower = LiveJobs(stores[0], ManualClock())

    def write(store: Store) -> None:
        for number in range(15):
            job = add(store, a_new(spec=a_spec(1 + number)))
            if number % 3 == 0:
                store.request_cancel(job.job_id, at(1))

    with ThreadPoolExecutor() as threads:
        writers = [threads.submit(write, store) for store in stores[1:]]
        while not all(writer.done() for writer in writers):
            follower.refresh()
    follower.refresh()

    assert follower.queue() == grouped(stores[0].pending())
    assert sum(len(group.jobs) for group in follower.queue()) == 30
    for store in stores:
        store.close()
