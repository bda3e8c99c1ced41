"""Everything one waiting job is told on demand, found by deciding about the snapshot once more."""

from __future__ import annotations

from scheduler.allocator.changed import EndOf
from scheduler.allocator.counterfactuals import counterfactuals
from scheduler.allocator.explain import blockers_of
from scheduler.allocator.line import ahead_of, set_apart
from scheduler.allocator.shapes import Problem
from scheduler.domain.explaining import Explanation
from scheduler.domain.snapshot import Snapshot
from scheduler.errors import NotFound


def explained(snapshot: Snapshot, job_id: int, end_of: EndOf) -> Explanation:
    """Return why the job does not start in a cycle on this snapshot, or that it does.

    `end_of` ends the cycle as the allocator in use does. Raises NotFound for a job that does not
    wait in the snapshot.
    """
    end, taken_at = end_of(snapshot), snapshot.taken_at
    if job_id in end.started_ids:
        return Explanation(taken_at, starts=True)
    number = _group_of(end.problem, job_id)
    apart = set_apart(end.problem, number, job_id)
    ahead, and_more = ahead_of(apart, end)
    planned = (plan.at for plan in end.timeline.plans if plan.job_id == job_id)
    return Explanation(
        taken_at=taken_at,
        blockers=blockers_of(end, number),
        planned_at=next(planned, None),
        ahead=ahead,
        and_more=and_more,
        counterfactuals=counterfactuals(apart, end, end_of),
    )


def _group_of(problem: Problem, job_id: int) -> int:
    for number, group in enumerate(problem.groups):
        if job_id in group.group.job_ids:
            return number
    raise NotFound("waiting job", str(job_id))
