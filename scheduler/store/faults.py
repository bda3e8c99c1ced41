"""What a database's error means, in words that say what to do about it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from scheduler.errors import StoreUnavailable
from scheduler.texts import Said, listed, said

# By the beginning of SQLite's error name or PostgreSQL's SQLSTATE; the longest that fits counts.
MEANINGS: Mapping[str, Said] = {
    "SQLITE_FULL": said("the disk is full; free space on it"),
    "SQLITE_READONLY": said("the database is read only; check its file's and folder's permissions"),
    "SQLITE_BUSY": said("another process holds the database's lock; try again"),
    "SQLITE_LOCKED": said("another connection holds a table's lock; try again"),
    "SQLITE_CORRUPT": said("the database is damaged; restore it from a backup"),
    "SQLITE_NOTADB": said("the file is not an SQLite database; name another, or restore a backup"),
    "SQLITE_CANTOPEN": said("the file cannot be opened; its folder must exist and be writable"),
    "SQLITE_IOERR": said("the disk failed to read or write; check it and its free space"),
    "SQLITE_CONSTRAINT": said(
        "what is to be stored contradicts what is stored; is another scheduler writing here?"
    ),
    "08": said("the connection to the server was lost"),
    "23": said(
        "what is to be stored contradicts what is stored; is another scheduler writing here?"
    ),
    "25006": said("the server is read only; connect to the primary"),
    "25P03": said("this process stood still in the middle of a write, and the server ended it"),
    "28": said("the server refuses the login; check the URL's user and password"),
    "3D000": said("the server has no such database; create it"),
    "53100": said("the server's disk is full; free space on it"),
    "53": said("the server is out of a resource"),
    "55P03": said("another process holds the store's lock; try again"),
    "57P": said("the server is stopping or starting"),
    "XX001": said("the database is damaged; restore it from a backup"),
}


@contextmanager
def faults_named(store: str) -> Iterator[None]:
    """Turn whatever the database raises into StoreUnavailable that names the store."""
    try:
        yield
    except (NoSuchModuleError, ArgumentError) as error:
        raise StoreUnavailable(said("store {store}: {error}", store=store, error=error)) from error
    except PoolTimeout as error:
        raise StoreUnavailable(
            said("store {store}: all its connections are busy", store=store)
        ) from error
    except DBAPIError as error:
        raise StoreUnavailable(
            said("store {store}: {meaning}", store=store, meaning=_meaning(error.orig))
        ) from error
    except sqlite3.Error as error:
        raise StoreUnavailable(
            said("store {store}: {meaning}", store=store, meaning=_meaning(error))
        ) from error


def _meaning(original: BaseException | None) -> Said:
    first_line = str(original).partition("\n")[0]
    code = getattr(original, "sqlite_errorname", None) or getattr(original, "sqlstate", None) or ""
    fitting = [start for start in MEANINGS if code.startswith(start)]
    if not fitting:
        return Said(first_line)
    return listed((MEANINGS[max(fitting, key=len)], f"({first_line})"), " ")


def refuse_damaged(quick_check: str, store: str) -> None:
    """Raise StoreUnavailable, in one line, unless SQLite's quick check found nothing."""
    if quick_check != "ok":
        raise StoreUnavailable(
            said(
                "store {store}: {damage} ({finding})",
                store=store,
                damage=MEANINGS["SQLITE_CORRUPT"],
                finding=quick_check.splitlines()[-1],
            )
        )
