"""Opens the database and hands out its transactions: many readers, one writer at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from sqlite3 import Connection as SqliteConnection
from sqlite3 import OperationalError as SqliteError
from threading import Lock
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import StaticPool

from scheduler.errors import StoreUnavailable
from scheduler.store.faults import faults_named
from scheduler.texts import said

# What is stored may hold secrets of users: the text of an error must not repeat it.
_engine = partial(create_engine, hide_parameters=True)
# Any number will do, as long as every scheduler that shares a server uses the same one.
POSTGRES_WRITER_LOCK = 7_300_451_962
# SQLite's own wait for another process sleeps longer each time, up to 100 ms, while a turn takes a
# few: we let it try for so long, and ask again until our patience ends.
SQLITE_TRY_MS = 3
SQLITE_PAUSE_S = 0.0005
# After so many pages a commit also tidies the log away, which takes as long as several commits.
CHECKPOINT_PAGES = 1000
# A writer that was stopped or cut off in the middle would keep every other one from its turn: the
# server ends its session after so long without a word, and those who wait get their turn in time.
# Our own pauses are milliseconds.
POSTGRES_SILENCE_MS = 3_000
# What opens a transaction: for reading, and for writing. On both databases a write begins by
# waiting for its turn, so that what a writer has read stays true until it commits, and events
# become visible in the order of their ids.
BEGIN: Mapping[str, tuple[str, str]] = {
    "sqlite": ("BEGIN", "BEGIN IMMEDIATE"),
    "postgresql": (
        "",
        f"SELECT set_config('idle_in_transaction_session_timeout', '{POSTGRES_SILENCE_MS}', true),"
        f" pg_advisory_xact_lock({POSTGRES_WRITER_LOCK})",
    ),
}


class Database:
    """An open database. Its transactions raise StoreUnavailable for every fault of it."""

    def __init__(self, engine: Engine, wait_s: float) -> None:
        self.engine = engine
        self._wait_s = wait_s
        self.name = engine.url.render_as_string(hide_password=True)
        self._begin_read, self._begin_write = BEGIN[engine.dialect.name]
        # Waiting here is fair and costs nothing; SQLite itself would poll for its lock.
        self._turn: AbstractContextManager[object] = Lock()
        in_memory = isinstance(engine.pool, StaticPool)
        self._reading_turn = self._turn if in_memory else nullcontext()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction that sees one state of the data, where the database can."""
        with faults_named(self.name), self._reading_turn, self.engine.begin() as connection:
            if self._begin_read:
                connection.exec_driver_sql(self._begin_read)
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open the one writing transaction; durable once the block is left without an error."""
        with faults_named(self.name), self._turn, self.engine.begin() as connection:
            self._take_turn(connection)
            yield connection

    def _take_turn(self, connection: Connection) -> None:
        """Begin to write, as soon as no other process does."""
        _once_free(lambda: connection.exec_driver_sql(self._begin_write), self._wait_s)

    def close(self) -> None:
        self.engine.dispose()


def _once_free(ask: Callable[[], object], wait_s: float) -> None:
    """Ask SQLite again, for so long at most, while another process or connection is at it."""
    deadline_s = time.monotonic() + wait_s
    while True:
        try:
            ask()
        except (OperationalError, SqliteError) as error:
            fault = error.orig if isinstance(error, OperationalError) else error
            name = getattr(fault, "sqlite_errorname", "")
            if not name.startswith("SQLITE_BUSY") or time.monotonic() > deadline_s:
                raise
            time.sleep(SQLITE_PAUSE_S)
        else:
            return


def open_database(url: str, wait_s: float, checkpoint_pages: int = CHECKPOINT_PAGES) -> Database:
    """Open the database of this URL; a lock or a connection is waited for at most `wait_s`.

    Of several processes on one SQLite file, the one with the least `checkpoint_pages` tidies the
    log; the others' commits are spared it. Raises StoreUnavailable when the URL is not understood;
    connects only on first use.
    """
    with faults_named(repr(url)):
        parsed = make_url(url)
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    build = ENGINES.get(parsed.drivername)
    if build is None:
        raise StoreUnavailable(
            said(
                "store {url}: unknown kind of database; use sqlite:///FILE or "
                "postgresql://USER@HOST/NAME",
                url=parsed.render_as_string(),
            )
        )
    return Database(build(parsed, wait_s, checkpoint_pages), wait_s)


def _sqlite(url: URL, wait_s: float, checkpoint_pages: int) -> Engine:
    arguments = {"check_same_thread": False, "timeout": wait_s}
    if url.database in (None, "", ":memory:"):
        engine = _engine(url, poolclass=StaticPool, connect_args=arguments)
    else:
        engine = _engine(url, pool_timeout=wait_s, connect_args=arguments)
    event.listen(engine, "connect", partial(_prepare_sqlite, checkpoint_pages, wait_s))
    return engine


def _prepare_sqlite(
    checkpoint_pages: int, wait_s: float, connection: SqliteConnection, _record: object
) -> None:
    # The driver would begin transactions late and by its own rules; `Database` does it instead.
    connection.isolation_level = None
    # Of several that open a new file at once one makes the change; SQLite lets none wait for it.
    _once_free(lambda: connection.execute("PRAGMA journal_mode = WAL"), wait_s)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA wal_autocheckpoint = {checkpoint_pages}")
    connection.execute(f"PRAGMA busy_timeout = {SQLITE_TRY_MS}")


def _postgres(url: URL, wait_s: float, _checkpoint_pages: int) -> Engine:
    # An operator may run the server with synchronous_commit off; what we acknowledge is durable.
    settings = f"-c synchronous_commit=on -c timezone=UTC -c lock_timeout={round(wait_s * 1000)}"
    engine = _engine(
        url,
        pool_pre_ping=True,
        pool_timeout=wait_s,
        connect_args={
            "connect_timeout": max(2, round(wait_s)),
            "tcp_user_timeout": 10_000,
            "options": settings,
        },
    )
    event.listen(engine, "after_cursor_execute", _end_pipeline, named=True)
    return engine


def _end_pipeline(cursor: Any, executemany: bool, **_: object) -> None:
    """Say one plain word after many rows: the server does not time a silence after a pipeline."""
    if executemany:
        cursor.connection.execute("")


ENGINES: Mapping[str, Callable[[URL, float, int], Engine]] = {
    "sqlite": _sqlite,
    "postgresql+psycopg": _postgres,
}
