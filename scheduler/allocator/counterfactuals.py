"""What would start a waiting job: changed requests, each tried with the allocator itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from math import ceil

from scheduler.allocator.changed import EndOf, is_seen_to_start, suited_with
from scheduler.allocator.later import (
    Later,
    LaterChange,
    in_less_time,
    on_any_gpu_type,
    on_fewer_gpus,
)
from scheduler.allocator.line import Apart, at_turn_of
from scheduler.allocator.shapes import Progress
from scheduler.domain.explaining import Counterfactual
from scheduler.domain.placement import SuitedGroup
from scheduler.domain.queue import JobGroup
from scheduler.domain.requests import GpuRequest, GpusPer
from scheduler.texts import Said, said, said_of

MOST_TOLD = 3
# Each trial is a whole allocation, somebody waits for the answer, and others for the processor.
MOST_TRIALS = 6
MOST_STEPS = 64
LEAST_WALLTIME_S = 60


def counterfactuals(apart: Apart, end: Progress, end_of: EndOf) -> tuple[Counterfactual, ...]:
    """Return up to three ways to ask for less: with which the job starts now, then earlier.

    `end` is how the cycle ends by `end_of`; the job, which is set apart, waits there. What is told
    to start it now was seen to do so on the same snapshot with this one request changed, and is the
    least change of its kind that came in question. A kind with which it does not start now may
    start it in a gap, at a time that is told.
    """
    trials = _Trials(apart, end_of)
    told: list[Counterfactual] = []
    without: list[Change] = []
    for change in CHANGES:
        if len(told) < MOST_TOLD:
            found = trials.least(tuple(change(apart.group.group, end)))
            told += [found] if found else []
            without += [] if found else [change]
    return (*told, *_later(Later(apart, end, end_of), without, MOST_TOLD - len(told)))


def _later(later: Later, kinds: Sequence[Change], most: int) -> Iterator[Counterfactual]:
    changes = (change for kind, change in LATER.items() if kind in kinds)
    found = (way for change in changes if (way := later.least(change)) is not None)
    return islice(found, most)


class _Trials:
    """Tries changed requests of one job: first at its turn in the line, then with the allocator.

    Whose turn it is does not depend on what a job asks for: the cycle as it stands when the job's
    turn comes answers for all its changed requests, at almost no price. Where the allocator
    searches, or the change moves others, that may be wrong; so what is told was seen to start in
    a whole cycle.
    """

    def __init__(self, apart: Apart, end_of: EndOf) -> None:
        self._snapshot = apart.problem.snapshot
        self._group = apart.group.group
        self._end_of = end_of
        self._left = MOST_TRIALS
        self._turn = at_turn_of(apart)

    def least(self, ways: Sequence[Counterfactual]) -> Counterfactual | None:
        """Return the first way that starts, or the last where that does and the first does not."""
        groups = suited_with(self._snapshot, self._group, [way.request for way in ways])
        could = [way for way, group in zip(ways, groups, strict=True) if self._could_start(group)]
        for way in dict.fromkeys((*could[:1], *could[-1:])):
            if self._starts(way.request):
                return way
        return None

    def _could_start(self, group: SuitedGroup) -> bool:
        until = self._snapshot.taken_at + timedelta(seconds=group.group.request.walltime_s)
        return any(
            self._turn.nodes.place(option, until) is not None
            and self._turn.ledger.allows(group.tenant, group.array, option.pool, option.gang)
            for option in group.options
        )

    def _starts(self, request: GpuRequest) -> bool:
        """Say whether the job was seen to start; once all trials are made, it never is."""
        self._left -= 1
        if self._left < 0:
            return False
        [job], now = self._group.jobs, self._snapshot.taken_at
        return is_seen_to_start(self._snapshot, job, request, now, self._end_of)


def fewer_gpus(group: JobGroup, _end: Progress) -> Iterator[Counterfactual]:
    request = group.request
    for gpus in _below(request.gpus):
        words = _with_gpus(gpus, request.gpus, each=request.gpus_per is GpusPer.NODE)
        yield Counterfactual(replace(request, gpus=gpus), words)


def _with_gpus(gpus: int, asked: int, *, each: bool) -> Said:
    if each:
        return said_of(
            gpus,
            "with {number} GPU on each node instead of {asked} it starts now",
            "with {number} GPUs on each node instead of {asked} it starts now",
            asked=asked,
        )
    return said_of(
        gpus,
        "with {number} GPU instead of {asked} it starts now",
        "with {number} GPUs instead of {asked} it starts now",
        asked=asked,
    )


def any_gpu_type(group: JobGroup, _end: Progress) -> Iterator[Counterfactual]:
    request = group.request
    if request.gpu_type:
        yield Counterfactual(replace(request, gpu_type=""), said("with any GPU type it starts now"))


def a_shorter_walltime(group: JobGroup, end: Progress) -> Iterator[Counterfactual]:
    """Yield walltimes that end by a planned start or a reservation: nothing else makes one long."""
    request, now = group.request, end.problem.snapshot.taken_at
    names = {plan.at: "" for plan in end.timeline.plans}
    for hold in end.problem.reserved.closed_to(group.tenant):
        names[hold.starts] = hold.name
    for at in sorted(names, reverse=True):
        walltime_s = (at - now) // timedelta(minutes=1) * 60  # Slurm knows whole minutes
        if LEAST_WALLTIME_S <= walltime_s < request.walltime_s:
            words = _before(names[at], at, str(timedelta(seconds=walltime_s)))
            yield Counterfactual(replace(request, walltime_s=walltime_s), words)


def _before(reservation: str, at: datetime, walltime: str) -> Said:
    numbers = {"walltime": walltime, "at": f"{at:%F %H:%M}"}
    if not reservation:
        return said(
            "with a walltime of {walltime} it starts now, before the planned start at {at} UTC",
            **numbers,
        )
    return said(
        "with a walltime of {walltime} it starts now, before the reservation {name} at {at} UTC",
        name=reservation,
        **numbers,
    )


def more_nodes(group: JobGroup, _end: Progress) -> Iterator[Counterfactual]:
    """Yield the even layouts over more nodes, of a job that says how many GPUs it needs in all."""
    request = group.request
    for nodes in range((request.nodes or 1) + 1, min(request.gpus, MOST_STEPS) + 1):
        if request.gpus_per is GpusPer.JOB and request.gpus % nodes == 0:
            spread = said("with its GPUs spread over {nodes} nodes it starts now", nodes=nodes)
            yield Counterfactual(replace(request, nodes=nodes), spread)


def no_constraint(group: JobGroup, _end: Progress) -> Iterator[Counterfactual]:
    request = group.request
    if request.constraint:
        yield Counterfactual(
            replace(request, constraint=()), said("without its constraint it starts now")
        )


def any_partition(group: JobGroup, end: Progress) -> Iterator[Counterfactual]:
    request = group.request
    names = {pool.partition for pool in end.problem.snapshot.pools}
    if request.partitions and not names <= set(request.partitions):
        every = tuple(sorted(names))
        yield Counterfactual(
            replace(request, partitions=every), said("in any partition it starts now")
        )


def fewer_cpus(group: JobGroup, _end: Progress) -> Iterator[Counterfactual]:
    request = group.request
    for cpus in _below(request.cpus_per_task):
        words = said_of(
            cpus,
            "with {number} CPU for each task instead of {asked} it starts now",
            "with {number} CPUs for each task instead of {asked} it starts now",
            asked=request.cpus_per_task,
        )
        yield Counterfactual(replace(request, cpus_per_task=cpus), words)


Change = Callable[[JobGroup, Progress], Iterator[Counterfactual]]
# In the order in which they are tried and told; each lists the least change first.
CHANGES: tuple[Change, ...] = (
    fewer_gpus,
    a_shorter_walltime,
    any_gpu_type,
    any_partition,
    no_constraint,
    more_nodes,
    fewer_cpus,
)
# Where they start the job later, in the order in which they are tried and told.
LATER: Mapping[Change, LaterChange] = {
    a_shorter_walltime: in_less_time,
    fewer_gpus: on_fewer_gpus,
    any_gpu_type: on_any_gpu_type,
}


def _below(number: int) -> range:
    """Return smaller numbers, the largest first and not too many."""
    step = ceil(number / MOST_STEPS)
    return range(number - step, 0, -step)
