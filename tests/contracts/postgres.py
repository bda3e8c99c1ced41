"""A private PostgreSQL server for tests, from Debian's packages: started, used and stopped."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from pwd import getpwnam

import psycopg
import pytest

PACKAGED = Path("/usr/lib/postgresql")


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A running server that listens on a Unix socket in its own folder, and nowhere else."""

    folder: Path
    binaries: Path
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def new_database(self, template: str = "template1") -> str:
        """Create a database, a copy of `template`, and return its name."""
        name = f"tendik_{next(self._numbers)}"
        self.command(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def drop_database(self, name: str) -> None:
        self.command(f'DROP DATABASE "{name}" WITH (FORCE)')

    def command(self, sql: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(sql.encode())

    def start(self) -> None:
        options = f"-c listen_addresses= -c unix_socket_directories={self.folder} -c fsync=on"
        log = self.folder / "log"
        self.run("pg_ctl", "start", "-w", "-D", self.data, "-l", str(log), "-o", options)

    def stop(self) -> None:
        self.run("pg_ctl", "stop", "-w", "-m", "immediate", "-D", self.data)

    @property
    def data(self) -> str:
        return str(self.folder / "data")

    def run(self, program: str, *arguments: str) -> None:
        """Run one of the server's programs as an account that it accepts: it refuses root."""
        account = "postgres" if os.geteuid() == 0 else None
        subprocess.run(
            [str(self.binaries / program), *arguments],
            check=True,
            cwd=self.folder,
            user=account,
            group=account,
            extra_groups=[] if account else None,
            stdout=subprocess.DEVNULL,
            timeout=60,
        )


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """Run a server for the length of the block.

    Where PostgreSQL is not installed the test is skipped by name; under CI=true it fails.
    """
    binaries = sorted(PACKAGED.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not binaries:
        missing = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        missing("PostgreSQL is not installed: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="tendik-pg-"))
    server = PostgresServer(folder, binaries[-1].parent)
    try:
        if os.geteuid() == 0:
            os.chown(folder, getpwnam("postgres").pw_uid, -1)
        server.run("initdb", "-D", server.data, "-U", "postgres", "-A", "trust", "--no-sync")
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)
