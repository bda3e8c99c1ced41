"""A real Slurm for the tests that ask for one."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.slurm.devcluster.programs import ProgramsMissing, require_programs
from deploy.slurm.devcluster.settings import DEFAULT_USERS, REPO_ROOT

NODES = 8
FIRST_PORT = 29100


@dataclass(frozen=True, slots=True)
class SlurmCluster:
    """A running cluster; commands reach it with `env`."""

    dir: Path
    env: Mapping[str, str]
    users: tuple[str, ...] = DEFAULT_USERS

    def home(self, user: str) -> Path:
        """Return a folder the user's jobs may write to."""
        return self.dir / "home" / user


@pytest.fixture(scope="session")
def slurm_cluster() -> Iterator[SlurmCluster]:
    """Yield the cluster of TENDIK_SLURM_CONF, or one of our own that ends with the session.

    Skips where Slurm is not installed or we are not root; in CI both are failures.
    """
    if conf := os.environ.get("TENDIK_SLURM_CONF"):
        yield _cluster_at(Path(conf).parent)
        return
    with a_slurm() as cluster:
        yield cluster


@contextmanager
def a_slurm(*options: str) -> Iterator[SlurmCluster]:
    """Yield a development cluster of the test's own, brought up with these options.

    Skips where Slurm is not installed or we are not root; in CI both are failures.
    """
    skip_without_slurm()
    # pytest's own temporary folders are closed to other users, as whom the jobs run.
    folder = Path(tempfile.mkdtemp(prefix="tendik-slurm-"))
    folder.chmod(0o755)
    try:
        devcluster("up", "--dir", str(folder), "--base-port", str(_free_base_port()), *options)
        yield _cluster_at(folder)
    finally:
        devcluster("down", "--dir", str(folder))
        shutil.rmtree(folder)


def _cluster_at(folder: Path) -> SlurmCluster:
    return SlurmCluster(folder, {**os.environ, "SLURM_CONF": str(folder / "slurm.conf")})


def skip_without_slurm() -> None:
    """Skip where Slurm is not installed or we are not root; in CI both are failures."""
    try:
        require_programs()
    except ProgramsMissing as error:
        _skip_or_fail(f"slurm is not installed: {error}")
    if os.geteuid() != 0:
        _skip_or_fail("a real slurm needs root, as its jobs run as other users")


def _skip_or_fail(reason: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def devcluster(*arguments: str) -> None:
    """Run the development cluster's own command; it must succeed."""
    done = subprocess.run(
        [sys.executable, "-m", "deploy.slurm.devcluster", *arguments],
        cwd=REPO_ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, timeout=300, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        pytest.fail(f"devcluster {arguments[0]} failed:\n{done.stdout}")


def _free_base_port() -> int:
    needed = NODES + 2
    for base in range(FIRST_PORT, 32000, needed):
        if all(_is_free(port) for port in range(base, base + needed)):
            return base
    raise AssertionError("no free ports for a cluster")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return probe.connect_ex(("127.0.0.1", port)) != 0
