"""Facts about processes, read from /proc; nothing is believed from a pid alone."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Process:
    """A process told apart from a later one with the same pid by its start time."""

    pid: int
    started_ticks: int
    program: str

    def is_alive(self) -> bool:
        """Tell whether this very process still runs; a zombie does not."""
        return look(self.pid) == self

    def send(self, number: signal.Signals) -> None:
        """Signal the process; one that ended meanwhile is left in peace."""
        if self.is_alive():
            os.kill(self.pid, number)

    def ends_within(self, seconds: float) -> bool:
        """Wait for the end of the process; tell whether it came."""
        deadline = time.monotonic() + seconds
        while self.is_alive():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True


def look(pid: int) -> Process | None:
    """Return what runs under the pid now, or None when nothing does."""
    try:
        fields = _stat_fields(pid)
        argv = (PROC / str(pid) / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return None
    if fields[0] in "ZX" or not argv[0]:
        return None
    # A daemon may put a title in place of its arguments: "slurmstepd: [12.batch]".
    program = argv[0].decode(errors="replace").split(":")[0]
    return Process(pid, int(fields[19]), Path(program).name)


def parent_of(pid: int) -> int | None:
    """Return the parent's pid, or None when the process has ended."""
    try:
        return int(_stat_fields(pid)[1])
    except OSError:
        return None


def all_pids() -> Iterator[int]:
    """Yield the pid of every process."""
    return (int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit())


def open_files(pid: int) -> Iterator[str]:
    """Yield the target of every descriptor of the process; none when it has ended."""
    try:
        links = list((PROC / str(pid) / "fd").iterdir())
    except OSError:
        return
    for link in links:
        try:
            yield str(link.readlink())
        except OSError:
            continue


def _stat_fields(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat from the state on (field 3 of proc(5))."""
    text = (PROC / str(pid) / "stat").read_text(errors="replace")
    # The name before it may hold spaces and brackets, so count from the last one.
    return text.rpartition(")")[2].split()
