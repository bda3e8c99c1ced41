"""What every store promises about who leads, and about those who no longer do."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest

from scheduler.domain.decisions import Allocation, SolverStatus
from scheduler.domain.jobs import JobState
from scheduler.domain.reasons import Reason
from scheduler.domain.records import CycleRecord, Transition
from scheduler.errors import NotLeading
from scheduler.ports import Store
from scheduler.store.sql import open_store
from scheduler.store.sql_moves import MOVED_AT_ONCE
from tests.build import a_wait, at
from tests.store.build import a_new, add, decide, start

LONG_S = 60.0
SHORT_S = 0.05


def lapse() -> None:
    time.sleep(2 * SHORT_S)


def a_record(store: Store, epoch: int) -> CycleRecord:
    """Return the next cycle, in which nothing was decided."""
    nothing = Allocation((), "by hand", SolverStatus.OPTIMAL)
    return CycleRecord(store.last_cycle() + 1, at(0), 1, nothing, epoch=epoch)


def test_the_first_who_asks_leads_and_no_other_does(store: Store) -> None:
    assert store.take_lease("a", LONG_S) == 1
    assert store.take_lease("b", LONG_S) is None


def test_a_lease_that_lapsed_is_another_ones_with_the_next_epoch(store: Store) -> None:
    assert store.take_lease("a", SHORT_S) == 1
    lapse()
    assert store.take_lease("b", LONG_S) == 2
    assert not store.renew_lease(1, LONG_S)
    assert store.take_lease("a", LONG_S) is None


def test_a_renewed_lease_does_not_lapse(store: Store) -> None:
    assert store.take_lease("a", SHORT_S) == 1
    assert store.renew_lease(1, LONG_S)
    lapse()
    assert store.take_lease("b", LONG_S) is None


def test_a_lapsed_lease_that_nobody_took_goes_on(store: Store) -> None:
    assert store.take_lease("a", SHORT_S) == 1
    lapse()
    assert store.renew_lease(1, LONG_S)
    assert store.take_lease("b", LONG_S) is None


def test_a_lease_that_is_given_up_is_free_at_once_and_not_renewed(store: Store) -> None:
    assert store.take_lease("a", LONG_S) == 1
    store.give_up_lease(1)
    assert not store.renew_lease(1, LONG_S)
    assert store.take_lease("b", LONG_S) == 2
    store.give_up_lease(1)
    assert store.take_lease("c", LONG_S) is None


def test_who_asks_again_under_its_own_name_begins_a_new_term(store: Store) -> None:
    assert [store.take_lease("a", LONG_S) for _ in range(3)] == [1, 2, 3]


def test_of_many_who_ask_at_once_one_leads(lasting_url: str) -> None:
    stores = [open_store(lasting_url) for _ in range(4)]
    with ThreadPoolExecutor(max_workers=4) as threads:
        names = [f"replica-{n}" for n in range(4)]
        epochs = list(threads.map(lambda s, n: s.take_lease(n, LONG_S), stores, names))
    for one in stores:
        one.close()
    assert sorted(epoch for epoch in epochs if epoch) == [1]


WRITES: Mapping[str, Callable[[Store, int], object]] = {
    "a cycle": lambda store, epoch: store.record_cycle(a_record(store, epoch)),
    "a move": lambda store, epoch: store.apply(
        [Transition(1, JobState.CANCELLED, at(1), ended_at=at(1))], epoch
    ),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_only_the_newest_leader_writes(store: Store, write: Callable[[Store, int], object]) -> None:
    job = add(store)
    assert store.take_lease("a", LONG_S) == 1
    store.give_up_lease(1)
    assert store.take_lease("b", LONG_S) == 2
    for old in (0, 1, 3):
        with pytest.raises(NotLeading):
            write(store, old)
    assert (store.job(job.job_id), store.last_cycle()) == (job, 0)
    write(store, 2)


def test_a_leader_that_nobody_followed_may_still_write(store: Store) -> None:
    assert store.take_lease("a", SHORT_S) == 1
    lapse()
    store.record_cycle(a_record(store, 1))
    assert store.last_cycle() == 1


def test_requests_need_no_lease(store: Store) -> None:
    assert store.take_lease("a", LONG_S) == 1
    job = add(store)
    assert store.request_cancel(job.job_id, at(1)).state is JobState.CANCELLED


def test_a_leader_that_is_followed_between_two_transactions_stops_there(lasting_url: str) -> None:
    """Moves come in slices, with a breath between them in which another may come to lead."""
    old, new = open_store(lasting_url), open_store(lasting_url)
    (jobs,) = old.add_jobs([a_new(indices=range(3 * MOVED_AT_ONCE))])
    assert isinstance(jobs, tuple)
    assert old.take_lease("same", LONG_S) == 1
    moves = [Transition(job.job_id, JobState.FAILED, at(1), ended_at=at(1)) for job in jobs]
    with ThreadPoolExecutor() as threads:
        writing = threads.submit(old.apply, moves, 1)
        while old.last_event_id() == len(jobs):
            time.sleep(0)
        assert new.take_lease("same", LONG_S) == 2
        moved = new.last_event_id() - len(jobs)
        with pytest.raises(NotLeading):
            writing.result()
    assert 0 < moved < len(jobs)
    assert new.last_event_id() == len(jobs) + moved
    old.close()
    new.close()


def test_what_a_waiting_job_is_told_is_refused_from_an_old_leader(store: Store) -> None:
    job = start(store, add(store))
    waiting = add(store)
    assert store.take_lease("a", LONG_S) == 1
    with pytest.raises(NotLeading):
        decide(store, a_wait(waiting.job_id, Reason.FRAGMENTED))
    assert (store.job(job.job_id), store.job(waiting.job_id)) == (job, waiting)
