"""Planned starts: for whoever waits too long, and for the gang whose turn it is and lacks room."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from scheduler.allocator.shapes import Progress
from scheduler.domain.decisions import Allocation, PlannedStart
from scheduler.domain.jobs import Placement
from scheduler.domain.placement import Option
from scheduler.domain.quotas import Subject
from scheduler.domain.waiting import LONGEST_LINE


def planned(progress: Progress, allocation: Allocation) -> Allocation:
    """Return the allocation with the planned starts of the jobs that still wait."""
    started = {start.job_id for start in progress.starts}
    plans = (plan for plan in progress.timeline.plans if plan.job_id not in started)
    return replace(allocation, plans=tuple(plans))


class Planner:
    """Gives planned starts within one cycle.

    A job is due once it has waited for the policy's guard. Of each organisation only the oldest
    due job stands in the line: who floods the queue does not get the line for itself.
    """

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._kept = {plan.job_id: plan for plan in progress.problem.snapshot.plans}
        self._heads: set[str] = set()

    def serve_due(self) -> None:
        """Start every due job that can start now; the others get or keep a planned start.

        The oldest comes first, so that no plan moves for a younger one.
        """
        for group in tuple(self._due())[:LONGEST_LINE]:
            options = self._allowed(group)
            if options and not self._start_now(group, options):
                self._plan(group, options, due=True)

    def plan_head(self, group: int) -> None:
        """Plan the start of a gang whose turn it is, unless its pools have such a plan already."""
        pools = {option.pool for option in self._progress.problem.groups[group].options}
        if pools and not pools & self._heads:
            options = self._allowed(group)
            if options and self._plan(group, options, due=False):
                self._heads |= pools

    def _due(self) -> Iterable[int]:
        """Yield the group of each organisation's oldest due job that its limits allow."""
        snapshot = self._progress.problem.snapshot
        latest = snapshot.taken_at - timedelta(seconds=snapshot.policy.wait.guard_s)
        served: set[Subject] = set()
        for number, group in enumerate(self._progress.problem.groups):
            if group.group.oldest[0] > latest:
                return
            organisation = group.tenant.path(2)
            if organisation not in served and self._allowed(number):
                served.add(organisation)
                yield number

    def _allowed(self, group: int) -> list[Option]:
        """Return the options that no limit forbids, were there room."""
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

    def _plan(self, group: int, options: Iterable[Option], due: bool) -> bool:
        """Keep the job's plan, or make an earlier one; say whether it has any."""
        timeline, job_id = self._progress.timeline, self._progress.next_job(group).job_id
        kept = self._kept.get(job_id)
        found = [
            (*when, option) for option in options if (when := timeline.earliest(option)) is not None
        ]
        best = min(found, key=lambda one: one[0], default=None)
        if kept and timeline.holds(kept) and (best is None or kept.at <= best[0]):
            timeline.keep(replace(kept, due=due))
        elif best:
            at, nodes, option = best
            place = Placement(option.pool, nodes, option.gang)
            timeline.keep(PlannedStart(job_id, at, place, due))
        else:
            return False
        return True
