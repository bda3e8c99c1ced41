"""The engine's own process comes up, is begun anew when it dies, and goes when it is told."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scheduler.engine_process import EngineProcess
from scheduler.replica import Replica
from scheduler.store.sql import SqlStore, open_store
from tests.build import NOON
from tests.engine.rig import found

PATIENCE_S = 30
REPLICA = Replica("tests")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SqlStore]:
    """A founded store, and the environment of an engine on it that ticks ten times a second."""
    url = f"sqlite:///{tmp_path / 'tendik.db'}"
    settings = {"DATABASE_URL": url, "METRICS_LISTEN": "127.0.0.1:0", "CYCLE_INTERVAL_S": "0.1"}
    for name, value in settings.items():
        monkeypatch.setenv(f"TENDIK_{name}", value)
    store = open_store(url)
    found(store, NOON)
    yield store
    store.close()


def soon(condition: Callable[[], bool]) -> bool:
    """Return whether it comes true in time."""
    deadline_s = time.monotonic() + PATIENCE_S
    while not condition() and time.monotonic() < deadline_s:
        time.sleep(0.02)
    return condition()


def cycle(engine: EngineProcess) -> int:
    report = engine.latest().report
    return report.cycle if report else 0


def test_its_cycles_are_known_here_with_the_cluster(store: SqlStore) -> None:
    with EngineProcess(PATIENCE_S, REPLICA) as engine:
        assert soon(lambda: cycle(engine) >= 3)
        view = engine.latest()
        assert (view.backend, view.backend_up) == ("simulated", True)
        assert view.cluster is not None
        assert len(view.cluster.nodes) == 8
        assert soon(lambda: engine.receipt_head().cycle >= 1)
    assert store.last_cycle() >= 3
    ended = store.last_cycle()
    time.sleep(0.5)
    assert store.last_cycle() == ended


def test_one_that_dies_is_begun_anew_and_requests_go_on_meanwhile(store: SqlStore) -> None:
    with EngineProcess(PATIENCE_S, REPLICA) as engine:
        assert soon(lambda: cycle(engine) >= 1)
        os.kill(engine.pid, signal.SIGKILL)
        assert soon(lambda: not engine.latest().backend_up)
        assert engine.latest().cluster is not None
        before = store.last_cycle()
        assert soon(lambda: engine.latest().backend_up and cycle(engine) > before)


def test_what_keeps_it_from_starting_is_told_in_its_own_words(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setenv("TENDIK_METRICS_LISTEN", f"127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(RuntimeError, match=r"did not come up: .*[Aa]ddress already in use"):
            EngineProcess(PATIENCE_S, REPLICA)
    assert store.last_cycle() == 0


def test_one_that_ends_without_a_word_is_no_riddle() -> None:
    with pytest.raises(RuntimeError, match="its log says why"):
        EngineProcess(PATIENCE_S, REPLICA, command=("/bin/true",))
