"""A service in front of a development Slurm of its own, and who may use it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from loadtests.stack import ROOT, Member, Stack, running_service

MEMBER = Member("steppe", "Steppe University", "universities", "steppe-user", "aigerim")


@dataclass(frozen=True, slots=True)
class OwnSlurm:
    """A running service and cluster; tokens are by organisation."""

    stack: Stack
    tokens: Mapping[str, str]
    folder: Path

    def home(self, member: Member) -> Path:
        """Return the member's home on every node."""
        return self.folder / "home" / member.unix_account


@contextmanager
def service_on_slurm(
    folder: Path,
    base_port: int,
    members: Sequence[Member],
    settings: Mapping[str, str],
    options: Sequence[str] = (),
) -> Iterator[OwnSlurm]:
    """Run both in the folder; `base_port` is one that no other measurement uses.

    The members' Unix accounts must be the development Slurm's. `settings` are the service's, by the
    names of their variables, and `options` those with which the development Slurm is brought up.
    """
    folder.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(folder / "service", ignore_errors=True)
    slurm = folder / "slurm"
    slurms_own = {"TENDIK_BACKEND": "slurm-cli", "SLURM_CONF": str(slurm / "slurm.conf")}
    _devcluster(slurm, "up", "--base-port", str(base_port), *options)
    try:
        with running_service(folder / "service", {**slurms_own, **settings}) as stack:
            yield OwnSlurm(stack, stack.register(members), slurm)
    finally:
        _devcluster(slurm, "down")


def _devcluster(folder: Path, command: str, *options: str) -> None:
    program = (sys.executable, "-m", "deploy.slurm.devcluster", command, *options)
    subprocess.run([*program, "--dir", str(folder)], cwd=ROOT, check=True)
