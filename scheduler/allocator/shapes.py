"""The problem of one cycle in shapes: alike jobs counted together, and what could start."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from scheduler.allocator.free_nodes import FreeNodes
from scheduler.allocator.standings import Standings
from scheduler.allocator.timeline import Stay, Timeline
from scheduler.domain.decisions import Start
from scheduler.domain.jobs import PendingJob, Placement
from scheduler.domain.placement import Option, SuitedGroup, suited
from scheduler.domain.queue import own_order
from scheduler.domain.reservations.nodes import ReservedNodes
from scheduler.domain.shares.fairshare import entitlements
from scheduler.domain.shares.quotas import Ledger
from scheduler.domain.snapshot import Snapshot

NO_LIMIT = 1 << 60


@dataclass(frozen=True, slots=True)
class Problem:
    """What one cycle is to decide: the groups of pending jobs, the oldest first."""

    snapshot: Snapshot
    groups: tuple[SuitedGroup, ...]
    entitled: Mapping[tuple[str, str], float]
    standings: Standings
    reserved: ReservedNodes


@dataclass(frozen=True, slots=True, eq=False)
class Bundle:
    """Groups that differ in nothing but a walltime which decides nothing in this cycle.

    Each is made once, and so are candidates. `moments` counts the planned starts that their gangs
    would run beyond.
    """

    groups: tuple[int, ...]
    moments: int

    @property
    def oldest(self) -> int:
        return self.groups[0]


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """Up to `at_most` jobs of a bundle may start with this option, were they alone."""

    bundle: Bundle
    option: Option
    at_most: int


def problem_of(snapshot: Snapshot) -> Problem:
    reserved = ReservedNodes(snapshot)
    groups = suited(snapshot, reserved)
    return Problem(snapshot, groups, entitlements(snapshot, groups), Standings(snapshot), reserved)


class Progress:
    """A cycle's starts so far, and what they leave of limits and nodes."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.ledger = Ledger(problem.snapshot, problem.entitled)
        self.nodes = FreeNodes(problem.snapshot.nodes)
        self.standings = problem.standings.copy()
        self.timeline = Timeline(problem.snapshot.taken_at, self.nodes, problem.snapshot.holding)
        self.starts: list[Start] = []
        self.options: list[tuple[int, Option]] = []
        self._taken = [0] * len(problem.groups)
        self._ends: dict[int, datetime] = {}  # by walltime: thousands of groups ask for few

    def copy(self) -> Progress:
        """Return the same progress, to go another way from here."""
        copied = copy(self)
        copied.ledger, copied.nodes = self.ledger.copy(), self.nodes.copy()
        copied.standings = self.standings.copy()
        copied.timeline = self.timeline.copy(copied.nodes)
        copied.starts, copied.options = self.starts.copy(), self.options.copy()
        copied._taken = self._taken.copy()
        return copied

    @property
    def started_ids(self) -> frozenset[int]:
        return frozenset(start.job_id for start in self.starts)

    def waiting(self, group: int) -> int:
        """Return how many jobs of the group have not been started."""
        return len(self.problem.groups[group].jobs) - self._taken[group]

    def started(self, group: int) -> int:
        """Return how many jobs of the group have been started: always its oldest."""
        return self._taken[group]

    def within_limits(self, group: int, option: Option) -> bool:
        """Say whether one more start breaks no limit; room on nodes is not looked at."""
        asked = self.problem.groups[group]
        return self.ledger.allows(asked.tenant, asked.array, option.pool, option.gang)

    def first_of(self, bundle: Bundle) -> int:
        """Return the group of the bundle whose next job goes first in the policy's order."""
        waiting = [group for group in bundle.groups if self.waiting(group) > 0]
        return min(waiting or bundle.groups, key=self.own_order)

    def own_order(self, group: int) -> tuple[float, ...]:
        """Return what the policy orders one user's groups by, for their next jobs."""
        return own_order(self.next_job(group), self.problem.snapshot.policy.own_jobs)

    def ends_at(self, group: int) -> datetime:
        """Return when a job of the group that starts now ends at the latest."""
        walltime_s = self.problem.groups[group].group.request.walltime_s
        end = self._ends.get(walltime_s)
        if end is None:
            end = self.problem.snapshot.taken_at + timedelta(seconds=walltime_s)
            self._ends[walltime_s] = end
        return end

    def stay_of(self, group: int) -> Stay:
        """Return how long a job of the group stays on its nodes, and when they are closed to it."""
        asked = self.problem.groups[group]
        windows = self.problem.reserved.windows(asked.tenant)
        return Stay(timedelta(seconds=asked.group.request.walltime_s), windows)

    def next_job(self, group: int) -> PendingJob:
        """Return the group's oldest waiting job.

        When none is left it is the first again: a wrong plan must reach the audit as it is.
        """
        jobs = self.problem.groups[group].jobs
        return jobs[self._taken[group] % len(jobs)]

    def start(self, group: int, option: Option, nodes: tuple[str, ...]) -> None:
        """Start the group's oldest waiting job there."""
        job, until = self.next_job(group), self.ends_at(group)
        placement = Placement(option.pool, nodes, option.gang)
        self.timeline.give_up(job.job_id)
        self.nodes.take(nodes, option.gang.per_node, until)
        self.timeline.runs(placement, until)
        self.starts.append(Start(job.job_id, placement))
        self.options.append((group, option))
        self._charge(group, job, placement)

    def serve_on_paper(self, group: int, option: Option) -> None:
        """Count the group's oldest waiting job as if it had started; no node is taken for it."""
        self._charge(group, self.next_job(group), Placement(option.pool, (), option.gang))

    def _charge(self, group: int, job: PendingJob, placement: Placement) -> None:
        self._taken[group] += 1
        self.ledger.charge(job.tenant, job.array, placement)
        self.standings.charge(job.tenant, placement.pool, placement.gang.gpus)


def candidates(progress: Progress) -> tuple[Candidate, ...]:
    """Return what could start now, each cut to how often it could; empty: nothing can."""
    return tuple(_candidates(progress))


def _candidates(progress: Progress) -> Iterable[Candidate]:
    room = cache(progress.nodes.gangs)
    for bundle in bundles(progress):
        group, until = progress.problem.groups[bundle.oldest], progress.ends_at(bundle.oldest)
        waiting = sum(map(progress.waiting, bundle.groups))
        for option in group.options:
            fits = progress.nodes.place(option, until) is not None
            if fits and progress.within_limits(bundle.oldest, option):
                headroom = _headroom(progress, group, option)
                yield Candidate(bundle, option, min(waiting, room(option), headroom))


def bundles(progress: Progress) -> list[Bundle]:
    """Return the groups that have jobs waiting, bundled; the one with the oldest group first."""
    alike: dict[tuple[Hashable, int], list[int]] = {}
    moments = progress.nodes.moments()
    for number, group in enumerate(progress.problem.groups):
        if progress.waiting(number):
            beyond = bisect_left(moments, progress.ends_at(number))
            array = group.array and group.array.array_id
            key = (group.tenant.path(4), group.options, array)
            alike.setdefault((key, beyond), []).append(number)
    return [Bundle(tuple(groups), beyond) for (_, beyond), groups in alike.items()]


def _headroom(progress: Progress, group: SuitedGroup, option: Option) -> int:
    bounds = progress.ledger.bounds(group.tenant, group.array, option.pool)
    counts = (progress.ledger.left(bound) // bound.takes(option.gang) for bound in bounds)
    return min(counts, default=NO_LIMIT)
