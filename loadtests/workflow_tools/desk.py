"""The desk of a researcher at a login node: a home, a login, and the shims first on PATH."""

from __future__ import annotations

import pwd
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from loadtests.stack import Stack


@dataclass(frozen=True, slots=True)
class Desk:
    """A Unix account, where it works, and what it has in its environment."""

    account: str
    home: Path
    environment: Mapping[str, str]

    def run(self, words: Sequence[str], folder: Path, log: Path, patience_s: float) -> int | None:
        """Run a program in a folder as the account; None where it had not ended in time."""
        with log.open("wb") as file:
            try:
                done = subprocess.run(
                    [*become(self.account), *words],
                    env=self.environment, cwd=folder, stdin=subprocess.DEVNULL, stdout=file,
                    stderr=file, timeout=patience_s, check=False,
                )  # fmt: skip
            except subprocess.TimeoutExpired:
                return None
        return done.returncode

    def new_folder(self, name: str) -> Path:
        """Return an empty folder of the account's."""
        folder = self.home / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        shutil.chown(folder, self.account)
        return folder


def seated(stack: Stack, home: Path, account: str, token: str, pythons: tuple[Path, Path]) -> Desk:
    """Log the account in, and put the shims on its PATH, before the tools and Slurm's own."""
    own, tools = pythons
    shims, site = own.parent.parent / "shims", own.parent.parent / "site"
    _write_srun(site, stack.environment["SLURM_CONF"])
    environment = {
        "HOME": str(home),
        "USER": account,
        "LOGNAME": account,
        "LANG": "C.UTF-8",
        "PATH": f"{shims}:{tools.parent}:{site}:/usr/local/bin:/usr/bin:/bin",
    }
    tendik = (str(own.with_name("tendik")),)
    subprocess.run([*tendik, "shims", "install", shims], check=True, stdout=subprocess.DEVNULL)
    subprocess.run(
        [*become(account), *tendik, "login", "--server", stack.address, "--token-file", "-"],
        input=token, env=environment, cwd=home, text=True, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    return Desk(account, home, environment)


def _write_srun(site: Path, slurm_conf: str) -> None:
    """Let Slurm's srun find the development cluster, whose slurm.conf is at no usual place.

    snakemake takes SLURM_CONF away from what its jobs start, and then Slurm looks in /etc alone.
    """
    site.mkdir(exist_ok=True)
    real = shutil.which("srun")
    (site / "srun").write_text(f'#!/bin/sh\nSLURM_CONF={slurm_conf} exec {real} "$@"\n')
    (site / "srun").chmod(0o755)


def become(account: str) -> tuple[str, ...]:
    """Become the account; unlike runuser this leaves HOME as the desk has it."""
    own_group = str(pwd.getpwnam(account).pw_gid)
    return ("setpriv", f"--reuid={account}", f"--regid={own_group}", "--init-groups", "--")
