"""Bounds on time that a queue of realistic length must keep; measured far below them."""

from __future__ import annotations

from time import perf_counter

from scheduler.domain.reasons import Reason
from scheduler.store.sql import open_store
from tests.build import a_wait
from tests.store.build import a_new, decide

PENDING = 10_000


def test_a_cycle_that_changes_nothing_is_recorded_in_half_a_second() -> None:
    store = open_store("sqlite://")
    store.add_jobs([a_new(indices=range(1000)) for _ in range(PENDING // 1000)])
    waits = [a_wait(job.job_id, Reason.OTHERS_FIRST, "3 of 4") for job in store.pending()]
    decide(store, *waits)
    begun = perf_counter()
    decide(store, *waits)

    # About 0.07 s on two cores shared with other work.
    assert perf_counter() - begun < 0.5
    store.close()
