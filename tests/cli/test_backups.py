"""`tendik admin backup` and `restore` as an operator runs them on the service's machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scheduler.store.sql import open_store
from tests.store.build import add


@pytest.fixture
def database(tmp_path: Path) -> Path:
    file = tmp_path / "tendik.db"
    store = open_store(f"sqlite:///{file}")
    add(store)
    store.close()
    return file


def tendik(database: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "TENDIK_DATABASE_URL": f"sqlite:///{database}"}
    program = str(Path(sys.executable).with_name("tendik"))
    return subprocess.run(
        [program, "admin", *words],
        env=environment, cwd=database.parent, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_backup_brings_a_lost_database_back(database: Path, tmp_path: Path) -> None:
    made = tendik(database, "backup", "b.tar")
    assert (made.returncode, "b.tar: installation " in made.stdout) == (0, True), made.stderr
    for file in tmp_path.glob("tendik.db*"):
        file.unlink()
    done = tendik(database, "restore", "b.tar")
    assert done.returncode == 0, done.stderr
    assert "start the service: it adopts what Slurm has run since" in done.stdout
    store = open_store(f"sqlite:///{database}")
    assert len(store.pending()) == 1
    store.close()


def test_what_stands_against_it_is_said_in_one_line(database: Path) -> None:
    assert tendik(database, "backup", "b.tar").returncode == 0
    refused = tendik(database, "restore", "b.tar")
    first, last = refused.stderr.splitlines()
    assert first.startswith("tendik-scheduler: store sqlite:///")
    assert first.endswith("it holds data already; back it up, then say --replace")
    assert (refused.returncode, last) == (7, "error: tendik-scheduler restore failed, see above")


@pytest.mark.parametrize("command", ["serve", "init", "backup"])
def test_every_command_names_a_damaged_database_in_one_line(database: Path, command: str) -> None:
    content = bytearray(database.read_bytes())
    content[4096 * 2 : 4096 * 12] = b"\xa5" * 4096 * 10
    database.write_bytes(content)
    words = ["backup", "b.tar"] if command == "backup" else [command]
    program = str(Path(sys.executable).with_name("tendik-scheduler"))
    environment = {**os.environ, "TENDIK_DATABASE_URL": f"sqlite:///{database}"}
    done = subprocess.run(
        [program, *words],
        env=environment, cwd=database.parent, capture_output=True, text=True, check=False,
    )  # fmt: skip
    (line,) = done.stderr.splitlines()
    assert done.returncode == 1
    assert "tendik.db: the database is damaged" in line
