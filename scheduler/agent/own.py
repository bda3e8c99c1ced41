"""An agent of one's own: a child process on a private socket, begun anew whenever it was lost."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from threading import Event, Thread
from typing import Self

import structlog

from scheduler.agent.address import UnixSocket
from scheduler.agent.channel import Way
from scheduler.errors import BackendUnavailable
from scheduler.texts import said

log = structlog.get_logger()
# -P: whoever starts the service in a folder of somebody else's must not run that folder's code.
PROGRAM = (sys.executable, "-P", "-m", "scheduler.agent")
# All that the agent may see of our environment, which holds the database's password.
PASSED_ON = ("PATH", "LANG", "TZ", "SLURM_CONF", "PYTHONPATH")
START_LIMIT_S = 60.0
# A crash that repeats must not fill the journal.
RESTART_AFTER_S = 1.0
STOP_LIMIT_S = 5.0


class OwnAgent:
    """Keeps an agent running until it is closed; nobody else can reach it."""

    def __init__(self, backend: str) -> None:
        """Start it and wait until it serves.

        Raises BackendUnavailable with its own words when it does not come up.
        """
        self._folder = tempfile.TemporaryDirectory(prefix="tendik-agent-")
        self._socket = UnixSocket(Path(self._folder.name) / "own" / "agent.sock")
        self._command = (*PROGRAM, "--listen", str(self._socket), "--backend", backend)
        self._stopping = Event()
        try:
            self._process, self._pipe = self._started()
        except BackendUnavailable:
            self._folder.cleanup()
            raise
        self._keeper = Thread(target=self._keep, name="own-agent", daemon=True)
        self._keeper.start()

    @property
    def way(self) -> Way:
        return Way(self._socket)

    @property
    def pid(self) -> int:
        return self._process.pid

    def close(self) -> None:
        """End the agent and what it left behind."""
        self._stopping.set()
        self._process.terminate()
        self._keeper.join(STOP_LIMIT_S)
        self._process.kill()
        self._process.wait()
        self._pipe.close()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _started(self) -> tuple[subprocess.Popen[bytes], Connection]:
        """Start the process; it ends by itself when our end of the pipe is closed, or we died."""
        ours, theirs = Pipe()
        with theirs:
            process = subprocess.Popen(
                [*self._command, "--parent", str(theirs.fileno())],
                env={name: os.environ[name] for name in PASSED_ON if name in os.environ},
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                # A terminal's ^C is for the service, which then ends its agent in order.
                start_new_session=True,
            )
        if complaint := _first_words(ours):
            ours.close()
            process.kill()
            process.wait()
            raise BackendUnavailable(
                said("the agent did not come up: {complaint}", complaint=complaint)
            )
        log.info("agent_started", pid=process.pid)
        return process, ours

    def _keep(self) -> None:
        while True:
            status = self._process.wait()
            if self._stopping.is_set():
                return
            log.error("agent_died", exit_code=status)
            self._begin_anew()

    def _begin_anew(self) -> None:
        self._pipe.close()
        while not self._stopping.wait(RESTART_AFTER_S):
            try:
                self._process, self._pipe = self._started()
            except (BackendUnavailable, OSError) as error:
                log.error("agent_not_up", error=str(error))
            else:
                return


def _first_words(pipe: Connection) -> str:
    """Return what keeps the agent from serving; an empty text when nothing does."""
    if not pipe.poll(START_LIMIT_S):
        return said("no word within {limit_s:.0f} s", limit_s=START_LIMIT_S)
    with suppress(EOFError, OSError):
        return str(pipe.recv())
    return said("its log says why")
