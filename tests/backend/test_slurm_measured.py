"""What is made of sacct's figures, as Slurm 22.05 writes them."""

from __future__ import annotations

import pytest

from scheduler.backend.slurm_measured import measured_runs
from scheduler.domain.measured import Measured, MeasuredRun
from scheduler.errors import BackendUnavailable
from tests.backend.launches import INSTALLATION
from tests.backend.sacct import Records

MARKER = f"tendik:{INSTALLATION}:42:2"
JOB = ("7", MARKER, MARKER, "COMPLETED", "01:10:00.500", "1000", "3400", "2", "", "", "", "")
BATCH = (
    *("7.batch", "", "", "COMPLETED", "00:10.500", "1000", "3400", "1", "1", "102400K"),
    *("cpu=00:00:10,energy=0,fs/disk=5,mem=102400K,pages=0,vmem=9M", "cpu=00:00:10,mem=102400K"),
)
EXTERN = ("7.extern", "", "", "COMPLETED", "00:00:00", "1000", "3400", "2", "2", "1M", "", "")
SRUN = (
    *("7.0", "", "", "COMPLETED", "01:09:50", "1400", "2400", "2", "4", "2G"),
    *("cpu=00:50:00,mem=2G", "cpu=00:17:27,gres/gpumem=9000M,gres/gpuutil=57,mem=1G"),
)


def read(*records: tuple[str, ...], complaint: str = "") -> tuple[MeasuredRun, ...]:
    programs = Records(*records, complaint=complaint)
    return measured_runs(programs, [7], INSTALLATION)  # type: ignore[arg-type]  # asks, no more


def changed(record: tuple[str, ...], **places: str) -> tuple[str, ...]:
    names = ("id", "comment", "admin", "state")
    return (*(places.get(n, record[i]) for i, n in enumerate(names)), *record[len(names) :])


def test_an_ended_job_used_what_its_steps_used() -> None:
    measured = Measured(
        4200.5, task_cpus=3.0, script_cpus=10 / 2400, node_memory_mib=4196, gpu_percent=57
    )
    assert read(JOB, BATCH, EXTERN, SRUN) == (MeasuredRun(7, 42, 2, measured),)


def test_where_nothing_is_gathered_nothing_is_known() -> None:
    silent = ("7.batch", "", "", "COMPLETED", "00:00:00", "1000", "3400", "1", "1", "", "", "")

    assert read(JOB, silent) == (MeasuredRun(7, 42, 2, Measured()),)


def test_live_jobs_and_those_of_others_are_left_out() -> None:
    assert read(changed(JOB, state="RUNNING"), BATCH) == ()
    assert read(changed(JOB, comment="", admin=""), BATCH) == ()
    assert read() == ()


def test_the_marker_that_its_user_cannot_change_counts() -> None:
    edited = changed(JOB, comment=f"tendik:{INSTALLATION}:1:1")

    assert [(run.job_id, run.attempt) for run in read(edited, BATCH)] == [(42, 2)]


def test_a_cluster_without_records_knows_nothing_and_an_outage_is_one() -> None:
    assert read(complaint="sacct: Slurm accounting storage is disabled") == ()
    with pytest.raises(BackendUnavailable):
        read(complaint="sacct: error: slurm_persist_conn_open")


@pytest.mark.parametrize("unclear", ["16E", "-1K"])
def test_an_unclear_word_of_one_job_leaves_its_own_figures_unknown_alone(unclear: str) -> None:
    odd_job = changed(JOB, id="6", comment="", admin=f"tendik:{INSTALLATION}:41:1")
    odd = (*changed(BATCH, id="6.batch")[:9], unclear, *BATCH[10:])

    runs = read(odd_job, odd, JOB, BATCH)

    assert [(run.job_id, run.measured == Measured()) for run in runs] == [(41, True), (42, False)]


def test_a_share_of_gpus_that_is_no_number_is_unclear_too() -> None:
    (run,) = read(JOB, (*SRUN[:-1], "cpu=00:01:00,gres/gpuutil=inf"))

    assert run.measured == Measured()


def test_many_jobs_are_asked_for_in_several_calls() -> None:
    programs = Records()
    measured_runs(programs, range(1, 251), INSTALLATION)  # type: ignore[arg-type]  # asks, no more

    assert programs.calls == 3
