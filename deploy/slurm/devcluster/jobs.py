"""The jobs of a cluster that outlive its daemons."""

from __future__ import annotations

import signal
from collections.abc import Iterable
from pathlib import Path

from deploy.slurm.devcluster.processes import Process, all_pids, look, open_files, parent_of

STEP_KEEPER = "slurmstepd"


def kill_jobs(folder: Path, node: str = "") -> None:
    """Kill every step keeper of this cluster, or of one node, with all that runs below it."""
    logs = f"{folder}/log/slurmd.{node}.log" if node else f"{folder}/log/"
    # Gathered before the first kill: who loses his parent cannot be found by it any more.
    family = _family({process.pid for process in _step_keepers(logs)})
    for process in family:
        process.send(signal.SIGKILL)
    for process in family:
        process.ends_within(5)


def descendants(pid: int) -> list[Process]:
    """Return what runs below a process, at any depth."""
    return [process for process in _family({pid}) if process.pid != pid]


def _step_keepers(logs: str) -> Iterable[Process]:
    """Yield the slurmstepd that hold a file open whose path begins with `logs`."""
    for process in filter(None, map(look, all_pids())):
        holds = (path.startswith(logs) for path in open_files(process.pid))
        if process.program == STEP_KEEPER and any(holds):
            yield process


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
