"""What every database must go through before it is used: migrated, or refused by name."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from scheduler.domain.jobs import JobState
from scheduler.errors import StoreUnavailable
from scheduler.store.database import Database, open_database
from scheduler.store.migrate import VERSION_TABLE, known_revisions, migrate
from scheduler.store.sql import open_store
from scheduler.store.tables import METADATA
from tests.build import at
from tests.contracts.postgres import PostgresServer
from tests.store.build import add, start


def run(url: str, *statements: str) -> None:
    """Write to the database behind the store's back."""
    database = open_database(url, wait_s=5)
    with database.write() as connection:
        for statement in statements:
            connection.execute(text(statement))
    database.close()


def test_the_migrated_schema_is_the_one_the_tables_declare(store_url: str) -> None:
    database = open_database(store_url, wait_s=5)
    migrate(database)
    with database.read() as connection:
        options = {"version_table": VERSION_TABLE, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, METADATA) == []
    database.close()


def test_opening_again_changes_nothing(lasting_url: str) -> None:
    for _ in range(2):
        open_store(lasting_url).close()


def test_two_that_open_a_new_database_at_once_both_succeed(lasting_url: str) -> None:
    with ThreadPoolExecutor(max_workers=4) as threads:
        stores = list(threads.map(open_store, [lasting_url] * 4))
    assert len({add(store).job_id for store in stores}) == 4
    for store in stores:
        store.close()


def test_a_writer_whose_turn_does_not_come_says_so(lasting_url: str) -> None:
    store, other = open_store(lasting_url, wait_s=0.2), open_database(lasting_url, wait_s=1)
    with other.write():
        with pytest.raises(StoreUnavailable, match=r"another process holds .* lock"):
            add(store)
        assert store.pending() == ()

    add(store)
    store.close()
    other.close()


def test_a_database_newer_than_the_code_is_refused_by_name(lasting_url: str) -> None:
    open_store(lasting_url).close()
    run(lasting_url, f"UPDATE {VERSION_TABLE} SET version_num = '0999'")

    with pytest.raises(StoreUnavailable, match="schema '0999' is newer than this version"):
        open_store(lasting_url)


def test_someone_elses_sqlite_database_is_left_alone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'orders.db'}"
    run(url, "CREATE TABLE orders (n INTEGER)")

    with pytest.raises(StoreUnavailable, match=r"orders\.db.*something else.*'orders'"):
        open_store(url)


@pytest.mark.postgres
def test_someone_elses_postgres_database_is_left_alone(postgres: PostgresServer) -> None:
    url = postgres.url(postgres.new_database())
    run(url, "CREATE TABLE orders (n INTEGER)")

    with pytest.raises(StoreUnavailable, match=r"something else.*'orders'"):
        open_store(url)


@pytest.mark.postgres
def test_a_postgres_server_that_comes_back_is_used_again(
    postgres: PostgresServer, postgres_url: str
) -> None:
    store = open_store(postgres_url, wait_s=2)
    job = add(store)
    postgres.stop()
    try:
        with pytest.raises(StoreUnavailable, match="connection"):
            store.pending()
        with pytest.raises(StoreUnavailable):
            add(store)
    finally:
        postgres.start()

    assert add(store).job_id == job.job_id + 1
    store.close()


@pytest.mark.postgres
def test_a_missing_postgres_database_is_named_without_the_password(
    postgres: PostgresServer,
) -> None:
    url = postgres.url("nowhere").replace("postgres@", "postgres:secret@")

    with pytest.raises(StoreUnavailable, match=r"nowhere.*does not exist") as caught:
        open_store(url)
    assert "secret" not in str(caught.value)


@pytest.mark.postgres
def test_a_writer_that_falls_silent_is_cut_off_and_its_turn_is_the_next_ones(
    postgres_url: str,
) -> None:
    store, silent = open_store(postgres_url, wait_s=10), open_database(postgres_url, wait_s=1)
    with ExitStack() as writing:
        connection = writing.enter_context(silent.write())
        many = [{"value": value} for value in (70, 77)]
        connection.execute(text("UPDATE counters SET value = :value WHERE name = 'job_id'"), many)
        assert add(store).job_id == 1
        with pytest.raises(StoreUnavailable):
            writing.close()
    store.close()
    silent.close()


def columns_at(database: Database, revision: str) -> dict[tuple[str, str], tuple[str, bool]]:
    """Return the type of each column and whether a row must have it, as of a revision."""
    migrate(database, revision)
    with database.read() as connection:
        inspector = inspect(connection)
        return {
            (table, column["name"]): (
                str(column["type"]),
                not column["nullable"] and column["default"] is None,
            )
            for table in inspector.get_table_names()
            for column in inspector.get_columns(table)
        }


def test_a_version_before_goes_on_while_its_schema_is_upgraded(lasting_url: str) -> None:
    """A migration adds tables, and columns that a row may do without: nothing else may go."""
    if lasting_url.startswith("postgresql"):
        run(lasting_url, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
    database = open_database(lasting_url, wait_s=5)
    revisions = known_revisions()
    before = columns_at(database, revisions[0])
    for revision in revisions[1:]:
        after = columns_at(database, revision)
        tables = {table for table, _ in before}
        asked = {column for column, (_, needed) in after.items() if needed and column[0] in tables}
        assert {column: after.get(column) for column in before} == before, revision
        assert asked <= before.keys(), revision
        before = after
    database.close()


def test_a_store_that_is_open_goes_on_when_a_later_version_has_migrated(lasting_url: str) -> None:
    store = open_store(lasting_url)
    assert store.take_lease("old", 60) == 1
    job = add(store)
    run(
        lasting_url,
        "ALTER TABLE jobs ADD COLUMN later TEXT",
        "CREATE TABLE later (n INTEGER)",
        f"UPDATE {VERSION_TABLE} SET version_num = '0999'",
    )

    start(store, add(store), epoch=1)
    assert store.request_cancel(job.job_id, at(5)).state is JobState.CANCELLED
    assert store.renew_lease(1, 60)
    store.close()
