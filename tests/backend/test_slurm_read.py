"""What slurmdbd's records tell of jobs that ended as they started."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from scheduler.backend.slurm_read import unlaunched_in
from scheduler.backend.slurm_state import SlurmJob

# As slurmdbd 22.05 has recorded them.
RECORDS = {
    "its first start was forgotten in a crash, and the node refused the second": (
        "3|FAILED|1:0\n3.batch|CANCELLED|\n", {3},
    ),
    "its id was another's that the node still knew": (
        "11|CANCELLED by 0|0:0\n11.batch|CANCELLED|\n", {11},
    ),
    "its script failed at once": ("55|FAILED|1:0\n55.batch|FAILED|1:0\n", set()),
    "its output could not be opened": ("57|FAILED|0:53\n57.batch|CANCELLED|0:53\n", set()),
    "its user cancelled it in its first second": (
        "62|CANCELLED by 994|0:0\n62.batch|CANCELLED|0:15\n", set(),
    ),
    "its user cancelled it before the node knew it": (
        "62|CANCELLED by 994|0:0\n62.batch|CANCELLED|\n", set(),
    ),
    "slurmdbd has only heard of its step": ("3.batch|CANCELLED|\n", set()),
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
