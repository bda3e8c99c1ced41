"""What every store promises about taking jobs and telling of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest

from scheduler.domain.jobs import ArrayPlace, JobState
from scheduler.domain.reasons import Reason
from scheduler.domain.records import JobQuery
from scheduler.domain.requests import GpusPer, Memory, MemoryPer
from scheduler.errors import NotFound, QuotaExceeded, RequestIdReused
from scheduler.ports import Store
from scheduler.store.sql import open_store
from tests.build import a_spec, a_tenant, at
from tests.store.build import a_new, add, move, start, without_script

FULL_SPEC = a_spec(
    4,
    name="träning",
    script="#!/bin/bash\n#SBATCH --gpus=4\n'quotes' % :1 🌱\n",
    flags=("--gpus=4", "--mem=8G"),
    gpus_per=GpusPer.NODE,
    nodes=2,
    tasks=8,
    memory=Memory(8192, MemoryPer.NODE),
    walltime_s=7200,
    gpu_type="h200",
    partitions=("gpu", "long"),
    constraint=(frozenset({"nvlink", "ssd"}), frozenset({"ib"})),
)


def test_a_stored_job_comes_back_as_it_was_answered(store: Store) -> None:
    job = add(store, a_new("r1", spec=FULL_SPEC))

    assert store.job(job.job_id) == job
    assert job.state is JobState.PENDING
    assert job.reason == Reason.NOT_YET_CONSIDERED
    assert job.spec == FULL_SPEC


def test_times_come_back_aware_and_in_utc(store: Store) -> None:
    almaty = timezone(timedelta(hours=5))
    job = add(store, a_new(submitted_at=datetime(2026, 3, 2, 17, 0, 0, 123456, tzinfo=almaty)))

    stored = store.job(job.job_id).submitted_at
    assert stored == datetime(2026, 3, 2, 12, 0, 0, 123456, tzinfo=UTC)
    assert stored.tzinfo is UTC


def test_what_is_stored_is_there_when_the_store_is_opened_again(lasting_url: str) -> None:
    first = open_store(lasting_url)
    job = add(first, a_new("r1"))
    first.close()

    second = open_store(lasting_url)
    assert second.job(job.job_id) == job
    assert add(second).job_id == job.job_id + 1
    second.close()


def test_jobs_added_from_many_threads_all_get_ids_of_their_own(store: Store) -> None:
    batches = [[a_new(f"{thread}-{n}") for n in range(5)] for thread in range(8)]
    with ThreadPoolExecutor(max_workers=8) as threads:
        answers = [answer for batch in threads.map(store.add_jobs, batches) for answer in batch]

    ids = {job.job_id for jobs in answers if isinstance(jobs, tuple) for job in jobs}
    assert len(ids) == 40
    assert len(store.pending()) == 40


def test_job_ids_follow_one_another_in_the_order_of_the_batch(store: Store) -> None:
    before = add(store)
    answers = store.add_jobs([a_new(), a_new(indices=range(3)), a_new()])

    ids = [job.job_id for jobs in answers if isinstance(jobs, tuple) for job in jobs]
    assert ids == list(range(before.job_id + 1, before.job_id + 6))


def test_an_array_shares_the_first_elements_id(store: Store) -> None:
    (elements,) = store.add_jobs([a_new(indices=(3, 5, 9))])

    assert isinstance(elements, tuple)
    first = elements[0].job_id
    assert [job.array for job in elements] == [ArrayPlace(first, index) for index in (3, 5, 9)]
    assert store.launches([job.job_id for job in elements]) == elements
    assert store.jobs(JobQuery(array_id=first)) == tuple(map(without_script, reversed(elements)))


def test_a_repeated_request_gives_the_first_answer(store: Store) -> None:
    new = a_new("r1", indices=(1, 2))
    (first,) = store.add_jobs([new])

    assert store.add_jobs([new, new]) == [first, first]
    assert len(store.pending()) == 2


def test_a_request_repeated_within_one_batch_is_stored_once(store: Store) -> None:
    new = a_new("r1")
    first, second, other = store.add_jobs([new, new, a_new("r2")])

    assert first == second != other
    assert len(store.pending()) == 2


@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "in two batches"])
def test_a_request_id_used_for_another_body_is_refused(store: Store, together: bool) -> None:
    one, another = a_new("r1"), a_new("r1", spec=a_spec(8))
    if together:
        first, refusal = store.add_jobs([one, another])
    else:
        (first,), (refusal,) = store.add_jobs([one]), store.add_jobs([another])

    assert isinstance(first, tuple)
    assert isinstance(refusal, RequestIdReused)
    assert refusal.request_id == "r1"
    assert len(store.pending()) == 1


def test_another_user_may_choose_the_same_request_id(store: Store) -> None:
    add(store, a_new("r1", tenant=a_tenant("alpha")))
    add(store, a_new("r1", tenant=a_tenant("beta"), spec=a_spec(8)))

    assert [job.tenant.organisation for job in store.pending()] == ["alpha", "beta"]


def test_an_empty_request_id_is_never_a_repeat(store: Store) -> None:
    first, second = store.add_jobs([a_new(), a_new()])
    (third,) = store.add_jobs([a_new()])

    assert len({first, second, third}) == 3


def test_too_many_pending_jobs_are_refused_and_others_are_taken(store: Store) -> None:
    add(store, a_new(max_pending=3))
    fits, over, other = store.add_jobs(
        [
            a_new(indices=(1, 2), max_pending=3),
            a_new("over", max_pending=3),
            a_new(tenant=a_tenant("beta"), max_pending=3),
        ]
    )

    assert isinstance(over, QuotaExceeded)
    assert (over.limit, over.used, over.asked) == (3, 3, 1)
    assert isinstance(fits, tuple)
    assert isinstance(other, tuple)
    assert len(store.pending()) == 4


def test_the_limit_counts_jobs_that_came_in_without_one(store: Store) -> None:
    add(store, a_new(max_pending=3))
    add(store, a_new(indices=(1, 2)))

    (over,) = store.add_jobs([a_new(max_pending=3)])
    assert isinstance(over, QuotaExceeded)
    assert over.used == 3


def test_the_limit_counts_what_another_process_took(lasting_url: str) -> None:
    first, second = open_store(lasting_url), open_store(lasting_url)
    add(first, a_new(max_pending=2))
    add(second, a_new(max_pending=2))

    (over,) = first.add_jobs([a_new(max_pending=2)])
    assert isinstance(over, QuotaExceeded)
    assert over.used == 2
    first.close()
    second.close()


def test_a_refused_request_may_be_sent_again_under_the_same_id(store: Store) -> None:
    first = add(store, a_new(max_pending=1))
    assert isinstance(store.add_jobs([a_new("r1", max_pending=1)])[0], QuotaExceeded)
    start(store, first)

    assert add(store, a_new("r1", max_pending=1)).state is JobState.PENDING


def test_a_repeat_is_answered_even_when_the_limit_is_reached(store: Store) -> None:
    new = a_new("r1", max_pending=1)
    assert add(store, new) == add(store, new)


def test_an_empty_batch_stores_nothing(store: Store) -> None:
    assert store.add_jobs([]) == []
    assert store.last_event_id() == 0


@pytest.mark.parametrize("job_id", [0, -1, 7, 2**63, 2**80])
def test_an_unknown_job_is_not_found(store: Store, job_id: int) -> None:
    with pytest.raises(NotFound, match=f"no job '{job_id}'"):
        store.job(job_id)
    with pytest.raises(NotFound):
        store.request_cancel(job_id, at())


def test_pending_jobs_come_oldest_first(store: Store) -> None:
    late, early = add(store, a_new(submitted_at=at(5))), add(store, a_new(submitted_at=at(1)))
    same = add(store, a_new(submitted_at=at(1)))

    assert [job.job_id for job in store.pending()] == [early.job_id, same.job_id, late.job_id]
    assert store.pending()[0].request == early.spec.request


def test_jobs_are_listed_newest_first_in_pages(store: Store) -> None:
    jobs = [add(store) for _ in range(5)]

    newest = store.jobs(JobQuery(limit=2))
    older = store.jobs(JobQuery(limit=10, before_job_id=newest[-1].job_id))
    assert newest + older == tuple(map(without_script, reversed(jobs)))
    assert store.jobs(JobQuery(before_job_id=2**70)) == newest + older


def test_jobs_are_listed_by_tenant_and_state(store: Store) -> None:
    alpha = add(store, a_new(tenant=a_tenant("alpha", user="ann")))
    beta = add(store, a_new(tenant=a_tenant("beta", user="bob", project="lab")))
    start(store, beta)

    def listed(query: JobQuery) -> list[int]:
        return [job.job_id for job in store.jobs(query)]

    assert listed(JobQuery(organisation="alpha")) == [alpha.job_id]
    assert listed(JobQuery(project="lab", user="bob")) == [beta.job_id]
    assert listed(JobQuery(states=frozenset({JobState.SUBMITTING}))) == [beta.job_id]
    assert listed(JobQuery(user="ann", states=frozenset({JobState.SUBMITTING}))) == []
    assert listed(JobQuery(array_id=alpha.job_id)) == []


def test_each_move_is_told_once_and_in_order(store: Store) -> None:
    job = add(store)
    start(store, job, seconds=10)
    move(store, job, JobState.RUNNING, 20)
    move(store, job, JobState.RUNNING, 30)

    events = store.events(after_id=0, limit=10)
    assert [event.state for event in events] == ["pending", "submitting", "running"]
    assert [event.at for event in events] == [job.submitted_at, at(10), at(20)]
    assert all(one.event_id < next_.event_id for one, next_ in pairwise(events))
    assert {(event.job_id, event.tenant) for event in events} == {(job.job_id, job.tenant)}


def test_events_are_read_in_pages(store: Store) -> None:
    store.add_jobs([a_new(indices=range(5))])
    first = store.events(after_id=0, limit=3)
    rest = store.events(after_id=first[-1].event_id, limit=3)

    assert (len(first), len(rest)) == (3, 2)
    assert rest[-1].event_id == store.last_event_id()
    assert store.events(store.last_event_id(), 3) == ()
