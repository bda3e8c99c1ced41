"""What is made of sacct's records of each start of a job, as Slurm 22.05 writes them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from scheduler.backend.slurm_ended import ended_runs
from scheduler.domain.cluster import EndedRun
from scheduler.errors import BackendUnavailable
from tests.backend.launches import INSTALLATION
from tests.backend.sacct import Records

MARKER = f"tendik:{INSTALLATION}:42:2"


def read(*records: tuple[str, ...], complaint: str = "") -> tuple[EndedRun, ...]:
    programs = Records(*records, complaint=complaint)
    return ended_runs(programs, [7], INSTALLATION)  # type: ignore[arg-type]  # asks, no more


def a_record(state: str, start: str, end: str, marker: str = MARKER) -> tuple[str, ...]:
    return ("7", marker, marker, state, start, end)


def a_run(start_s: int, end_s: int, *, node_failed: bool = False) -> EndedRun:
    return EndedRun(
        7,
        42,
        2,
        datetime.fromtimestamp(start_s, UTC),
        datetime.fromtimestamp(end_s, UTC),
        node_failed,
    )


def test_each_start_that_has_ended_is_a_run() -> None:
    told = read(
        a_record("REQUEUED", "1000", "1011"),
        a_record("NODE_FAIL", "1200", "1300"),
        a_record("RUNNING", "1400", "Unknown"),
    )

    assert told == (a_run(1000, 1011), a_run(1200, 1300, node_failed=True))


@pytest.mark.parametrize("state", ["NODE_FAIL", "BOOT_FAIL", "LAUNCH_FAILED"])
def test_all_that_a_node_ends_is_a_failed_node(state: str) -> None:
    assert read(a_record(state, "1000", "1011")) == (a_run(1000, 1011, node_failed=True),)


def test_what_never_began_and_what_is_others_is_left_out() -> None:
    assert read(a_record("CANCELLED by 1000", "Unknown", "1000")) == ()
    assert read(a_record("COMPLETED", "1000", "1011", marker="")) == ()
    assert read() == ()


def test_a_cluster_without_records_knows_nothing_and_an_outage_is_one() -> None:
    assert read(complaint="sacct: Slurm accounting storage is disabled") == ()
    with pytest.raises(BackendUnavailable):
        read(complaint="sacct: error: slurm_persist_conn_open")
