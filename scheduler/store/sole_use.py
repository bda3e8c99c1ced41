"""Keeps a second service off a SQLite file: a lock beside it that dies with its holders."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from scheduler.errors import StoreUnavailable
from scheduler.texts import Said, said

# A service that was killed leaves an engine which ends as soon as it notices.
PATIENCE_S = 5.0
TRY_EVERY_S = 0.1


@contextmanager
def sole_use(url: str, patience_s: float = PATIENCE_S) -> Iterator[int | None]:
    """Have the SQLite file of this URL alone for the length of the block; yield the lock.

    The lock is a descriptor, and lasts as long as any process holds it; the kernel takes it back
    from those that die. None for every other kind of database. Raises StoreUnavailable naming the
    process that has the file.
    """
    file = _sqlite_file(url)
    if file is None:
        yield None
        return
    lock = _opened(url, file.with_name(f"{file.name}.lock"))
    try:
        _take(lock, url, patience_s)
        yield lock
    finally:
        os.close(lock)


def _sqlite_file(url: str) -> Path | None:
    """Return the file itself, not a link to it; what is no URL is refused by who opens it."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        return None
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        return None
    return Path(str(parsed.database)).resolve()


def _opened(url: str, file: Path) -> int:
    try:
        return os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreUnavailable(
            said(
                "store {url}: no lock {file!r}: {reason}",
                url=url,
                file=str(file),
                reason=error.strerror,
            )
        ) from error


def _take(lock: int, url: str, patience_s: float) -> None:
    deadline_s = time.monotonic() + patience_s
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline_s:
                raise StoreUnavailable(_taken(lock, url)) from None
            time.sleep(TRY_EVERY_S)
        else:
            os.ftruncate(lock, 0)
            os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
            return


def _taken(lock: int, url: str) -> Said:
    holder = os.pread(lock, 20, 0).decode(errors="replace").strip() or said("unknown")
    return said(
        "store {url}: another service (process {holder}) has this SQLite file; stop "
        "it, or use PostgreSQL for several services on one database",
        url=url,
        holder=holder,
    )
