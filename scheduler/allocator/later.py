"""What would start a waiting job earlier, if not now: changed requests that fit in gaps."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from math import ceil

from scheduler.allocator.changed import EndOf, is_seen_to_start, suited_with
from scheduler.allocator.gaps import Gaps
from scheduler.allocator.greedy import greedy_end
from scheduler.allocator.line import Apart
from scheduler.allocator.projection import projected
from scheduler.allocator.shapes import Progress
from scheduler.domain.explaining import Counterfactual
from scheduler.domain.jobs import OVERRUN
from scheduler.domain.placement import Option, SuitedGroup
from scheduler.domain.requests import GpuRequest, GpusPer
from scheduler.domain.shares.demand import after_starts
from scheduler.domain.shares.quotas import Ledger
from scheduler.texts import Said, said, said_of

# Each trial is a few whole allocations, besides those that tell what starts now.
MOST_TRIALS = 2
MOST_STEPS = 8
# What is less earlier than this, or than this part of the wait, is not worth a change.
LEAST_EARLIER = timedelta(minutes=10)
LEAST_PART = 10  # one in so many

Way = tuple[GpuRequest, Said]
LaterChange = Callable[[GpuRequest], Iterator[Way]]


class Later:
    """Finds changed requests of one job that start in a gap, earlier than the job as asked.

    It is told on conditions: nobody new comes, nobody who waits goes first meanwhile, what is
    planned starts as planned, and what runs ends no later than by its walltime. On the snapshot as
    it would be at the time that is told, the job was seen to start in a whole cycle.
    """

    def __init__(self, apart: Apart, end: Progress, end_of: EndOf) -> None:
        self._group = apart.group
        [self._job] = apart.group.jobs
        self._end, self._end_of = end, end_of
        self._now = end.problem.snapshot.taken_at
        self._gaps = Gaps(end, self._job.job_id, self._group.tenant)
        self._limits = _Limits(end, self._job.job_id)
        self._left = MOST_TRIALS
        self._as_asked = self._earliest(self._group)

    def least(self, change: LaterChange) -> Counterfactual | None:
        """Return the least change of the kind that fits earlier, if the job then starts."""
        ways = self._earlier(tuple(change(self._group.group.request)))
        way, at = next(ways, (None, self._now))
        return way if way is not None and self._starts(way.request, at) else None

    def _earlier(self, ways: Sequence[Way]) -> Iterator[tuple[Counterfactual, datetime]]:
        """Yield the changes with which the job fits early enough, and when it does."""
        snapshot = self._end.problem.snapshot
        groups = suited_with(snapshot, self._group.group, [request for request, _ in ways])
        for (request, words), group in zip(ways, groups, strict=True):
            at = self._earliest(group, spare=OVERRUN)
            if at is not None and self._is_worth_it(at):
                yield Counterfactual(request, self._told(words, at), at), at

    def _earliest(self, group: SuitedGroup, spare: timedelta = timedelta()) -> datetime | None:
        """Return when the group's job first fits within its limits, with that much to spare."""
        lasts = timedelta(seconds=group.group.request.walltime_s) + spare
        found = (
            self._gaps.earliest(option, lasts, since)
            for option in group.options
            if (since := self._limits.allow_from(group, option)) is not None
        )
        return min((at for at in found if at is not None), default=None)

    def _is_worth_it(self, at: datetime) -> bool:
        if self._as_asked is None:
            return at > self._now
        least = max(LEAST_EARLIER, (self._as_asked - self._now) / LEAST_PART)
        return self._now < at <= self._as_asked - least

    def _told(self, change: Said, at: datetime) -> Said:
        if self._as_asked is None:
            return said("{change} it starts later, and as asked it never fits", change=change)
        return said(
            "{change} it starts {earlier} earlier than as asked",
            change=change,
            earlier=_clock(self._as_asked - at),
        )

    def _starts(self, request: GpuRequest, at: datetime) -> bool:
        """Say whether the job starts then, and as asked does not; after all trials, it never does.

        Where more comes free at once a search takes long: most jobs whose turn does not come
        are told apart by filling alone.
        """
        self._left -= 1
        if self._left < 0:
            return False
        snapshot = projected(self._end, at, self._job.job_id)
        starts = all(
            is_seen_to_start(snapshot, self._job, request, self._now, end_of)
            for end_of in (greedy_end, self._end_of)
        )
        return starts and self._job.job_id not in self._end_of(snapshot).started_ids


class _Limits:
    """From when on limits allow a gang: what runs gives back what it holds as it ends."""

    def __init__(self, end: Progress, job_id: int) -> None:
        self._end, self._job_id = end, job_id
        self._now = end.problem.snapshot.taken_at
        self._ledgers = {self._now: end.ledger}
        holding = after_starts(end.problem.snapshot, end.starts).holding
        ends = {job.ends_by(self._now) for job in holding}
        self._times = [self._now, *sorted(ends)]

    def allow_from(self, group: SuitedGroup, option: Option) -> datetime | None:
        """Return the first moment at which no limit forbids the gang; None: there is none."""

        def allows(at: datetime) -> bool:
            return self._ledger(at).allows(group.tenant, group.array, option.pool, option.gang)

        if allows(self._now):
            return self._now
        place = bisect_left(self._times, True, key=allows)
        return self._times[place] if place < len(self._times) else None

    def _ledger(self, at: datetime) -> Ledger:
        found = self._ledgers.get(at)
        if found is None:
            snapshot = projected(self._end, at, self._job_id)
            found = self._ledgers[at] = Ledger(snapshot, self._end.problem.entitled)
        return found


def in_less_time(request: GpuRequest) -> Iterator[Way]:
    """Yield shorter walltimes, in whole minutes as Slurm knows them."""
    asked = _clock(timedelta(seconds=request.walltime_s))
    for minutes in _steps_below(request.walltime_s // 60):
        words = said(
            "with a walltime of {walltime} instead of {asked}",
            walltime=_clock(timedelta(minutes=minutes)),
            asked=asked,
        )
        yield replace(request, walltime_s=minutes * 60), words


def on_fewer_gpus(request: GpuRequest) -> Iterator[Way]:
    for gpus in _steps_below(request.gpus):
        words = _with_gpus(gpus, request.gpus, each=request.gpus_per is GpusPer.NODE)
        yield replace(request, gpus=gpus), words


def on_any_gpu_type(request: GpuRequest) -> Iterator[Way]:
    if request.gpu_type:
        yield replace(request, gpu_type=""), said("with any GPU type")


def _with_gpus(gpus: int, asked: int, *, each: bool) -> Said:
    if each:
        return said_of(
            gpus,
            "with {number} GPU on each node instead of {asked}",
            "with {number} GPUs on each node instead of {asked}",
            asked=asked,
        )
    return said_of(
        gpus,
        "with {number} GPU instead of {asked}",
        "with {number} GPUs instead of {asked}",
        asked=asked,
    )


def _steps_below(number: int) -> range:
    """Return smaller numbers in even steps, the largest first."""
    step = ceil(number / MOST_STEPS)
    return range(number - step, 0, -step)


def _clock(span: timedelta) -> str:
    """Return a duration as sbatch's --time has it: "30:05:00"."""
    minutes, seconds = divmod(int(span.total_seconds()), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
