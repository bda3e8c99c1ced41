"""Keeps the engine's process running beside the one that serves requests, and knows its news."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Connection, Pipe
from threading import Event, Thread
from typing import Self

import structlog

from scheduler.domain.receipts import ReceiptHead
from scheduler.domain.records import ClusterView
from scheduler.engine.news import News
from scheduler.replica import Replica

log = structlog.get_logger()
CHILD = (sys.executable, "-m", "scheduler.engine_child")
# A crash that repeats must not fill the journal, and one that does not costs two cycles.
RESTART_AFTER_S = 2.0
LAST_BREATH_S = 5.0


class EngineProcess:
    """Fulfils `ports.ViewReader`; begins the process anew whenever it was lost.

    What a lost engine left half done is what any crash leaves: the next one mends it.
    """

    def __init__(self, patience_s: float, replica: Replica, command: Sequence[str] = CHILD) -> None:
        """Start the process and wait until it is ready.

        Raises RuntimeError with the process's own words when it does not come up.
        """
        self._patience_s = patience_s
        self._replica = replica
        self._command = command
        self._stopping = Event()
        self._process, self._pipe, self._news = self._started()
        self._follower = Thread(target=self._follow, name="engine-news", daemon=True)
        self._follower.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def latest(self) -> ClusterView:
        return self._news.view

    def receipt_head(self) -> ReceiptHead:
        return self._news.receipts

    def agent(self) -> str:
        """Return the address of the engine's agent; an empty text when it has none."""
        return self._news.agent

    def close(self) -> None:
        """Tell the process to end its tick and go; end it when its time is over."""
        self._stopping.set()
        self._tell_to_stop()
        self._follower.join(self._patience_s + LAST_BREATH_S)
        self._tell_to_stop()  # one that was begun meanwhile
        try:
            self._process.wait(LAST_BREATH_S)
        except subprocess.TimeoutExpired:
            log.warning("engine_ended_by_force", patience_s=self._patience_s)
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _started(self) -> tuple[subprocess.Popen[bytes], Connection, News]:
        ours, theirs = Pipe()
        with theirs:
            # In a session of its own a terminal's ^C does not reach it, which means us; and Linux
            # counts its processor time apart from ours, so that a call still gets its turn at once.
            process = subprocess.Popen(
                [*self._command, str(theirs.fileno()), self._replica.name],
                pass_fds=[theirs.fileno(), *self._replica.locks],
                start_new_session=True,
            )
        try:
            said = ours.recv()
        except EOFError:
            said = "its log says why"
        if isinstance(said, News):
            return process, ours, said
        ours.close()
        process.wait()
        raise RuntimeError(f"the engine did not come up: {said}")

    def _tell_to_stop(self) -> None:
        """Any word will do. Closing our end would not reach it while the follower reads there."""
        with suppress(OSError):
            self._pipe.send("stop")

    def _follow(self) -> None:
        """Take in news; when they end and nobody asked for that, begin the process anew."""
        while not self._stopping.is_set():
            try:
                self._take(self._pipe.recv())
            except (EOFError, OSError):
                self._begin_anew()

    def _take(self, news: News) -> None:
        """A view without a cluster means that the one told before still holds."""
        known = news.view.cluster or self._news.view.cluster
        self._news = replace(news, view=replace(news.view, cluster=known))

    def _begin_anew(self) -> None:
        if self._stopping.is_set():
            return
        self._news = replace(self._news, view=replace(self._news.view, backend_up=False))
        self._pipe.close()
        self._process.kill()
        log.error("engine_died", exit_code=self._process.wait())
        while not self._stopping.wait(RESTART_AFTER_S):
            try:
                self._process, self._pipe, first = self._started()
            except (RuntimeError, OSError) as error:
                log.error("engine_not_up", error=str(error))
            else:
                self._take(first)
                return
