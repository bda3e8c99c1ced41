"""The queue keeps alike jobs together, whatever comes and goes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.jobs import ArrayPlace, PendingJob
from scheduler.domain.queue import PendingQueue, grouped, jobs_of
from tests.build import a_pending, at


def test_alike_jobs_of_a_user_are_one_group_oldest_first() -> None:
    young, old = a_pending(1, submitted_at=at(9)), a_pending(2, submitted_at=at(5))

    (group,) = grouped([young, old])

    assert [job.job_id for job in group.jobs] == [2, 1]


def test_jobs_of_other_users_sizes_walltimes_or_limited_arrays_are_other_groups() -> None:
    array = ArrayPlace(7, 0, limit=1)
    jobs = (
        a_pending(1),
        a_pending(2, "beta"),
        a_pending(3, gpus=2),
        a_pending(4, array=array),
        a_pending(5, walltime_s=60),
    )

    assert [group.jobs for group in grouped(jobs)] == [(job,) for job in jobs]


def some_job(number: int) -> PendingJob:
    return a_pending(
        number, ("alpha", "beta")[number % 2], 1 + number % 3, submitted_at=at(-number)
    )


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 9)), max_size=40))
def test_a_queue_kept_by_changes_is_the_queue_made_at_once(changes: list[tuple[bool, int]]) -> None:
    queue, there = PendingQueue(), dict[int, PendingJob]()
    for comes, number in changes:
        if comes:
            queue.add(some_job(number))
            there[number] = some_job(number)
        else:
            queue.discard(number)
            there.pop(number, None)
        queue.groups()

    assert queue.groups() == grouped(there.values())
    assert len(queue) == len(there) == len(tuple(jobs_of(queue.groups())))
