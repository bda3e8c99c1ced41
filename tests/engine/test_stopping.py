"""Stopping waits for the running tick, and says when it did not end in time."""

from __future__ import annotations

import threading

from scheduler.engine.loop import Engine, EngineThread


class StuckEngine(Engine):
    """Its one tick lasts until `released` is set."""

    def __init__(self) -> None:
        self.began = threading.Event()
        self.released = threading.Event()

    def careful_tick(self) -> bool:
        self.began.set()
        return self.released.wait(10)


def test_stop_says_whether_the_running_tick_ended() -> None:
    engine = StuckEngine()
    thread = EngineThread(engine, interval_s=60)
    thread.start()
    assert engine.began.wait(10)

    assert not thread.stop(patience_s=0.01)
    engine.released.set()
    assert thread.stop(patience_s=10)
