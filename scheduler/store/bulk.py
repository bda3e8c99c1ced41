"""Runs one statement for many rows with little work per row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from operator import itemgetter

from sqlalchemy import Connection, Dialect, Insert, Table, Update, bindparam, insert, update
from sqlalchemy.dialects.postgresql import psycopg
from sqlalchemy.dialects.sqlite import pysqlite

# The dialects, with parameters that are told apart by their place.
DIALECTS: Mapping[str, Callable[[], Dialect]] = {
    "sqlite": partial(pysqlite.dialect, paramstyle="qmark"),
    "postgresql": partial(psycopg.dialect, paramstyle="format"),
}


@dataclass(frozen=True, slots=True)
class Prepared:
    """A statement in one database's words: its SQL, and how a row becomes its parameters."""

    sql: str
    in_order: Callable[[dict[str, object]], tuple[object, ...]]
    conversions: Mapping[str, Callable[[object], object]]


@dataclass(frozen=True, slots=True)
class Bulk:
    """An insert or update whose parameters are a row's columns by name.

    SQLAlchemy's own way with many rows goes through every value of each in Python, and takes
    longer than the database does. Here the statement is compiled once and the driver gets plain
    tuples; only values whose column type converts them are touched, and NULL is NULL.
    """

    statement: Insert | Update
    _prepared: dict[str, Prepared] = field(default_factory=dict, init=False)

    def run(self, connection: Connection, rows: Sequence[dict[str, object]]) -> None:
        """Run the statement for each row; the rows are the caller's no more."""
        if not rows:
            return
        prepared = self._for(connection.dialect)
        for name, convert in prepared.conversions.items():
            for row in rows:
                if row[name] is not None:
                    row[name] = convert(row[name])
        connection.exec_driver_sql(prepared.sql, list(map(prepared.in_order, rows)))

    def _for(self, dialect: Dialect) -> Prepared:
        if dialect.name not in self._prepared:
            self._prepared[dialect.name] = _prepare(self.statement, dialect)
        return self._prepared[dialect.name]


def bulk_insert(table: Table, *without: str) -> Bulk:
    """Return an insert into all the table's columns but those that it fills in by itself."""
    names = [column.name for column in table.columns if column.name not in without]
    return Bulk(insert(table).values(**{name: bindparam(name) for name in names}))


def bulk_update(table: Table, key: str, *columns: str) -> Bulk:
    """Return an update of these columns of the row with this key; a row names both alike."""
    # An update's own column names are taken, so the key's parameter has another.
    at_key = update(table).where(table.c[key] == bindparam(f"at_{key}"))
    return Bulk(at_key.values(**{name: bindparam(name) for name in columns}))


def _prepare(statement: Insert | Update, dialect: Dialect) -> Prepared:
    by_place = DIALECTS[dialect.name]()
    compiled = statement.compile(dialect=by_place)
    names: Sequence[str] = getattr(compiled, "positiontup", None) or ()
    binds = getattr(compiled, "binds", {})
    processors = {
        name: binds[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names
    }
    conversions = {name: convert for name, convert in processors.items() if convert}
    return Prepared(str(compiled), itemgetter(*names), conversions)
