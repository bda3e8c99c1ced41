"""Sets the scene of a queue's course from what a cycle saw and decided."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from scheduler.domain.decisions import Start
from scheduler.domain.jobs import HoldingJob, PendingJob
from scheduler.domain.placement import Option, suited
from scheduler.domain.queue import age_of, own_order
from scheduler.domain.snapshot import Snapshot
from scheduler.domain.tenants import Tenant
from scheduler.forecast.course import Course, Run
from scheduler.forecast.room import Room, Shape, seat_of
from scheduler.forecast.turns import Tree, Waiting

# Of a tenant's job with this walltime that has run so long, by its number: how long it runs.
Lasting = Callable[[Tenant, int, float, int], float]


@dataclass(frozen=True, slots=True)
class Waits:
    """A job that goes on waiting after a cycle, and its gang where it could be."""

    job: PendingJob
    shapes: tuple[Shape, ...]


class Scene:
    """What a cycle leaves behind: who runs where, who waits, and what is free."""

    def __init__(self, snapshot: Snapshot, starts: Iterable[Start]) -> None:
        self._snapshot = snapshot
        self._starts = {start.job_id: start for start in starts}
        self._started: list[tuple[PendingJob, Start]] = []
        self.waiting: dict[int, Waits] = {}
        shapes: dict[tuple[Option, ...], tuple[Shape, ...]] = {}
        for group in suited(snapshot):
            if group.options not in shapes:
                shapes[group.options] = shapes_of(group.options, snapshot.taken_at)
            for job in group.jobs:
                self._place(job, shapes[group.options])
        self._room = Room(snapshot.nodes)
        for start in self._starts.values():
            self._room.take(seat_of(start.placement))

    def course(self, lasting: Lasting) -> Course:
        """Return the course from here, in which runs last as long as is said."""
        policy = self._snapshot.policy
        tree = Tree(policy)
        course = Course(policy, tree, self._room.copy())
        for job in self._snapshot.holding:
            course.holds(self._run_of(job, tree, lasting))
        for pending, start in self._started:
            walltime_s = pending.request.walltime_s
            lasts_s = lasting(pending.tenant, walltime_s, 0.0, pending.job_id)
            user = tree.branch(pending.tenant)
            seat = seat_of(start.placement)
            course.holds(Run(user, seat, lasts_s, walltime_s, pending.array))
        for waits in sorted(self.waiting.values(), key=_age):
            course.waits(self._waiting(waits, tree, lasting))
        for path, gpus in self._snapshot.mean_gpus.items():
            tree.used(path, gpus)
        return course

    def _place(self, job: PendingJob, shapes: tuple[Shape, ...]) -> None:
        start = self._starts.get(job.job_id)
        if start is not None:
            self._started.append((job, start))
        elif shapes:
            self.waiting[job.job_id] = Waits(job, shapes)

    def _run_of(self, job: HoldingJob, tree: Tree, lasting: Lasting) -> Run:
        elapsed_s = self._passed_s(job.started_at)
        lasts_s = lasting(job.tenant, job.walltime_s, elapsed_s, job.job_id)
        user, seat = tree.branch(job.tenant), seat_of(job.placement)
        end_s, walltime_end_s = lasts_s - elapsed_s, job.walltime_s - elapsed_s
        return Run(user, seat, end_s, walltime_end_s, job.array)

    def _waiting(self, waits: Waits, tree: Tree, lasting: Lasting) -> Waiting:
        job, policy = waits.job, self._snapshot.policy
        walltime_s = job.request.walltime_s
        return Waiting(
            *(job.job_id, tree.branch(job.tenant), waits.shapes, walltime_s),
            runtime_s=lasting(job.tenant, walltime_s, 0.0, job.job_id),
            due_s=policy.wait.guard_s - self._passed_s(job.submitted_at),
            rank=own_order(job, policy.own_jobs),
            array=job.array,
        )

    def _passed_s(self, since: datetime | None) -> float:
        return (self._snapshot.taken_at - since).total_seconds() if since else 0.0


def shapes_of(options: Iterable[Option], now: datetime) -> tuple[Shape, ...]:
    """Return the gang in each pool that has enough nodes for it, be they busy or not.

    Of reservations in its way the last to end decides; that they come again is left out.
    """
    return tuple(
        Shape(
            *(option.pool, option.gang.nodes, option.gang.per_node.gpus),
            closed=frozenset(option.reserved),
            opens_s=_opens_s(option, now),
        )
        for option in options
        if option.is_up
    )


def _age(waits: Waits) -> tuple[datetime, int]:
    return age_of(waits.job)


def _opens_s(option: Option, now: datetime) -> float:
    ends = ((hold.windows[0].ends - now).total_seconds() for hold in option.holds)
    return max(ends, default=0.0)
