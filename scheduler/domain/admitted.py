"""Whether a job in the backend still is what was admitted: its user may edit it while it waits."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

from scheduler.domain import stored_words as words
from scheduler.domain.cluster import Asked
from scheduler.domain.jobs import HoldingJob
from scheduler.domain.resources import Amount

MINUTE_S = 60
# Slurm rounds CPUs up to whole cores, most often of two threads, and memory by CPU with them.
ROUNDED_UP = 2


def changes(holding: HoldingJob, asks: Asked | None) -> str:
    """Return in words where the job asks for what was not admitted, "" where it does not.

    Less time, fewer CPUs and less memory are the user's own loss. `asks` None tells nothing.
    """
    if asks is None:
        return ""
    of_amount = _of_amount(holding, asks.amount)
    return ", ".join((*of_amount, *_of_place(holding, asks), *_of_time(holding, asks)))


def _of_amount(holding: HoldingJob, asked: Amount) -> Iterator[str]:
    gang = holding.placement.gang
    cpus, memory_mib = gang.nodes * gang.per_node.cpus, gang.nodes * gang.per_node.memory_mib
    if asked.gpus != gang.gpus:
        yield words.GPUS_INSTEAD.format(asked=asked.gpus, admitted=gang.gpus)
    if asked.cpus > ROUNDED_UP * cpus:
        yield words.CPUS_INSTEAD.format(asked=asked.cpus, admitted=cpus)
    if asked.memory_mib > ROUNDED_UP * memory_mib:
        yield words.MIB_INSTEAD.format(asked=asked.memory_mib, admitted=memory_mib)


def _of_place(holding: HoldingJob, asks: Asked) -> Iterator[str]:
    admitted = holding.placement.nodes
    if set(asks.nodes) != set(admitted):
        template = words.NODES_INSTEAD if asks.nodes else words.ANY_NODES_INSTEAD
        yield template.format(asked=",".join(asks.nodes), admitted=",".join(admitted))


def _of_time(holding: HoldingJob, asks: Asked) -> Iterator[str]:
    admitted_min, asked_min = ceil(holding.walltime_s / MINUTE_S), asks.walltime_s // MINUTE_S
    if asked_min == 0 or asked_min > admitted_min:
        template = words.MINUTES_INSTEAD if asked_min else words.NO_END_INSTEAD
        yield template.format(asked=asked_min, admitted=admitted_min)
