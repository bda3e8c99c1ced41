"""What would start a waiting job now: changed requests, each tried with the allocator itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from math import ceil

from scheduler.allocator.greedy import allocate_greedily
from scheduler.allocator.shapes import Progress, problem_of
from scheduler.domain.decisions import Allocation
from scheduler.domain.jobs import PendingJob
from scheduler.domain.placement import Option, suited
from scheduler.domain.queue import JobGroup, grouped
from scheduler.domain.requests import GpuRequest, GpusPer
from scheduler.domain.snapshot import Snapshot
from scheduler.errors import NotFound
from scheduler.ports import Allocator

MOST_TOLD = 3
# Each trial is a whole allocation, somebody waits for the answer, and others for the processor.
MOST_TRIALS = 12
MOST_STEPS = 64
LEAST_WALLTIME_S = 60


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """A changed request with which the job would have started in this cycle."""

    request: GpuRequest
    words: str


def counterfactuals(
    snapshot: Snapshot, job_id: int, allocate: Allocator = allocate_greedily
) -> tuple[Counterfactual, ...]:
    """Return up to three ways to ask for less with which the job starts now.

    Each was seen to start on this very snapshot with this one request changed, and of its kind it
    is the least change that a bisection found. None are told of a job that starts as it is. Raises
    NotFound for a job that does not wait.
    """
    trials = _Trials(snapshot, _job(snapshot, job_id), allocate)
    asked = trials.allocation(trials.job.request)
    if _starts(asked, job_id):
        return ()
    told: list[Counterfactual] = []
    for change in CHANGES:
        ways = trials.with_a_chance(tuple(change(trials.job.request, snapshot, asked)))
        found = _least(ways, trials) if len(told) < MOST_TOLD else None
        told += [found] if found else []
    return tuple(told)


def _least(ways: Sequence[Counterfactual], trials: _Trials) -> Counterfactual | None:
    """Return the first way that starts, as if all after it did; None when the last does not."""
    if not ways or not trials.starts(ways[-1].request):
        return None
    low, best = 0, len(ways) - 1
    while low < best:
        middle = (low + best) // 2
        if trials.starts(ways[middle].request):
            best = middle
        else:
            low = middle + 1
    return ways[best]


class _Trials:
    """Runs the allocator on the snapshot with the job's request changed, so often and no more."""

    def __init__(self, snapshot: Snapshot, job: PendingJob, allocate: Allocator) -> None:
        self.job = job
        self._snapshot = snapshot
        self._allocate = allocate
        self._left = MOST_TRIALS
        self._began = Progress(problem_of(snapshot))
        self._others = tuple(group for group in snapshot.queue if group.tenant != job.tenant)
        self._own = [
            other
            for group in snapshot.queue
            if group.tenant == job.tenant
            for other in group.jobs
            if other.job_id != job.job_id
        ]

    def allocation(self, request: GpuRequest) -> Allocation:
        changed = replace(self.job, request=request)
        queue = (*self._others, *grouped([*self._own, changed]))
        by_age = tuple(sorted(queue, key=lambda group: group.oldest))
        return self._allocate(replace(self._snapshot, queue=by_age))

    def starts(self, request: GpuRequest) -> bool:
        """Say whether the job was seen to start; once all trials are made, it never is."""
        self._left -= 1
        return self._left >= 0 and _starts(self.allocation(request), self.job.job_id)

    def with_a_chance(self, ways: Sequence[Counterfactual]) -> tuple[Counterfactual, ...]:
        """Leave out what lacked room or passed a limit even as the cycle began.

        A changed request can change its organisation's entitlement a little; what only that would
        let through is missed, and never told untruly.
        """
        alone = tuple(
            JobGroup(self.job.tenant, way.request, (replace(self.job, request=way.request),))
            for way in ways
        )
        groups = suited(replace(self._snapshot, queue=alone))
        return tuple(
            way
            for way, group in zip(ways, groups, strict=True)
            if any(map(self._could_begin, group.options))
        )

    def _could_begin(self, option: Option) -> bool:
        ledger, tenant = self._began.ledger, self.job.tenant
        return (
            self._began.nodes.place(option) is not None
            and ledger.broken_by(tenant, self.job.array, option.pool, option.gang) is None
            and ledger.leaves_kept_back(tenant, option.pool, option.gang.gpus)
        )


