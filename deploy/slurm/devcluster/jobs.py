"""The jobs of a cluster that outlive its daemons."""

from __future__ import annotations

import signal
from collections.abc import Iterable
from pathlib import Path

from deploy.slurm.devcluster.processes import Process, all_pids, look, open_files, parent_of

STEP_KEEPER = "slurmstepd"


def kill_jobs(folder: Path) -> None:
    """Kill every step keeper of this cluster with all that runs below it."""
    # Gathered before the first kill: who loses his parent cannot be found by it any more.
    family = _family({process.pid for process in _step_keepers(folder)})
    for process in family:
        process.send(signal.SIGKILL)
    for process in family:
        process.ends_within(5)


def _step_keepers(folder: Path) -> Iterable[Process]:
    """Yield this cluster's slurmstepd: those that hold a log of the folder open."""
    for process in filter(None, map(look, all_pids())):
        if process.program == STEP_KEEPER and _holds_log_of(process.pid, folder):
            yield process


def _holds_log_of(pid: int, folder: Path) -> bool:
    logs = f"{folder}/log/"
    return any(path.startswith(logs) for path in open_files(pid))


def _family(ancestors: set[int]) -> list[Process]:
    """Return the processes and all their descendants."""
    children: dict[int, list[int]] = {}
    for pid in all_pids():
        children.setdefault(parent_of(pid) or 0, []).append(pid)
    family, waiting = [], list(ancestors)
    while waiting:
        pid = waiting.pop()
        family.append(look(pid))
        waiting += children.get(pid, [])
    return [process for process in family if process]
