"""SQLite's own copy of a database in use, and back; a plain copy of the file may be torn."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from sqlalchemy import make_url

from scheduler.errors import StoreUnavailable
from scheduler.store.faults import faults_named, refuse_damaged
from scheduler.texts import Said, said

_DAMAGED = said(
    "what is there is no sound database; move it and the files beside it away, then restore"
)
# Why a database cannot be replaced, by SQLite's name of the error.
IN_THE_WAY: Mapping[str, Said] = {
    "SQLITE_BUSY": said("another process has it open; stop the service first"),
    "SQLITE_NOTADB": _DAMAGED,
    "SQLITE_CORRUPT": _DAMAGED,
}


def file_of(url: str) -> Path:
    """Return the database's file. Raises StoreUnavailable for one in memory."""
    database = make_url(url).database
    if database in (None, "", ":memory:"):
        raise StoreUnavailable(
            said("store {url}: it is kept in memory, where nothing outlasts it", url=url)
        )
    return Path(database)


def copy_out(url: str, payload: Path) -> None:
    """Write the state that one moment's readers see; the service may go on writing.

    Raises StoreUnavailable for a database that is missing or damaged, or a full disk.
    """
    source_uri = f"{file_of(url).absolute().as_uri()}?mode=ro"
    with (
        faults_named(url),
        closing(sqlite3.connect(source_uri, uri=True)) as source,
        closing(sqlite3.connect(payload)) as copy,
    ):
        source.backup(copy)
        # One file, without a log beside it.
        copy.execute("PRAGMA journal_mode = DELETE")
        refuse_damaged(copy.execute("PRAGMA quick_check(1)").fetchone()[0], url)


def copy_in(payload: Path, url: str) -> None:
    """Make the database what the copy is, in one transaction.

    Raises StoreUnavailable while any process has the database open.
    """
    file = file_of(url)
    is_new = not file.exists()
    with (
        faults_named(url),
        closing(sqlite3.connect(payload)) as copy,
        closing(sqlite3.connect(file, timeout=0, isolation_level=None)) as database,
    ):
        if is_new:
            file.chmod(0o600)
        _refuse_in_use(database, url)
        copy.backup(database)


def _refuse_in_use(database: sqlite3.Connection, url: str) -> None:
    """Take the database for this connection alone, until it is closed."""
    try:
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        database.execute("BEGIN EXCLUSIVE")
        database.execute("COMMIT")
    except sqlite3.DatabaseError as error:
        for name, why in IN_THE_WAY.items():
            if error.sqlite_errorname.startswith(name):
                raise StoreUnavailable(said("store {url}: {why}", url=url, why=why)) from error
        raise
