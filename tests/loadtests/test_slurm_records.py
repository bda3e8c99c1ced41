"""Slurm's records are judged rightly: a lost, a doubled, a greedy and an idle run are found."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from loadtests.slurm_records import (
    Run,
    breaches,
    busy_ratio,
    doubled,
    installation_of,
    lost,
    runs_in,
)
from scheduler.store.sql import open_store

RECORDS = """\
11|ada|COMPLETED|100|110|billing=4,gres/gpu=4,node=1|tendik:0000beef:1:1
12|ada|COMPLETED|100|110|billing=4,gres/gpu=2,node=1|tendik:0000cafe:1:1
13|ada|COMPLETED|100|110|billing=4,gres/gpu=8,node=1|a job of nobody's
14|ada|CANCELLED by 0|Unknown|110||tendik:0000beef:2:1
15|ada|RUNNING|105|Unknown|gres/gpu=1|tendik:0000beef:3:2
"""


def a_run(job_id: int, start_s: int = 0, end_s: int = 10, gpus: int = 4, who: str = "a") -> Run:
    return Run(job_id, 1000 + job_id, who, "COMPLETED", start_s, end_s, gpus)


def test_an_accepted_job_without_a_run_is_lost() -> None:
    assert lost((1, 2, 3), (a_run(1), a_run(3))) == (2,)


def test_an_accepted_job_that_was_cut_short_is_lost() -> None:
    cut_short = replace(a_run(2), state="CANCELLED by 0")
    assert lost((1, 2), (a_run(1), cut_short)) == (2,)


def test_only_runs_of_the_same_installation_are_counted() -> None:
    assert runs_in(RECORDS, "0000beef") == (
        Run(1, 11, "ada", "COMPLETED", 100, 110, 4),
        Run(3, 15, "ada", "RUNNING", 105, 105, 1),
    )


def test_the_installation_is_read_from_the_services_database(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'tendik.db'}"
    store = open_store(url)
    assert installation_of({"TENDIK_DATABASE_URL": url}) == store.installation()
    store.close()


def test_a_job_with_two_runs_ran_twice() -> None:
    assert doubled((a_run(1), a_run(2), a_run(1, start_s=20, end_s=30))) == (1,)


def test_a_second_above_the_ceiling_is_a_breach() -> None:
    overlapping = (a_run(1, 0, 10), a_run(2, 9, 12), a_run(3, 9, 12, who="b"))
    assert breaches(overlapping, ceiling_gpus=4) == ("a held 8 GPUs at 9",)


def test_a_job_that_starts_in_the_second_of_anothers_end_is_no_breach() -> None:
    assert breaches((a_run(1, 0, 10), a_run(2, 10, 20)), ceiling_gpus=4) == ()


def test_the_busy_ratio_counts_the_window_in_which_jobs_waited() -> None:
    runs = (a_run(1, 0, 10, gpus=8), a_run(2, 10, 30, gpus=8), a_run(3, 20, 99, gpus=8))
    assert busy_ratio(runs, capacity_gpus=16) == 0.5


def test_where_nothing_ran_no_gpu_was_busy() -> None:
    assert busy_ratio((), capacity_gpus=16) == 0.0
