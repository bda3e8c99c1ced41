"""A running service, and either client of it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from scheduler.client import Tendik
from tests.cli.conftest import address, pauses, script, service
from tests.cli.world import TOKEN
from tests.client.both import awaited, blocking

__all__ = ["address", "pauses", "script", "service"]


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test a home without a login, and return it."""
    for name in [name for name in os.environ if name.startswith(("TENDIK_", "SBATCH_", "XDG_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def environ(address: str, nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Say in the environment which service is meant, and as whom."""
    monkeypatch.setenv("TENDIK_SERVER", address)
    monkeypatch.setenv("TENDIK_TOKEN", TOKEN)


@pytest.fixture(params=["sync", "async"])
def tendik(request: pytest.FixtureRequest, environ: None, pauses: list[float]) -> Iterator[Tendik]:
    """Return the client in both its forms, one after the other."""
    with asyncio.Runner() as runner:
        client = blocking(pauses) if request.param == "sync" else awaited(runner, pauses)
        yield client
        client.close()
