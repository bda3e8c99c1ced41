"""A development Slurm of a measurement's own: fresh at the start, ended and removed at the end."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from loadtests.stack import ROOT
from scheduler.backend.programs import Account, Programs, account_named

# Neither the default one nor the overload's: those may be running beside this one.
BASE_PORT = 27500
PROGRAMS = ("env", "sacct", "sacctmgr", "sbatch", "scancel", "sdiag", "squeue")
GPUS_PER_NODE = 8


class SlurmRefused(Exception):
    """Slurm did not take a job of a measurement; the message holds what sbatch said."""


@dataclass(frozen=True, slots=True)
class OwnSlurm:
    """A running Slurm, its programs, and how jobs are handed to it."""

    slurm_conf: Path
    programs: Programs

    def sbatch(self, unix_account: str, script: str, *arguments: str) -> int:
        """Submit as the account and return Slurm's id. Raises SlurmRefused."""
        account = account_of(unix_account)
        answer = self.programs.sbatch_as(account, "/", ("--parsable", *arguments), script)
        if answer.status != 0:
            raise SlurmRefused(f"{unix_account}: {answer.complaint}")
        return int(answer.output.partition(";")[0])


def account_of(name: str) -> Account:
    account = account_named(name)
    if account is None:
        raise SlurmRefused(f"{name}: no such Unix account")
    return account


@contextmanager
def own_slurm(
    folder: Path, scheduling: str, unix_accounts: Sequence[str], base_port: int = BASE_PORT
) -> Iterator[OwnSlurm]:
    """Run a Slurm with empty records in the folder; nothing of an earlier one is left in it."""
    devcluster("down", folder, "--purge")
    devcluster(
        "up", folder, "--base-port", str(base_port), "--scheduling", scheduling,
        "--users", ",".join(unix_accounts),
    )  # fmt: skip
    slurm_conf = folder / "slurm.conf"
    try:
        yield OwnSlurm(slurm_conf, Programs(PROGRAMS, str(slurm_conf)))
    finally:
        devcluster("down", folder, "--purge")


def devcluster(command: str, folder: Path, *options: str) -> None:
    """Raises subprocess.CalledProcessError; the command has said what is wrong."""
    argv = [sys.executable, "-m", "deploy.slurm.devcluster", command, "--dir", str(folder)]
    subprocess.run([*argv, *options], cwd=ROOT, check=True)
