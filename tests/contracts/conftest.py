"""Every database that can be the store, each test on a fresh one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from scheduler.ports import Store
from scheduler.simulation.memory_store import MemoryStore
from scheduler.store.sql import open_store
from tests.contracts.postgres import PostgresServer, running_postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A running server."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(postgres: PostgresServer) -> str:
    """The name of a migrated, empty database; copying it is quicker than migrating each."""
    name = postgres.new_database()
    open_store(postgres.url(name)).close()
    return name


@pytest.fixture
def postgres_url(postgres: PostgresServer, postgres_template: str) -> Iterator[str]:
    """The URL of a fresh, migrated database."""
    name = postgres.new_database(postgres_template)
    yield postgres.url(name)
    postgres.drop_database(name)


POSTGRES = pytest.param("postgres", marks=pytest.mark.postgres)


def url_of(kind: str, request: pytest.FixtureRequest, folder: Path) -> str:
    """Return the URL of a fresh database of this kind."""
    if kind == "postgres":
        url: str = request.getfixturevalue("postgres_url")
        return url
    return "sqlite://" if kind == "sqlite-memory" else f"sqlite:///{folder / 'store.db'}"


@pytest.fixture(params=["sqlite-memory", "sqlite-file", POSTGRES])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh database, of each kind in turn."""
    return url_of(request.param, request, tmp_path)


@pytest.fixture(params=["sqlite-file", POSTGRES])
def lasting_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh database, of each kind that outlives its store in turn."""
    return url_of(request.param, request, tmp_path)


@pytest.fixture(params=["memory", "sqlite-memory", "sqlite-file", POSTGRES])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store, of each kind in turn."""
    kind = request.param
    store: Store = (
        MemoryStore() if kind == "memory" else open_store(url_of(kind, request, tmp_path))
    )
    yield store
    store.close()
