"""Sees the sbatch of a process come and go, within a millisecond or two."""

from __future__ import annotations

import time
from collections.abc import Iterator

from deploy.slurm.devcluster.processes import all_pids, look, parent_of

# A process is a copy of its parent, then env, then sbatch: after this long it is what it is.
SETTLED_S = 0.5


class SbatchWatch:
    """Knows which sbatch run below a process, and how many have ended since it began to watch.

    It only looks at processes that are new: a look at all of them takes longer than an sbatch.
    """

    def __init__(self) -> None:
        now_s = time.monotonic()
        self._first_seen_s = dict.fromkeys(all_pids(), now_s - SETTLED_S)
        self._ancestors: dict[int, frozenset[int]] = {}
        self._running: set[int] = set()

    def look(self) -> None:
        now_s, pids = time.monotonic(), set(all_pids())
        self._running &= pids
        self._first_seen_s = {pid: self._first_seen_s.get(pid, now_s) for pid in pids}
        for pid, since_s in self._first_seen_s.items():
            if now_s - since_s < SETTLED_S and pid not in self._running:
                self._take_up(pid)

    def running_below(self, pid: int) -> int:
        return sum(pid in self._ancestors[one] for one in self._running)

    def ended_below(self, pid: int) -> int:
        below = sum(pid in ancestors for ancestors in self._ancestors.values())
        return below - self.running_below(pid)

    def _take_up(self, pid: int) -> None:
        process = look(pid)
        if process is not None and process.program == "sbatch":
            self._ancestors[pid] = frozenset(_ancestors_of(pid))
            self._running.add(pid)


def _ancestors_of(pid: int) -> Iterator[int]:
    parent = parent_of(pid)
    while parent and parent > 1:
        yield parent
        parent = parent_of(parent)
