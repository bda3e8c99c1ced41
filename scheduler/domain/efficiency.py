"""What a job used against what it asked for, and what it may ask for the next time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import ceil

from scheduler.domain.jobs import Job, JobState
from scheduler.domain.measured import Measured
from scheduler.domain.requests import MemoryPer
from scheduler.domain.resources import Gang
from scheduler.texts import Said, said

# What is advised leaves so much above what was seen: runs differ.
CPU_MARGIN = 1.25
MEMORY_MARGIN = 1.25
TIME_MARGIN = 1.5
# Only what saves so much of what was asked for is worth a change.
WORTH_A_CHANGE = 0.75
SHORTEST_JUDGED_S = 60
MIB_PER_GIB = 1024
# Amounts are rounded up to these steps, each up to its own end.
_GIB_STEPS = ((8, 1), (64, 4), (1 << 40, 16))
_MINUTE_STEPS = ((60, 5), (12 * 60, 30), (1 << 40, 60))


class NoAdvice(StrEnum):
    """Why a job is told what it used, and not what to ask for."""

    NOT_ENDED = "not_ended"
    DID_NOT_COMPLETE = "did_not_complete"
    TOO_SHORT = "too_short"


NO_ADVICE: Mapping[NoAdvice, Said] = {
    NoAdvice.NOT_ENDED: said("it has not ended; what it used is known then"),
    NoAdvice.DID_NOT_COMPLETE: said("it did not complete, and might have used more: no advice"),
    NoAdvice.TOO_SHORT: said("it ran under a minute, too short to judge: no advice"),
}


@dataclass(frozen=True, slots=True)
class Use:
    """How much was used of what was held, in one unit; `flags` ask for less the next time.

    `used` is None where it is not known.
    """

    used: float | None
    held: float
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Efficiency:
    """What a job used: CPUs on average, MiB at most on a node, seconds, and GPUs in per cent."""

    cpu: Use
    memory: Use
    walltime: Use
    gpu: Use


def no_advice(job: Job) -> NoAdvice | None:
    """Return why nothing is advised whatever was used; None where something may be."""
    if job.ended_at is None:
        return NoAdvice.NOT_ENDED
    if job.state is not JobState.COMPLETED:
        return NoAdvice.DID_NOT_COMPLETE
    return NoAdvice.TOO_SHORT if _ran_s(job) < SHORTEST_JUDGED_S else None


def efficiency(job: Job) -> Efficiency | None:
    """Return what the job's last run used; None while it has not ended, or if it never ran.

    What is advised is never below what was used, on any node and by any task that is known of.
    """
    if job.placement is None or job.started_at is None or job.ended_at is None:
        return None
    held, measured = job.placement.gang, job.measured or Measured()
    is_judged = no_advice(job) is None
    task_cpus = _task_cpus_advised(job, held, measured) if is_judged else None
    node_mib = _node_mib_advised(job, held, measured, task_cpus) if is_judged else None
    ran_s = _ran_s(job)
    return Efficiency(
        Use(
            None if measured.cpu_s is None else measured.cpu_s / max(1.0, ran_s),
            held.nodes * held.per_node.cpus,
            (f"--cpus-per-task={task_cpus}",) if task_cpus else (),
        ),
        Use(
            measured.node_memory_mib,
            held.per_node.memory_mib,
            (_memory_flag(job, held, node_mib, task_cpus),) if node_mib else (),
        ),
        Use(ran_s, job.spec.request.walltime_s, _time_flags(job) if is_judged else ()),
        Use(measured.gpu_percent, 100),
    )


def _ran_s(job: Job) -> float:
    if job.started_at is None or job.ended_at is None:
        return 0.0
    return max(0.0, (job.ended_at - job.started_at).total_seconds())


def _tasks_on_node(job: Job, held: Gang) -> int:
    return max(1, held.per_node.cpus // job.spec.request.cpus_per_task)


def _task_cpus_advised(job: Job, held: Gang, measured: Measured) -> int | None:
    """Return the CPUs for each task that are enough; None where fewer are not worth a change.

    Memory that is given by the CPU shrinks with them: what it must be is to be known then.
    """
    if measured.cpu_s is None:
        return None
    if _memory_follows_cpus(job) and measured.node_memory_mib is None:
        return None
    tasks = _tasks_on_node(job, held)
    busiest = max(
        measured.cpu_s / max(1.0, _ran_s(job)) / (held.nodes * tasks),
        measured.task_cpus or 0.0,
        (measured.script_cpus or 0.0) / tasks,
    )
    enough = max(1, ceil(busiest * CPU_MARGIN))
    asked = job.spec.request.cpus_per_task
    return enough if enough <= asked * WORTH_A_CHANGE else None


def _node_mib_advised(
    job: Job, held: Gang, measured: Measured, task_cpus: int | None
) -> int | None:
    """Return the memory for each node that is enough; None where there is nothing to change."""
    if not measured.node_memory_mib:
        return None
    least_mib = measured.node_memory_mib * MEMORY_MARGIN
    enough = _rounded_up(least_mib / MIB_PER_GIB, _GIB_STEPS) * MIB_PER_GIB
    if enough <= held.per_node.memory_mib * WORTH_A_CHANGE:
        return enough
    shrinks = task_cpus is not None and _memory_follows_cpus(job)
    return held.per_node.memory_mib if shrinks else None


def _memory_follows_cpus(job: Job) -> bool:
    memory = job.spec.request.memory
    return memory is None or memory.per is MemoryPer.CPU


def _memory_flag(job: Job, held: Gang, node_mib: int, task_cpus: int | None) -> str:
    """Return the memory in the option that the job itself asked with."""
    per = job.spec.request.memory.per if job.spec.request.memory else MemoryPer.NODE
    if per is MemoryPer.NODE:
        return f"--mem={_amount(node_mib)}"
    if per is MemoryPer.GPU:
        return f"--mem-per-gpu={_amount(ceil(node_mib / held.per_node.gpus))}"
    cpus = _tasks_on_node(job, held) * task_cpus if task_cpus else held.per_node.cpus
    return f"--mem-per-cpu={_amount(ceil(node_mib / cpus))}"


def _amount(mib: int) -> str:
    return f"{mib}M" if mib % MIB_PER_GIB else f"{mib // MIB_PER_GIB}G"


def _time_flags(job: Job) -> tuple[str, ...]:
    minutes = _rounded_up(_ran_s(job) * TIME_MARGIN / 60, _MINUTE_STEPS)
    if minutes * 60 > job.spec.request.walltime_s * WORTH_A_CHANGE:
        return ()
    return (f"--time={minutes // 60}:{minutes % 60:02}:00",)


def _rounded_up(amount: float, steps: tuple[tuple[int, int], ...]) -> int:
    """Return the amount at its next step; greater amounts have greater steps."""
    step = next(step for end, step in steps if amount <= end)
    return max(step, ceil(amount / step) * step)
