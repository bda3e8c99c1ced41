"""What every store promises of measured use: it is kept with the ended job, and is no event."""

from __future__ import annotations

import pytest

from scheduler.domain.jobs import JobState
from scheduler.domain.measured import Measured
from scheduler.errors import NotLeading
from scheduler.ports import Store
from tests.store.build import add, move, start

USED = Measured(12.5, 3.0, None, 4096, 57)


def test_what_a_job_used_is_kept_with_it_and_is_no_event(store: Store) -> None:
    job, other = add(store), add(store)
    start(store, job)
    move(store, job, JobState.RUNNING)
    move(store, job, JobState.COMPLETED)
    before = store.last_event_id()

    store.keep_measured({job.job_id: USED, 999: USED})

    assert store.job(job.job_id).measured == USED
    assert store.job(other.job_id).measured is None
    assert store.last_event_id() == before


def test_who_leads_no_more_keeps_nothing(store: Store) -> None:
    job = add(store)
    epoch = store.take_lease("first", 0.0)
    store.take_lease("second", 60.0)

    with pytest.raises(NotLeading):
        store.keep_measured({job.job_id: USED}, epoch or 0)
    assert store.job(job.job_id).measured is None
