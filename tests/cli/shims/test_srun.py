"""srun in a job is Slurm's own, for files and tasks that bear the number that the user knows."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from scheduler.cli.shims.folder import TASK_PROLOG
from scheduler.cli.shims.refusals import Refused
from scheduler.cli.shims.srun import real_numbers, real_srun, run, with_our_numbers

IN_A_JOB = {"TENDIK_JOB_ID": "1044", "TENDIK_ARRAY_JOB_ID": "1042"}

WORDS = {
    "joined": (["--output=%j_%t.log", "date"], ["--output=1044_%t.log", "date"]),
    "apart": (["--output", "%A_%a.log", "-n", "1"], ["--output", "1042_%a.log", "-n", "1"]),
    "letters": (["-o", "%j", "-e%4j", "x"], ["-o", "1044", "-e1044", "x"]),
    "what the program is given": (
        ["-n1", "--cpu-bind=q", "prog", "--output=%j", "-o", "%j"],
        ["-n1", "--cpu-bind=q", "prog", "--output=%j", "-o", "%j"],
    ),
    "a value that looks like a program": (
        ["--mpi", "none", "-l", "--jobid", "7", "--error", "%j", "prog", "%j"],
        ["--mpi", "none", "-l", "--jobid", "7", "--error", "1044", "prog", "%j"],
    ),
    "joined switches": (["-lun", "2", "-i", "in.%j", "x"], ["-lun", "2", "-i", "in.1044", "x"]),
    "after two dashes": (["-u", "--", "-o", "%j"], ["-u", "--", "-o", "%j"]),
    "a backslash": (["-o", "\\%j", "x"], ["-o", "\\%j", "x"]),
    "what submitit calls": (
        ["--unbuffered", "--output", "/x/%A_%a_%t_log.out", "python", "-u"],
        ["--unbuffered", "--output", "/x/1042_%a_%t_log.out", "python", "-u"],
    ),
}


@pytest.mark.parametrize(("said", "meant"), WORDS.values(), ids=WORDS.keys())
def test_only_sruns_own_files_get_our_number(said: list[str], meant: list[str]) -> None:
    assert with_our_numbers(said, IN_A_JOB) == meant


def test_slurms_own_program_is_the_next_on_the_path(tmp_path: Path) -> None:
    for folder in ("shims", "slurm"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "srun").write_text("#!/bin/sh\n")
        (tmp_path / folder / "srun").chmod(0o755)
    path = f"{tmp_path / 'shims'}:{tmp_path / 'slurm'}"

    assert real_srun(tmp_path / "shims", path) == str(tmp_path / "slurm" / "srun")
    with pytest.raises(Refused, match="not on PATH"):
        real_srun(tmp_path / "shims", str(tmp_path / "shims"))


def test_outside_of_a_job_nothing_is_started(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="outside of a job"):
        run(tmp_path, ["hostname"], {"PATH": "/usr/bin"})


def test_an_srun_that_a_task_calls_gets_the_real_number_back() -> None:
    assert real_numbers({"TENDIK_SLURM_JOB_ID": "17"}) == {
        "SLURM_JOB_ID": "17",
        "SLURM_JOBID": "17",
    }
    assert real_numbers({}) == {}


def test_the_prolog_tells_tasks_our_numbers_and_runs_the_users_own(tmp_path: Path) -> None:
    own = tmp_path / "own-prolog"
    own.write_text("#!/bin/sh\necho export MINE=1\n")
    own.chmod(0o755)
    environment = {**IN_A_JOB, "SLURM_JOB_ID": "17", "SLURM_TASK_PROLOG": str(own)}

    done = subprocess.run(
        ["/bin/sh", "-c", TASK_PROLOG], env=environment, capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines() == [
        "export TENDIK_SLURM_JOB_ID=17",
        "export SLURM_JOB_ID=1044",
        "export SLURM_JOBID=1044",
        "export SLURM_ARRAY_JOB_ID=1042",
        "export MINE=1",
    ]
