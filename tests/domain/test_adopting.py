"""What a restored row is brought to, by what Slurm has seen of its job."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from scheduler.domain.adopting import MOST_SKIPPED_JOB_IDS, adopted, adoption, findings
from scheduler.domain.cluster import Asked, BackendJob, BackendState, ClusterState
from scheduler.domain.jobs import Job, JobState, Placement
from scheduler.domain.resources import Amount, Gang, Node, Pool
from tests.build import NOON, a_placement, a_spec, a_tenant, at

POOL = Pool("alem", "h200")
NODES = tuple(Node(f"n{n}", POOL.name, Amount(8, 64, 500_000)) for n in range(1, 9))
CLUSTER = ClusterState((POOL,), NODES, (), NOON)
LIVE = (BackendState.RUNNING, BackendState.QUEUED, BackendState.HELD)


def row(state: JobState = JobState.PENDING, attempt: int = 0, slurm_id: int = 0) -> Job:
    placement = None if state is JobState.PENDING else a_placement(2)
    job = Job(7, a_tenant(), "ada", a_spec(2), state, NOON)
    return replace(job, attempt=attempt, slurm_id=slurm_id, placement=placement)


def seen(
    state: BackendState = BackendState.RUNNING, attempt: int = 1, slurm_id: int = 50
) -> BackendJob:
    job = BackendJob(slurm_id, 7, attempt, "ada", state)
    if state in (BackendState.QUEUED, BackendState.HELD):
        return replace(job, asks=Asked(Amount(2, 2, 8192), ("n3",), 3600))
    if state is not BackendState.CANCELLED:
        job = replace(job, nodes=("n3",))
    if state is BackendState.COMPLETED:
        return replace(job, started_at=at(0), ended_at=at(3600))
    return job


@pytest.mark.parametrize("state", [*LIVE, BackendState.COMPLETED, BackendState.TIMED_OUT])
def test_a_waiting_row_is_brought_to_the_attempt_that_slurm_has(state: BackendState) -> None:
    found = adoption(row(), [seen(state)], CLUSTER, 4096)
    assert found is not None
    taken = adopted(row(), found, at(60))
    assert taken is not None
    assert (taken.state, taken.attempt, taken.slurm_id) == (JobState.SUBMITTING, 1, 50)
    assert taken.placement is not None
    assert (taken.placement.pool, taken.placement.nodes) == (POOL.name, ("n3",))


NO_NEWS = {
    "it waits again after the run that is seen": (row(attempt=1), seen(attempt=1)),
    "it is known under this id": (row(JobState.HELD, 1, slurm_id=50), seen()),
    "it has ended": (row(JobState.CANCELLED, 1), seen()),
    "another user wrote its marker": (row(), replace(seen(), unix_account="eve")),
    "what is seen is of an earlier attempt": (row(JobState.HELD, 3), seen(attempt=2)),
}


@pytest.mark.parametrize(("job", "found"), NO_NEWS.values(), ids=NO_NEWS.keys())
def test_a_row_is_left_as_it_is_when(job: Job, found: BackendJob) -> None:
    assert adoption(job, [found], CLUSTER, 4096) is None


def test_a_held_row_follows_its_attempt_to_a_new_slurm_id() -> None:
    found = adoption(row(JobState.HELD, 1, slurm_id=9), [seen(slurm_id=50)], CLUSTER, 4096)
    assert found is not None
    assert (found.slurm_id, found.placement) == (50, a_placement(2))


def test_of_several_jobs_of_an_attempt_the_one_that_came_furthest_stands_for_it() -> None:
    alike = [
        seen(BackendState.CANCELLED, slurm_id=48),
        seen(BackendState.HELD, slurm_id=49),
        seen(BackendState.RUNNING, slurm_id=50),
    ]
    found = adoption(row(), alike, CLUSTER, 4096)
    assert found is not None
    assert found.slurm_id == 50


def test_runs_of_earlier_attempts_are_charged_and_the_newest_is_left_to_the_next_read() -> None:
    recalled = seen(BackendState.COMPLETED, attempt=1, slurm_id=50)
    found = adoption(row(), [recalled, seen(attempt=2, slurm_id=60)], CLUSTER, 4096)
    assert found is not None
    assert (found.attempt, found.slurm_id) == (2, 60)
    assert [(one.hour, one.gpu_seconds) for one in found.charges] == [(NOON, 7200)]


def test_a_job_whose_nodes_slurm_does_not_tell_is_charged_where_it_fits() -> None:
    found = adoption(row(), [seen(BackendState.CANCELLED)], CLUSTER, 4096)
    assert found is not None
    assert found.placement == Placement(POOL.name, ("n1",), Gang(1, found.placement.gang.per_node))
    assert found.placement.gang.gpus == 2


def test_live_jobs_without_a_row_are_named_and_their_numbers_are_not_given_again() -> None:
    later = replace(seen(), job_id=19, slurm_id=70)
    over = replace(seen(BackendState.COMPLETED), job_id=21, slurm_id=71)
    forged = replace(seen(), job_id=8 + MOST_SKIPPED_JOB_IDS, slurm_id=72)
    found = findings({7: row()}, [seen(), later, over, forged], CLUSTER, 4096)

    assert [one.job_id for one in found.adoptions] == [7]
    assert [job.job_id for job in found.unknown] == [19, forged.job_id]
    assert found.last_job_id == 21


def test_a_row_that_was_held_as_it_was_backed_up_is_held_no_more() -> None:
    kept = replace(row(), held_at=at(1), dependent_since=at(1))
    found = adoption(kept, [seen()], CLUSTER, 4096)
    assert found is not None
    taken = adopted(kept, found, at(60))

    assert taken is not None
    assert (taken.held_at, taken.dependent_since) == (None, None)


def test_a_wish_to_cancel_that_the_backup_knows_stays() -> None:
    wished = replace(row(JobState.HELD, 1), cancel_requested_at=NOON - timedelta(minutes=1))
    found = adoption(wished, [seen()], CLUSTER, 4096)
    assert found is not None
    taken = adopted(wished, found, at(60))
    assert taken is not None
    assert taken.cancel_requested_at == wished.cancel_requested_at
