"""What slurmdbd's records tell of jobs that ended as they started."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from scheduler.backend.slurm_read import unlaunched_in
from scheduler.backend.slurm_state import SlurmJob

# As slurmdbd 22.05 has recorded them.
RECORDS = {
    "its id was another's that the node still knew": (
        "11|CANCELLED by 0|0:0|09:49:56\n11.batch|CANCELLED||09:49:56\n", {11},
    ),
    "it ran before, in a start that slurmctld forgot, and nobody knows how far": (
        "3|FAILED|1:0|09:49:42\n3.batch|CANCELLED||09:49:36\n", set(),
    ),
    "its script failed at once": (
        "55|FAILED|1:0|09:52:00\n55.batch|FAILED|1:0|09:52:00\n", set(),
    ),
    "its output could not be opened": (
        "57|FAILED|0:53|09:52:00\n57.batch|CANCELLED|0:53|09:52:00\n", set(),
    ),
    "its user cancelled it in its first second": (
        "62|CANCELLED by 994|0:0|09:52:01\n62.batch|CANCELLED|0:15|09:52:01\n", set(),
    ),
    "its user cancelled it before the node knew it": (
        "62|CANCELLED by 994|0:0|09:52:01\n62.batch|CANCELLED||09:52:01\n", set(),
    ),
    "its node did not answer, and ended it as it was requeued for that": (
        "760|NODE_FAIL|0:0|36:27\n760.batch|CANCELLED||36:27\n760|CANCELLED|0:0|36:37\n",
        {760},
    ),
    "it ran, was requeued, and its node ended it": (
        "761|REQUEUED|0:0|36:27\n761.batch|CANCELLED|0:15|36:27\n761|CANCELLED|0:0|36:37\n",
        set(),
    ),
    "root cancelled it as it was requeued": (
        "762|NODE_FAIL|0:0|36:27\n762.batch|CANCELLED||36:27\n762|CANCELLED by 0|0:0|36:37\n",
        set(),
    ),
    "it was cancelled before it had a start": ("763|CANCELLED|0:0|36:37\n", set()),
    "slurmdbd has only heard of its step": ("3.batch|CANCELLED||09:49:36\n", set()),
}  # fmt: skip


@pytest.mark.parametrize(("text", "unlaunched"), RECORDS.values(), ids=RECORDS.keys())
def test_records_tell_whether_a_job_was_launched(text: str, unlaunched: set[int]) -> None:
    assert unlaunched_in(text) == unlaunched


@pytest.mark.parametrize(("state", "lasted_s", "doubtful"), [
    ("FAILED", 0, True), ("CANCELLED", 0, True), ("FAILED", 1, False), ("COMPLETED", 0, False),
    ("RUNNING", 0, False),
])  # fmt: skip
def test_only_a_bad_end_at_the_start_is_doubtful(
    state: str, lasted_s: int, *, doubtful: bool
) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    end = start + timedelta(seconds=lasted_s)
    job = SlurmJob(3, "", "alpha", state, nodes=("n1",), started_at=start, ended_at=end)

    assert job.is_doubtful is doubtful


@pytest.mark.parametrize("restarts", [0, 1])
def test_a_cancelled_job_without_nodes_is_doubtful_where_it_was_requeued(restarts: int) -> None:
    end = datetime(2026, 1, 1, tzinfo=UTC)
    job = SlurmJob(3, "", "alpha", "CANCELLED", started_at=end, ended_at=end, restarts=restarts)

    assert job.is_doubtful is bool(restarts)
