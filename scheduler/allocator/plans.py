"""Planned starts for those who have waited too long."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from itertools import chain

from scheduler.allocator.filling import fill_floors
from scheduler.allocator.shapes import Progress
from scheduler.domain.decisions import Allocation, PlannedStart
from scheduler.domain.jobs import Placement
from scheduler.domain.placement import Option
from scheduler.domain.policies import LARGE_PART, SparePlaces
from scheduler.domain.shares.quotas import Subject
from scheduler.domain.snapshot import Snapshot


def planned(progress: Progress, allocation: Allocation) -> Allocation:
    """Return the allocation with the planned starts of the jobs that still wait."""
    started = {start.job_id for start in progress.starts}
    plans = (plan for plan in progress.timeline.plans if plan.job_id not in started)
    return replace(allocation, plans=tuple(plans))


def serve_due(progress: Progress) -> None:
    """Start every due job that can start now; the others get or keep a planned start.

    A job is due once it has waited for the policy's guard. Of each organisation only the oldest
    due job stands in the line: who floods the queue does not get the line for itself. Behind the
    due ones the policy may let large gangs in.
    """
    _Line(progress).serve()


class _Line:
    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._kept = {plan.job_id: plan for plan in progress.problem.snapshot.plans}

    def serve(self) -> None:
        """First keep all plans that were made, so that none moves for another.

        Then floors are met, which come before waits in the law. Then each planned job, and after
        them the oldest due ones, start or are planned as early as can be.
        """
        promised = [group for group in self._promised() if self._allowed(group)]
        for group in promised:
            plan = self._kept[self._progress.next_job(group).job_id]
            if self._progress.timeline.holds(plan, self._progress.stay_of(group)):
                self._progress.timeline.keep(plan)
        if promised or any(True for _ in self._waiting_long()):
            fill_floors(self._progress)
        line = self._line(promised)
        for group in line:
            self._serve(group)
        # A plan that moved, or whose job started, may have been in the way of one before it.
        started = True
        while started:
            started = sum(map(self._start_planned, line)) > 0

    def _line(self, promised: Iterable[int]) -> Sequence[int]:
        """Return the groups whose next jobs are served; floors may have started some before."""
        still = [group for group in promised if not self._progress.started(group)]
        served = {self._organisation(group) for group in still}
        places = self._progress.problem.snapshot.policy.wait.places
        return (*still, *self._one_each(self._waiting_long(), served))[:places]

    def _waiting_long(self) -> Iterable[int]:
        return chain(self._due(), self._large())

    def _serve(self, group: int) -> None:
        kept = self._progress.timeline.give_up(self._progress.next_job(group).job_id)
        options = self._allowed(group)
        if options and not self._start_now(group, options):
            self._plan(group, options, kept)

    def _start_planned(self, group: int) -> bool:
        plan = self._progress.timeline.give_up(self._progress.next_job(group).job_id)
        if plan is None or self._start_now(group, self._allowed(group)):
            return plan is not None
        self._progress.timeline.keep(plan)
        return False

    def _promised(self) -> Iterable[int]:
        """Yield the groups whose oldest jobs have planned starts, in the order of these."""
        if self._kept:
            groups = self._progress.problem.groups
            by_oldest = {group.jobs[0].job_id: number for number, group in enumerate(groups)}
            yield from (by_oldest[job_id] for job_id in self._kept if job_id in by_oldest)

    def _one_each(self, groups: Iterable[int], served: set[Subject]) -> Iterable[int]:
        """Yield of each other organisation the first group that its limits allow."""
        for number in groups:
            organisation = self._organisation(number)
            if organisation not in served and self._allowed(number):
                served.add(organisation)
                yield number

    def _due(self) -> Iterable[int]:
        """Yield the groups whose next jobs have waited for the guard, the oldest first."""
        snapshot = self._progress.problem.snapshot
        latest = snapshot.taken_at - timedelta(seconds=snapshot.policy.wait.guard_s)
        for number, group in enumerate(self._progress.problem.groups):
            if group.group.oldest[0] > latest:
                return
            if self._progress.next_job(number).submitted_at <= latest:
                yield number

    def _large(self) -> Iterable[int]:
        """Yield the large gangs, those first that wait for the most GPUs the longest.

        None where the policy leaves spare places to nobody.
        """
        problem = self._progress.problem
        if problem.snapshot.policy.wait.spare_places is not SparePlaces.GANGS:
            return
        now, least = problem.snapshot.taken_at, _large_gangs(problem.snapshot)
        work = {
            number: (now - self._progress.next_job(number).submitted_at)
            * group.options[0].gang.gpus
            for number, group in enumerate(problem.groups)
            if group.options and all(o.gang.gpus >= least[o.pool] for o in group.options)
        }
        yield from sorted(work, key=work.__getitem__, reverse=True)

    def _organisation(self, group: int) -> Subject:
        return self._progress.problem.groups[group].tenant.path(2)

    def _allowed(self, group: int) -> list[Option]:
        """Return the options that no limit forbids, were there room; none when nobody waits."""
        if not self._progress.waiting(group):
            return []
        options = self._progress.problem.groups[group].options
        return [o for o in options if o.is_up and self._progress.within_limits(group, o)]

    def _start_now(self, group: int, options: Iterable[Option]) -> bool:
        until = self._progress.ends_at(group)
        for option in options:
            nodes = self._progress.nodes.place(option, until)
            if nodes is not None:
                self._progress.start(group, option, nodes)
                return True
        return False

    def _plan(self, group: int, options: Iterable[Option], kept: PlannedStart | None) -> None:
        """Keep the job's plan, or make an earlier one."""
        best = self._earliest(group, options)
        if best and (kept is None or best.at < kept.at):
            self._progress.timeline.keep(best)
        elif kept:
            self._progress.timeline.keep(kept)

    def _earliest(self, group: int, options: Iterable[Option]) -> PlannedStart | None:
        job_id, stay = self._progress.next_job(group).job_id, self._progress.stay_of(group)
        found = [
            PlannedStart(job_id, when[0], Placement(option.pool, when[1], option.gang))
            for option in options
            if (when := self._progress.timeline.earliest(option, stay)) is not None
        ]
        return min(found, key=lambda plan: plan.at, default=None)


def _large_gangs(snapshot: Snapshot) -> Mapping[str, Fraction]:
    """Return for each pool how many GPUs make a gang a large one."""
    gpus: Counter[str] = Counter()
    for node in snapshot.nodes:
        gpus[node.pool] += node.capacity.gpus
    return {pool: count * LARGE_PART for pool, count in gpus.items()}
