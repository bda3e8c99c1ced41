"""What is remembered of told reasons never keeps a job from its newest one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.domain.decisions import Wait
from scheduler.domain.jobs import JobState
from scheduler.domain.reasons import Blocker, Reason
from scheduler.domain.records import JobQuery
from scheduler.store.sql import SqlStore, open_store
from scheduler.store.told_waits import CYCLES_PER_DETAIL
from tests.store.build import a_new, add, decide, move, start

REASONS = (Reason.OTHERS_FIRST, Reason.FRAGMENTED)
ADD, START_AND_RETURN, CANCEL, OTHER_STORE = "add", "return", "cancel", "other store"
# What happens before a cycle, to which job, and where the cycle divides the queue into two waits.
stories = st.lists(
    st.tuples(
        st.sampled_from((ADD, START_AND_RETURN, CANCEL, OTHER_STORE, None, None, None)),
        st.integers(0, 9),
        st.integers(0, 3),
    ),
    max_size=12,
)


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SqlStore, SqlStore]]:
    """Two stores of one database, each with a memory of its own."""
    folder: Path = tmp_path_factory.mktemp("told")
    both = tuple(open_store(f"sqlite:///{folder / 'store.db'}") for _ in range(2))
    yield both[0], both[1]
    for store in both:
        store.close()


def waits(job_ids: Sequence[int], divide: int, reasons: Sequence[Reason]) -> list[Wait]:
    """Return the queue as two groups, each with its reason and a detail of its own."""
    parts = ((job_ids[:divide], reasons[0]), (job_ids[divide:], reasons[1]))
    return [
        Wait(tuple(part), (Blocker(reason, f"{reason} of {len(part)}"),))
        for part, reason in parts
        if part
    ]


def pending_ids(store: SqlStore) -> list[int]:
    return [job.job_id for job in store.pending()]


@settings(deadline=None, max_examples=40)
@given(story=stories)
def test_every_waiting_job_has_the_reason_of_the_newest_cycle(
    stores: tuple[SqlStore, SqlStore], story: list[tuple[str | None, int, int]]
) -> None:
    store, other = stores
    for step, number, divide in story:
        happen(store, other, step, number)
        told = waits(pending_ids(store), divide, REASONS[:: 1 if number % 3 else -1])
        decide(store, *told)
        newest = {job_id: wait.reason for wait in told for job_id in wait.job_ids}
        listed = store.jobs(JobQuery(states=frozenset({JobState.PENDING}), limit=1000))
        assert {job.job_id: job.reason for job in listed} == newest


def happen(store: SqlStore, other: SqlStore, step: str | None, number: int) -> None:
    """Let something happen between two cycles."""
    waiting = pending_ids(store)
    if step == ADD or not waiting:
        add(store, a_new(indices=range(3)))
        return
    job = store.job(waiting[number % len(waiting)])
    if step == START_AND_RETURN:
        start(store, job)
        move(store, job, JobState.PENDING)
    elif step == CANCEL:
        store.request_cancel(job.job_id, job.submitted_at)
    elif step == OTHER_STORE:
        decide(other, *waits(waiting, number, REASONS[::-1]))


def test_details_arrive_within_their_cycles_although_the_groups_change(
    stores: tuple[SqlStore, SqlStore],
) -> None:
    store, _ = stores
    add(store, a_new(indices=range(300)))
    for cycle in range(3 * CYCLES_PER_DETAIL):
        if cycle in (4, 9):
            store.request_cancel(pending_ids(store)[cycle], store.pending()[0].submitted_at)
        text = "late" if cycle >= CYCLES_PER_DETAIL else "early"
        job_ids = tuple(pending_ids(store))
        decide(store, Wait(job_ids, (Blocker(Reason.OTHERS_FIRST, text),)))

    listed = store.jobs(JobQuery(states=frozenset({JobState.PENDING}), limit=1000))
    assert {job.detail for job in listed} == {"late"}
