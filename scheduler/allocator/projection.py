"""The snapshot as it would stand later, if nobody new came and nothing ended early."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from scheduler.allocator.shapes import Progress
from scheduler.domain.decisions import Start
from scheduler.domain.jobs import HoldingJob
from scheduler.domain.resources import Amount, Node
from scheduler.domain.shares.demand import after_starts
from scheduler.domain.snapshot import Snapshot


def projected(end: Progress, at: datetime, job_id: int) -> Snapshot:
    """Return the snapshot at that time, as the cycle that ended leaves it.

    Its starts were made, and the planned starts due by then, but the job's own plan is gone. What
    runs has ended if its walltime has; nobody else who waits has started. Shares are as of now.
    """
    snapshot = end.problem.snapshot
    plans = {plan.job_id: plan for plan in end.timeline.plans if plan.job_id != job_id}
    due = {number: plan for number, plan in plans.items() if plan.at <= at}
    starts = (*end.starts, *(Start(plan.job_id, plan.placement) for plan in due.values()))
    later = after_starts(snapshot, starts)
    holding = [
        replace(job, changed_at=due[job.job_id].at) if job.job_id in due else job
        for job in later.holding
    ]
    ended = [job for job in holding if job.ends_by(snapshot.taken_at) <= at]
    gone = {job.job_id for job in ended}
    return replace(
        later,
        taken_at=at,
        holding=tuple(job for job in holding if job.job_id not in gone),
        nodes=_without(later.nodes, ended),
        plans=tuple(plan for number, plan in plans.items() if number not in due),
    )


def _without(nodes: tuple[Node, ...], ended: Iterable[HoldingJob]) -> tuple[Node, ...]:
    freed: dict[str, Amount] = {}
    for job in ended:
        for name in job.placement.nodes:
            freed[name] = freed.get(name, Amount()) + job.placement.gang.per_node
    return tuple(
        replace(node, used=node.used.less(freed[node.name])) if node.name in freed else node
        for node in nodes
    )
