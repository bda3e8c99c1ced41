"""Whatever happens to jobs and grants, every GPU-second is paid for once or refunded."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from scheduler.ports import Store
from scheduler.simulation.memory_store import MemoryStore
from scheduler.store.sql import open_store
from tests.contracts.postgres import PostgresServer
from tests.store.budget_machine import Budgets


class InMemory(Budgets):
    """Memory does not outlive its service: there, nobody dies."""

    def opened(self) -> Store:
        return MemoryStore()

    def die(self) -> None:
        """Do nothing."""


class InAFile(Budgets):
    """A file is opened again by whoever comes after."""

    folder: Path

    def opened(self) -> Store:
        return open_store(f"sqlite:///{self.folder / f'{id(self)}.db'}")

    def teardown(self) -> None:
        super().teardown()
        for file in self.folder.glob(f"{id(self)}.db*"):
            file.unlink()


class OnAServer(Budgets):
    """Each life has a database of its own on a server that goes on."""

    server: PostgresServer

    def opened(self) -> Store:
        if "database" not in self.__dict__:
            self.database = self.server.new_database()
        return open_store(self.server.url(self.database))

    def teardown(self) -> None:
        super().teardown()
        self.server.drop_database(self.database)


def test_in_memory() -> None:
    run_state_machine_as_test(InMemory, settings=_examples(100))


def test_in_a_file_that_is_opened_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(InAFile, "folder", tmp_path, raising=False)

    run_state_machine_as_test(InAFile, settings=_examples(10))


@pytest.mark.postgres
def test_on_a_server(postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OnAServer, "server", postgres, raising=False)

    run_state_machine_as_test(OnAServer, settings=_examples(5))


def _examples(number: int) -> settings:
    return settings(
        max_examples=number,
        stateful_step_count=50,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
