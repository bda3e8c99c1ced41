"""What a cluster measured of a run as it ran: how much of what it held it used."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import ceil
from typing import TypeVar

T = TypeVar("T", int, float)


@dataclass(frozen=True, slots=True)
class Measured:
    """What one run used; None where the cluster does not gather it.

    `cpu_s` is the CPU time of all. `task_cpus` is how many CPUs the busiest task that srun started
    used on average, `script_cpus` the same of the script, which has the whole first node to itself.
    `node_memory_mib` is no less than what it had at once on any of its nodes. `gpu_percent` is how
    busy its GPUs were on average.
    """

    cpu_s: float | None = None
    task_cpus: float | None = None
    script_cpus: float | None = None
    node_memory_mib: int | None = None
    gpu_percent: int | None = None


@dataclass(frozen=True, slots=True)
class MeasuredRun:
    """What was measured of a backend's job; `job_id` and `attempt` come from its marker."""

    slurm_id: int
    job_id: int
    attempt: int
    measured: Measured


@dataclass(frozen=True, slots=True)
class MeasuredStep:
    """A part of a run: the script, or tasks that srun started, from `begin_s` to `end_s`.

    `task_cpu_s` and `task_memory_mib` are of the task that used most, each for itself.
    """

    is_script: bool
    begin_s: int
    end_s: int
    nodes: int
    tasks: int
    task_cpu_s: float | None = None
    task_memory_mib: int | None = None
    gpu_percent: int | None = None

    @property
    def task_cpus(self) -> float | None:
        """Return the CPUs that the busiest task used on average; None where it is not known."""
        if self.task_cpu_s is None:
            return None
        return self.task_cpu_s / max(1, self.end_s - self.begin_s)

    @property
    def node_memory_mib(self) -> int:
        """Return no less than what the step had on any of its nodes."""
        return (self.task_memory_mib or 0) * ceil(self.tasks / max(1, self.nodes))


def measured_in(cpu_s: float | None, steps: Sequence[MeasuredStep]) -> Measured:
    """Return what the steps of a run come to; `cpu_s` is the whole run's CPU time."""
    if all(step.task_memory_mib is None for step in steps):
        # Without figures of any step the run's own CPU time is 0, whatever it used.
        return Measured()
    return Measured(
        cpu_s,
        _most(step.task_cpus for step in steps if not step.is_script),
        _most(step.task_cpus for step in steps if step.is_script),
        _memory_at_once(steps),
        _most(step.gpu_percent for step in steps),
    )


def _memory_at_once(steps: Iterable[MeasuredStep]) -> int:
    """Return the most memory on a node as if all steps were on it, each at its most all along.

    A job may have tens of thousands of them: they are gone through once, in the order of time.
    """
    changes: list[tuple[int, int]] = []
    for step in steps:
        if step.begin_s <= step.end_s:
            # Its last second counts. Of one moment, what is given back is sorted first.
            changes += (step.begin_s, step.node_memory_mib), (step.end_s + 1, -step.node_memory_mib)
    return max(accumulate(change for _, change in sorted(changes)), default=0)


def _most(figures: Iterable[T | None]) -> T | None:
    return max((figure for figure in figures if figure is not None), default=None)
