"""Whatever is reported, in whatever order: jobs keep to `MOVES` and runs are charged once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import accumulate, groupby, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.domain.jobs import HOLDING, MOVES, Job, JobState
from scheduler.domain.records import JobEvent, Transition
from scheduler.store.sql import SqlStore, open_store
from tests.build import NOON, a_tenant, at
from tests.store.build import a_new, add, start

GPUS = 3
CYCLE, CANCEL = "cycle", "cancel"

steps = st.lists(
    st.tuples(
        st.sampled_from([CYCLE, CANCEL, *JobState, *sorted(HOLDING), *[JobState.RUNNING] * 9]),
        st.floats(0, 9000),
    ),
    max_size=14,
)


@pytest.fixture(scope="module")
def store() -> Iterator[SqlStore]:
    store = open_store("sqlite://")
    yield store
    store.close()


def live_through(store: SqlStore, job: Job, story: list[tuple[str, float]]) -> None:
    """Do to the job what the story says; each step comes so many seconds after the one before."""
    moments = accumulate(seconds for _, seconds in story)
    for (step, _), seconds in zip(story, moments, strict=True):
        if step == CYCLE:
            start(store, job, gpus=GPUS, seconds=seconds)
        elif step == CANCEL:
            store.request_cancel(job.job_id, at(seconds))
        else:
            store.apply([Transition(job.job_id, JobState(step), at(seconds))])


def moves_in(events: Iterable[JobEvent]) -> list[JobEvent]:
    """Return the events at which the state changed: a wish to cancel tells of the same state."""
    return [next(alike) for _, alike in groupby(events, key=lambda event: event.state)]


def run_seconds(history: list[JobEvent]) -> int:
    """Return the seconds of all runs that are over: one that settles may go on."""
    seconds, began = 0, None
    for event in history:
        if event.state is JobState.RUNNING:
            began = began or event.at
        elif event.state is not JobState.SETTLING and began is not None:
            seconds += round((event.at - began).total_seconds())
            began = None
    return seconds


@settings(deadline=None, max_examples=150)
@given(story=steps)
def test_histories_keep_to_the_moves_and_charges_to_the_runs(
    store: SqlStore, story: list[tuple[str, float]]
) -> None:
    seen = store.last_event_id()
    job = add(store, a_new(tenant=a_tenant(f"organisation-{seen}")))
    live_through(store, job, story)
    history = moves_in(store.events(seen, 100))
    charged = [bucket for bucket in store.usage(NOON) if bucket.tenant == job.tenant]

    assert all(after.state in MOVES[before.state] for before, after in pairwise(history))
    assert history[-1].state is store.job(job.job_id).state
    assert sum(bucket.gpu_seconds for bucket in charged) == run_seconds(history) * GPUS


@settings(deadline=None, max_examples=60)
@given(story=steps)
def test_a_job_holds_gpus_exactly_while_it_has_a_place(
    store: SqlStore, story: list[tuple[str, float]]
) -> None:
    job = add(store, a_new(tenant=a_tenant(f"holder-{store.last_event_id()}")))
    live_through(store, job, [(CYCLE, 1), *story])
    now = store.job(job.job_id)
    holding = {held.job_id for held in store.holding()}
    counted = {count.state: count.gpus for count in store.counts() if count.tenant == job.tenant}

    assert (job.job_id in holding) == (now.state in HOLDING)
    assert now.state not in HOLDING or now.placement is not None
    assert now.state is not JobState.PENDING or now.cancel_requested_at is None
    assert (now.started_at is not None) or now.state is not JobState.RUNNING
    assert counted.get(now.state, now.gpus) == now.gpus
