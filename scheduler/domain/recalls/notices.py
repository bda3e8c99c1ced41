"""The signal by which a job learns that its GPUs are recalled, and what of the job receives it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Receiver(StrEnum):
    """What a signal reaches: the tasks that srun started, the script's shell, or all of it."""

    TASKS = "tasks"
    SCRIPT = "script"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class NoticeSignal:
    """A signal by its name without SIG, or by its number."""

    name: str
    to: Receiver


# What Slurm itself sends first to a job that it ends: who asked for no other signal gets that one,
# with the notice in place of Slurm's KillWait. Unlike SIGUSR1 it means the same to every program.
DEFAULT_NOTICE = NoticeSignal("TERM", Receiver.ALL)


@dataclass(frozen=True, slots=True)
class Notice:
    """A signal on its way to one of our jobs in the cluster."""

    slurm_id: int
    signal: NoticeSignal = DEFAULT_NOTICE
