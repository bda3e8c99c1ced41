"""Brings a database's schema to the one this code knows, or refuses the database by name."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from scheduler.errors import StoreUnavailable
from scheduler.store.database import Database
from scheduler.store.faults import refuse_damaged
from scheduler.texts import said

# A name of our own: how a database of ours is told from anyone else's that uses Alembic.
VERSION_TABLE = "tendik_schema"


def migrate(database: Database, to: str = "head") -> None:
    """Create or upgrade the schema in one transaction that no other writer shares.

    A version that runs already goes on with a later one's schema: migrations only add.

    Raises StoreUnavailable for a database that is damaged, not ours, or newer than this code.
    """
    with database.write() as connection:
        _have_time(connection)
        _refuse_damaged(connection, database.name)
        _refuse_foreign(connection, database.name)
        config = _config(connection)
        _refuse_newer(connection, ScriptDirectory.from_config(config), database.name)
        command.upgrade(config, to)


def _have_time(connection: Connection) -> None:
    """A writer that falls silent is cut off, but reading the scripts may take seconds."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")


def known_revisions() -> tuple[str, ...]:
    """Return the schemas that this code knows, oldest first."""
    scripts = ScriptDirectory.from_config(_scripts())
    return tuple(script.revision for script in scripts.walk_revisions())[::-1]


def tables_of(connection: Connection) -> list[str]:
    return sorted(inspect(connection).get_table_names())


def _config(connection: Connection) -> Config:
    config = _scripts()
    config.attributes["connection"] = connection
    return config


def _scripts() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def _refuse_damaged(connection: Connection, name: str) -> None:
    if connection.dialect.name != "sqlite":
        return
    refuse_damaged(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one(), name)


def _refuse_foreign(connection: Connection, name: str) -> None:
    tables = tables_of(connection)
    if tables and VERSION_TABLE not in tables:
        raise StoreUnavailable(
            said(
                "store {name}: the database holds something else (a table {tables!r}); name "
                "one that is empty or was made by this service",
                name=name,
                tables=tables[0],
            )
        )


def _refuse_newer(connection: Connection, scripts: ScriptDirectory, name: str) -> None:
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    unknown = sorted(set(context.get_current_heads()) - set(known_revisions()))
    if unknown:
        raise StoreUnavailable(
            said(
                "store {name}: its schema {unknown!r} is newer than this version, which knows "
                "up to {newest!r}; run the version that wrote it, or a later one",
                name=name,
                unknown=unknown[0],
                newest=scripts.get_current_head(),
            )
        )
