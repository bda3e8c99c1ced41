"""Slurm's records become finished jobs, and a run that did not do its work is refused."""

from __future__ import annotations

import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest

from loadtests.head_to_head.cut import CutJob
from loadtests.head_to_head.records import (
    RunRecord,
    RunSpoiled,
    finished_jobs,
    sha256_of,
    spent_in,
    stored_record,
)
from loadtests.head_to_head.workload import members_of, script_of

JOB = CutJob("cut-000", "org01", at_s=5, gpus=16, duration_s=20, limit_minutes=2)
RECORDS = """\
cut-000|org01-user|COMPLETED|1007|1027|billing=16,cpu=2,gres/gpu=16,node=2
cut-001|org02-user|PENDING|Unknown|Unknown|
"""


def a_record(*lines: str) -> RunRecord:
    return RunRecord("", 1000, spent_in("\n".join(lines)))


def test_a_job_ran_when_slurm_says_and_came_when_it_was_due() -> None:
    (job,) = finished_jobs([JOB], a_record(RECORDS.splitlines()[0]))
    assert [job.submit_s, job.start_s, job.end_s, job.run_s] == [5, 7, 27, 20]
    assert [job.gpus, job.recalls] == [16, 0]


def test_a_record_of_a_job_that_never_ran_is_no_start() -> None:
    assert [one.name for one in spent_in(RECORDS)] == ["cut-000"]


def test_a_job_that_was_started_twice_has_two_spells() -> None:
    first = "cut-000|org01-user|REQUEUED|1007|1010|gres/gpu=16"
    second = "cut-000|org01-user|COMPLETED|1030|1050|gres/gpu=16"
    (job,) = finished_jobs([JOB], a_record(second, first))
    assert list(job.spells) == [(7, 10), (30, 50)]
    assert job.recalls == 1


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        pytest.param([], "no record", id="a job without a record"),
        pytest.param(
            ["cut-000|org01-user|TIMEOUT|1007|1127|gres/gpu=16"], "TIMEOUT", id="a job cut off"
        ),
        pytest.param(
            ["cut-000|org01-user|COMPLETED|1007|1027|gres/gpu=8"],
            "asked for 16 GPUs and had 8",
            id="a job with fewer GPUs",
        ),
        pytest.param(
            ["cut-000|org01-user|COMPLETED|1007|1009|gres/gpu=16"],
            "did not do its 20 s of work",
            id="a job that ended early",
        ),
    ],
)
def test_a_run_that_did_not_do_its_work_is_refused(lines: list[str], complaint: str) -> None:
    with pytest.raises(RunSpoiled, match=complaint):
        finished_jobs([JOB], a_record(*lines))


def test_a_record_is_stored_and_read_again(tmp_path: Path) -> None:
    record = replace(a_record(RECORDS.splitlines()[0]), cut_sha256=sha256_of([JOB]))
    record.write(tmp_path / "run" / "tendik.json")
    assert stored_record(tmp_path / "run" / "tendik.json") == record
    assert stored_record(tmp_path / "slurm-alone.json") is None


def test_another_workload_has_another_hash() -> None:
    assert sha256_of([JOB]) != sha256_of([replace(JOB, gpus=8)])


def test_a_gang_asks_for_whole_nodes_and_its_limit() -> None:
    script = script_of(JOB)
    assert "#SBATCH --nodes=2\n#SBATCH --gpus-per-node=8\n" in script
    assert "#SBATCH --time=2\n" in script


def test_a_small_job_asks_for_its_gpus_on_one_node() -> None:
    assert "#SBATCH --nodes=1\n#SBATCH --gpus-per-node=3\n" in script_of(replace(JOB, gpus=3))


def test_a_recalled_job_does_what_was_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loadtests.head_to_head.workload.CHECKPOINTS", tmp_path)
    script = script_of(replace(JOB, duration_s=5))
    first = subprocess.Popen(["bash", "-c", script])
    time.sleep(2.2)  # the shell counts this as 2 or 3 whole seconds
    first.terminate()
    time.sleep(0.3)
    first.kill()
    first.wait()

    began = time.monotonic()
    assert subprocess.run(["bash", "-c", script], check=True).returncode == 0
    assert 1.9 < time.monotonic() - began < 3.9


def test_every_organisation_has_a_user_with_an_account_of_that_name() -> None:
    (member,) = members_of([JOB, replace(JOB, name="cut-001")])
    assert (member.organisation, member.user, member.unix_account) == (
        "org01",
        "org01-user",
        "org01-user",
    )
