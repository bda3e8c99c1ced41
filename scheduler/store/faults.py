"""What a database's error means, in words that say what to do about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from scheduler.errors import StoreUnavailable

# By the beginning of SQLite's error name or PostgreSQL's SQLSTATE; the longest that fits counts.
MEANINGS: Mapping[str, str] = {
    "SQLITE_FULL": "the disk is full; free space on it",
    "SQLITE_READONLY": "the database is read only; check its file's and folder's permissions",
    "SQLITE_BUSY": "another process holds the database's lock; try again",
    "SQLITE_LOCKED": "another connection holds a table's lock; try again",
    "SQLITE_CORRUPT": "the database is damaged; restore it from a backup",
    "SQLITE_NOTADB": "the file is not an SQLite database; name another, or restore a backup",
    "SQLITE_CANTOPEN": "the file cannot be opened; its folder must exist and be writable",
    "SQLITE_IOERR": "the disk failed to read or write; check it and its free space",
    "SQLITE_CONSTRAINT": "what is to be stored contradicts what is stored; "
    "is another scheduler writing here?",
    "08": "the connection to the server was lost",
    "23": "what is to be stored contradicts what is stored; is another scheduler writing here?",
    "25006": "the server is read only; connect to the primary",
    "25P03": "this process stood still in the middle of a write, and the server ended it",
    "28": "the server refuses the login; check the URL's user and password",
    "3D000": "the server has no such database; create it",
    "53100": "the server's disk is full; free space on it",
    "53": "the server is out of a resource",
    "55P03": "another process holds the store's lock; try again",
    "57P": "the server is stopping or starting",
    "XX001": "the database is damaged; restore it from a backup",
}


@contextmanager
def faults_named(store: str) -> Iterator[None]:
    """Turn whatever the database raises into StoreUnavailable that names the store."""
    try:
        yield
    except (NoSuchModuleError, ArgumentError) as error:
        raise StoreUnavailable(f"store {store}: {error}") from error
    except PoolTimeout as error:
        raise StoreUnavailable(f"store {store}: all its connections are busy") from error
    except DBAPIError as error:
        raise StoreUnavailable(f"store {store}: {_meaning(error)}") from error


def _meaning(error: DBAPIError) -> str:
    original = error.orig
    first_line = str(original).partition("\n")[0]
    code = getattr(original, "sqlite_errorname", None) or getattr(original, "sqlstate", None) or ""
    fitting = [start for start in MEANINGS if code.startswith(start)]
    if not fitting:
        return first_line
    return f"{MEANINGS[max(fitting, key=len)]} ({first_line})"
