"""Slurm as the only scheduler: accounts of equal shares, Fair Tree, backfill, GPUs billed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from rich.progress import track

from loadtests.head_to_head.cluster import OwnSlurm, own_slurm
from loadtests.head_to_head.cut import CutJob
from loadtests.head_to_head.records import RunRecord, read_records
from loadtests.head_to_head.workload import (
    as_they_come,
    members_of,
    next_second,
    script_of,
    user_of,
    without_checkpoints,
)
from loadtests.stack import Member

# The run takes about 10 minutes; a queue that is not empty after this is a fault.
PATIENCE_S = 900


def run_slurm_alone(cut: Sequence[CutJob], folder: Path) -> RunRecord:
    """Submit every job by sbatch, as its user, at its time; return what Slurm recorded.

    Raises SlurmRefused when a job is not taken, TimeoutError when jobs are left.
    """
    without_checkpoints()
    members = members_of(cut)
    accounts = [member.unix_account for member in members]
    with own_slurm(folder / "slurm", "fair-tree", accounts) as slurm:
        for member in members:
            add_account(slurm, member)
        start_s = next_second()
        for job in track(as_they_come(cut, start_s), "Slurm alone: submitting", len(cut)):
            slurm.sbatch(user_of(job.organisation), script_of(job), f"--account={job.organisation}")
        wait_for_empty_queue(slurm)
        return read_records(slurm, cut, start_s)


def add_account(slurm: OwnSlurm, member: Member) -> None:
    """Give an organisation an account of one share beside the others, and its user in it."""
    name, user = member.organisation, member.unix_account
    for what in (
        ("account", name, "fairshare=1"),
        ("user", user, f"account={name}", "fairshare=1"),
    ):
        slurm.programs.answer("sacctmgr", "--immediate", "add", *what)


def wait_for_empty_queue(slurm: OwnSlurm, patience_s: float = PATIENCE_S) -> None:
    """Raises TimeoutError when jobs are left after that long."""
    deadline = time.monotonic() + patience_s
    while left := len(slurm.programs.answer("squeue", "--noheader", "--format=%i").split()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{left} jobs are still in Slurm's queue")
        time.sleep(2)