def _job(snapshot: Snapshot, job_id: int) -> PendingJob:
    for job in snapshot.pending:
        if job.job_id == job_id:
            return job
    raise NotFound("waiting job", str(job_id))


def _starts(allocation: Allocation, job_id: int) -> bool:
    return any(start.job_id == job_id for start in allocation.starts)


def fewer_gpus(
    request: GpuRequest, _snapshot: Snapshot, _asked: Allocation
) -> Iterator[Counterfactual]:
    each = " on each node" if request.gpus_per is GpusPer.NODE else ""
    for gpus in _below(request.gpus):
        words = f"with {_counted(gpus, 'GPU')}{each} instead of {request.gpus} it starts now"
        yield Counterfactual(replace(request, gpus=gpus), words)


def any_gpu_type(
    request: GpuRequest, _snapshot: Snapshot, _asked: Allocation
) -> Iterator[Counterfactual]:
    if request.gpu_type:
        yield Counterfactual(replace(request, gpu_type=""), "with any GPU type it starts now")


def a_shorter_walltime(
    request: GpuRequest, snapshot: Snapshot, asked: Allocation
) -> Iterator[Counterfactual]:
    """Yield walltimes that end by a planned start: nothing else makes a walltime too long."""
    now = snapshot.taken_at
    for at in sorted({plan.at for plan in asked.plans}, reverse=True):
        walltime_s = (at - now) // timedelta(seconds=1)
        if LEAST_WALLTIME_S <= walltime_s < request.walltime_s:
            words = f"with a walltime of {timedelta(seconds=walltime_s)} it starts now"
            before = f"before the planned start at {at:%F %H:%M} UTC"
            yield Counterfactual(replace(request, walltime_s=walltime_s), f"{words}, {before}")


def more_nodes(
    request: GpuRequest, _snapshot: Snapshot, _asked: Allocation
) -> Iterator[Counterfactual]:
    """Yield the even layouts over more nodes, of a job that says how many GPUs it needs in all."""
    for nodes in range((request.nodes or 1) + 1, min(request.gpus, MOST_STEPS) + 1):
        if request.gpus_per is GpusPer.JOB and request.gpus % nodes == 0:
            spread = f"with its GPUs spread over {nodes} nodes it starts now"
            yield Counterfactual(replace(request, nodes=nodes), spread)


def no_constraint(
    request: GpuRequest, _snapshot: Snapshot, _asked: Allocation
) -> Iterator[Counterfactual]:
    if request.constraint:
        yield Counterfactual(
            replace(request, constraint=()), "without its constraint it starts now"
        )


def any_partition(
    request: GpuRequest, _snapshot: Snapshot, _asked: Allocation
) -> Iterator[Counterfactual]:
    if request.partitions:
        yield Counterfactual(replace(request, partitions=()), "in any partition it starts now")


def fewer_cpus(
    request: GpuRequest, _snapshot: Snapshot, _asked: Allocation
) -> Iterator[Counterfactual]:
    for cpus in _below(request.cpus_per_task):
        instead = f"instead of {request.cpus_per_task}"
        words = f"with {_counted(cpus, 'CPU')} for each task {instead} it starts now"
        yield Counterfactual(replace(request, cpus_per_task=cpus), words)


Change = Callable[[GpuRequest, Snapshot, Allocation], Iterator[Counterfactual]]
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


def _below(number: int) -> range:
    """Return smaller numbers, the largest first and not too many."""
    step = ceil(number / MOST_STEPS)
    return range(number - step, 0, -step)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
