"""From Slurm's jobs and nodes to a cluster's state."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from scheduler.backend.slurm_read import records
from scheduler.backend.slurm_state import SlurmJob, SlurmNode, cluster_state, first_ids
from scheduler.clock import EPOCH
from scheduler.domain.cluster import BackendState
from scheduler.domain.resources import Amount
from scheduler.errors import BackendUnavailable
from tests.backend.launches import INSTALLATION

RUNNING = SlurmJob(
    41,
    "tendik:0badcafe:7:1",
    "aigerim",
    "RUNNING",
    nodes=("n1", "n2"),
    started_at=EPOCH,
    ended_at=EPOCH + timedelta(hours=1),
    held=Amount(4, 8, 2000),
)
FULL = Amount(8, 64, 500_000)
N1 = SlurmNode("n1", ("alem", "debug"), "h200", FULL, Amount(5, 10, 3000))


def test_what_ours_hold_is_taken_from_what_the_node_gave_out() -> None:
    state = cluster_state([N1], [RUNNING], (), EPOCH, INSTALLATION)

    assert [(node.pool, node.used) for node in state.nodes] == [("alem/h200", Amount(3, 6, 2000))]


def test_a_job_that_left_between_two_reads_makes_no_amount_negative() -> None:
    idle = replace(N1, allocated=Amount())

    assert cluster_state([idle], [RUNNING], (), EPOCH, INSTALLATION).nodes[0].used == Amount()


def test_the_expected_end_of_a_running_job_is_not_its_end() -> None:
    (job,) = cluster_state([N1], [RUNNING], (), EPOCH, INSTALLATION).jobs

    assert (job.started_at, job.ended_at, job.exit_code) == (EPOCH, None, None)


def test_a_job_that_is_completing_still_runs_and_holds_its_nodes() -> None:
    state = cluster_state([N1], [replace(RUNNING, state="COMPLETING")], (), EPOCH, INSTALLATION)

    assert state.jobs[0].state is BackendState.RUNNING
    assert state.nodes[0].used == Amount(3, 6, 2000)


def test_the_expected_start_of_a_queued_job_is_not_its_start() -> None:
    queued = replace(RUNNING, state="PENDING", nodes=(), held=Amount(), restarts=1)

    (job,) = cluster_state([N1], [queued], (), EPOCH, INSTALLATION).jobs

    assert (job.state, job.started_at, job.restarts) == (BackendState.QUEUED, None, 1)


def test_jobs_without_a_marker_are_not_reported_and_count_as_used() -> None:
    state = cluster_state([N1], [replace(RUNNING, comment="mine")], {41}, EPOCH, INSTALLATION)

    assert state.jobs == ()
    assert state.nodes[0].used == Amount(5, 10, 3000)


def test_nodes_without_gpus_or_partition_are_left_out() -> None:
    login = replace(N1, name="login", capacity=Amount(0, 8, 1000))
    spare = replace(N1, name="spare", partitions=())

    assert [
        node.name for node in cluster_state([login, spare, N1], [], (), EPOCH, INSTALLATION).nodes
    ] == ["n1"]


def test_the_first_id_of_a_marker_counts_and_each_owner_has_their_own() -> None:
    jobs = [
        replace(RUNNING, slurm_id=50),
        RUNNING,
        replace(RUNNING, slurm_id=9, unix_account="bolat"),
    ]

    assert first_ids(jobs, INSTALLATION) == {(7, 1, "aigerim"): 41, (7, 1, "bolat"): 9}


def test_records_are_cut_at_the_separator_whatever_the_lines_say() -> None:
    text = "1~x~a|b\n9~x~\n2~x~c~x~\n"

    assert [tuple(record) for record in records(text, "~x~", 2)] == [("1", "a|b\n9"), ("2", "c")]
    assert list(records("", "~x~", 2)) == []


@pytest.mark.parametrize("text", ["1~x~a~x~2~x~", "1~x~a~x~rest", "error: no"])
def test_a_list_that_is_not_whole_is_no_answer(text: str) -> None:
    with pytest.raises(BackendUnavailable, match="not a whole list"):
        list(records(text, "~x~", 2))


ENDINGS = {
    "FAILED": (BackendState.FAILED, 143),
    "TIMEOUT": (BackendState.TIMED_OUT, None),
    "CANCELLED": (BackendState.CANCELLED, None),
    "NODE_FAIL": (BackendState.NODE_FAILED, None),
}


@pytest.mark.parametrize(("word", "ending"), ENDINGS.items())
def test_only_a_job_that_ended_by_itself_has_an_exit_code(
    word: str, ending: tuple[BackendState, int | None]
) -> None:
    (job,) = cluster_state(
        [N1], [replace(RUNNING, state=word, exit_code=143)], {41}, EPOCH, INSTALLATION
    ).jobs

    assert (job.state, job.exit_code) == ending
    assert job.ended_at is not None
