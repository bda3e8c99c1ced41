"""Faults of the database are named, change nothing, and are over when they are over."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from scheduler.errors import StoreUnavailable
from scheduler.store.backups.backup import make_backup, restore_backup
from scheduler.store.database import Database, open_database
from scheduler.store.migrate import migrate
from scheduler.store.sql import SqlStore, open_store
from scheduler.store.sql_environments import keep_environments
from tests.build import NOON, a_spec
from tests.store.build import a_new, add

BIG = a_spec(script="#!/bin/bash\n" + "# a long script\n" * 10_000)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def database(file: Path) -> Iterator[Database]:
    """A migrated database whose settings a test may turn against the store."""
    database = open_database(f"sqlite:///{file}", wait_s=0.1)
    migrate(database)
    yield database
    database.close()


def pragma(database: Database, setting: str) -> None:
    """Change a setting of the one connection that a single thread uses."""
    with database.engine.connect() as connection:
        connection.exec_driver_sql(f"PRAGMA {setting}")


FAULTS = {
    "a full disk": ("max_page_count = 1", "max_page_count = 1073741823", "disk is full"),
    "a read-only database": ("query_only = ON", "query_only = OFF", "read only"),
}


@pytest.mark.parametrize(("fault", "mend", "message"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_named_and_the_store_resumes(
    database: Database, fault: str, mend: str, message: str
) -> None:
    store = SqlStore(database)
    before = add(store)
    pragma(database, fault)
    with pytest.raises(StoreUnavailable, match=rf"store\.db: .*{message}"):
        add(store, a_new("r1", spec=BIG))
    assert [job.job_id for job in store.pending()] == [before.job_id]

    pragma(database, mend)
    assert add(store, a_new("r1", spec=BIG)).job_id == before.job_id + 1


def test_a_read_only_database_is_not_ready(database: Database) -> None:
    pragma(database, "query_only = ON")
    with pytest.raises(StoreUnavailable, match="read only"):
        SqlStore(database).ready()


def test_a_lock_that_another_process_holds_is_waited_for_and_named(
    database: Database, file: Path
) -> None:
    store = SqlStore(database)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="another process holds the database's lock"):
            add(store)
        assert store.pending() == ()
    add(store)


def test_a_transaction_that_fails_midway_stores_nothing(database: Database) -> None:
    store = SqlStore(database)
    with database.write() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER sabotage BEFORE INSERT ON requests BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    with pytest.raises(StoreUnavailable, match="no"):
        store.add_jobs([a_new(), a_new("r1")])

    assert store.pending() == ()
    assert store.last_event_id() == 0


def test_sqlite_runs_with_the_settings_that_durability_needs(database: Database) -> None:
    with database.read() as connection:
        settings = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert settings == ["wal", 2, 1]


def test_a_file_that_is_no_database_is_refused_and_kept(file: Path) -> None:
    file.write_text("my thesis, the only copy\n" * 100)
    with pytest.raises(StoreUnavailable, match="not an SQLite database"):
        open_store(f"sqlite:///{file}")
    assert file.read_text().startswith("my thesis")


def test_a_damaged_database_is_refused(file: Path) -> None:
    store = open_store(f"sqlite:///{file}")
    store.add_jobs([a_new(str(n), spec=BIG) for n in range(3)])
    store.close()
    damaged = bytearray(file.read_bytes())
    damaged[4096 * 2 : 4096 * 12] = b"\xa5" * 4096 * 10
    file.write_bytes(damaged)

    with pytest.raises(StoreUnavailable, match="damaged; restore it from a backup"):
        open_store(f"sqlite:///{file}")


URLS = {
    "a missing folder": ("sqlite:////nowhere/at/all/store.db", "folder must exist"),
    "no URL": ("store.db", "store.db"),
    "another kind of database": ("mysql://root:secret@localhost/x", "use sqlite:///FILE or"),
    "a server that is not there": ("postgresql://x:secret@127.0.0.1:1/x", "refused"),
}


@pytest.mark.parametrize(("url", "message"), URLS.values(), ids=URLS.keys())
def test_a_store_that_cannot_be_opened_is_named(url: str, message: str) -> None:
    with pytest.raises(StoreUnavailable, match=message) as caught:
        open_store(url, wait_s=1)
    assert "secret" not in str(caught.value)


def a_damaged(file: Path) -> str:
    store = open_store(f"sqlite:///{file}")
    store.add_jobs([a_new(str(n), spec=BIG) for n in range(3)])
    store.close()
    content = bytearray(file.read_bytes())
    content[4096 * 2 : 4096 * 12] = b"\xa5" * 4096 * 10
    file.write_bytes(content)
    return f"sqlite:///{file}"


def test_a_damaged_database_makes_no_backup(file: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match=r"store\.db: the database is damaged"):
        make_backup(a_damaged(file), tmp_path / "b.tar", "1", NOON)
    assert not (tmp_path / "b.tar").exists()


def test_a_damaged_database_is_replaced_by_a_backup(file: Path, tmp_path: Path) -> None:
    good = f"sqlite:///{tmp_path / 'good.db'}"
    open_store(good).close()
    make_backup(good, tmp_path / "b.tar", "1", NOON)
    url = a_damaged(file)
    restore_backup(url, tmp_path / "b.tar", NOON, replace=True)
    store = open_store(url)
    assert store.pending() == ()
    store.close()


def test_a_file_that_is_no_database_is_not_written_over_by_a_backup(
    file: Path, tmp_path: Path
) -> None:
    good = f"sqlite:///{tmp_path / 'good.db'}"
    open_store(good).close()
    make_backup(good, tmp_path / "b.tar", "1", NOON)
    file.write_text("my thesis, the only copy\n" * 100)
    with pytest.raises(StoreUnavailable, match="no sound database; move it"):
        restore_backup(f"sqlite:///{file}", tmp_path / "b.tar", NOON, replace=True)
    assert file.read_text().startswith("my thesis")


def test_a_backup_of_a_newer_schema_is_refused_before_anything_is_given_up(
    file: Path, tmp_path: Path
) -> None:
    url = f"sqlite:///{file}"
    store = open_store(url)
    with closing(sqlite3.connect(file)) as other, other:
        other.execute("UPDATE tendik_schema SET version_num = '9999'")
    make_backup(url, tmp_path / "b.tar", "9.0", NOON)
    store.close()
    with pytest.raises(StoreUnavailable, match=r"version 9\.0, whose schema '9999'"):
        restore_backup(f"sqlite:///{tmp_path / 'x.db'}", tmp_path / "b.tar", NOON, replace=False)
    assert not (tmp_path / "x.db").exists()


def test_no_error_repeats_a_users_secrets(database: Database) -> None:
    secretive = {1: a_new(spec=replace(a_spec(), environment={"KEY": "secret-of-mine"}))}
    with database.write() as connection:
        keep_environments(connection, secretive)
        with pytest.raises(DBAPIError) as fault:
            keep_environments(connection, secretive)

    assert "secret-of-mine" not in str(fault.value)
