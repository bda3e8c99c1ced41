"""What the parts of the SQL store share: the database, and SQL that both dialects understand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from scheduler.store.database import Database

T = TypeVar("T")
# Both databases bound the parameters of one statement; the lower bound is 32,766.
ITEMS_PER_STATEMENT = 10_000


class OnDatabase:
    """Base of the store's parts. Jobs pass as plain rows, which is quick; the rest as models."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def _read_models(self) -> Iterator[Session]:
        with self._database.read() as connection, Session(connection) as session:
            yield session

    @contextmanager
    def _write_models(self) -> Iterator[Session]:
        with self._database.write() as connection, Session(connection) as session:
            yield session
            session.flush()


def chunked(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """Return the items in pieces that fit one statement's IN."""
    for start in range(0, len(items), ITEMS_PER_STATEMENT):
        yield items[start : start + ITEMS_PER_STATEMENT]


def insert_or(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return an insert that can say what to do about a row that is there already."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)
