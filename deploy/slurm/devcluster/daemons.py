"""One daemon: started in its own session, known by a pid file, ended by it."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.slurm.devcluster.processes import Process, look

START_LIMIT_S = 30.0
STOP_LIMIT_S = 20.0
TAIL_LINES = 15
POLL_S = 0.1


class DaemonFailed(Exception):
    """A daemon ended or never became ready; the message holds the tail of its log."""

    def __init__(self, name: str, what: str, log: Path) -> None:
        super().__init__(f"{name} {what}; the end of {log}:\n{_tail(log)}")
        self.name = name
        self.log = log


@dataclass(frozen=True, slots=True)
class Daemon:
    """A program of the cluster that stays; `ready` is a command that succeeds once it serves."""

    name: str
    argv: tuple[str, ...]
    ready: tuple[str, ...]
    folder: Path
    env: Mapping[str, str]

    @property
    def log(self) -> Path:
        """What the daemon prints; Slurm's own log files, with times, end in .log."""
        return self.folder / "log" / f"{self.name}.out"

    @property
    def pid_file(self) -> Path:
        return self.folder / "run" / f"{self.name}.pid"

    def process(self) -> Process | None:
        """Return the running process of this daemon, or None."""
        return running(self.pid_file)

    def start(self) -> None:
        """Start the daemon unless it runs; raise DaemonFailed when it ends at once."""
        if self.process():
            return
        with self.log.open("ab") as log:
            child = subprocess.Popen(
                self.argv, env=dict(self.env), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                cwd=self.folder, start_new_session=True,
            )  # fmt: skip
        process = _first_look(child)
        if process is None:
            child.kill()
            raise DaemonFailed(self.name, "ended at once", self.log)
        self.pid_file.write_text(f"{process.pid} {process.started_ticks} {process.program}\n")

    def send(self, number: signal.Signals) -> None:
        """Signal the daemon; one that does not run is left in peace."""
        if process := self.process():
            process.send(number)

    def kill(self) -> None:
        """End the daemon as a crash would, with no time to save; return once it is gone."""
        if process := self.process():
            process.send(signal.SIGKILL)
            process.ends_within(STOP_LIMIT_S)

    def check(self) -> None:
        """Raise DaemonFailed when the daemon does not run."""
        if self.process() is None:
            raise DaemonFailed(self.name, "ended", self.log)

    def wait_until_ready(self) -> None:
        """Return once the daemon serves; raise DaemonFailed when it ends or takes too long."""
        complaint = ""

        def is_ready() -> bool:
            nonlocal complaint
            self.check()
            complaint = complaint_of(self.ready, self.env)
            return not complaint

        if not wait_for(is_ready, START_LIMIT_S):
            raise DaemonFailed(self.name, f"was not ready in time ({complaint})", self.log)


def running(pid_file: Path) -> Process | None:
    """Return the process a pid file speaks of, if it is still that program."""
    try:
        pid, started_ticks, program = pid_file.read_text().split()
    except (FileNotFoundError, ValueError):
        return None
    process = Process(int(pid), int(started_ticks), program)
    return process if process.is_alive() else None


def stop(pid_file: Path) -> None:
    """End the process of a pid file, kindly first, and remove the file."""
    process = running(pid_file)
    if process:
        process.send(signal.SIGTERM)
        if not process.ends_within(STOP_LIMIT_S):
            process.send(signal.SIGKILL)
            process.ends_within(STOP_LIMIT_S)
    pid_file.unlink(missing_ok=True)


def _first_look(child: subprocess.Popen[bytes]) -> Process | None:
    """Return the child once the kernel shows its arguments, which is a moment after its start."""
    wait_for(lambda: look(child.pid) is not None or child.poll() is not None, 5)
    return look(child.pid)


def complaint_of(argv: tuple[str, ...], env: Mapping[str, str]) -> str:
    """Return what a command that failed has said; an empty text when it went well."""
    try:
        done = subprocess.run(
            argv, env=dict(env), capture_output=True, text=True, timeout=10, check=False
        )
    except subprocess.TimeoutExpired:
        return f"{argv[0]} did not answer"
    return (
        done.stderr.strip() or f"{argv[0]} ended with {done.returncode}" if done.returncode else ""
    )


def wait_for(condition: Callable[[], bool], limit_s: float) -> bool:
    """Ask until the condition holds or the time is over; return whether it held."""
    deadline = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_S)
    return True


def _tail(log: Path) -> str:
    try:
        lines = log.read_text(errors="replace").splitlines()
    except FileNotFoundError:
        return "  (no log)"
    return "\n".join(f"  {line}" for line in lines[-TAIL_LINES:])
