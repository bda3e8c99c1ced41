"""A snapshot as it is later if everything lasts as long as it may and nobody else comes."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

from scheduler.domain.decisions import Allocation
from scheduler.domain.jobs import HoldingJob, JobState
from scheduler.domain.queue import grouped
from scheduler.domain.resources import Amount
from scheduler.domain.snapshot import Snapshot

GRACE = timedelta(minutes=1)  # until Slurm has ended what is past its walltime


def as_it_will_be(snapshot: Snapshot, allocation: Allocation, at: datetime, asked: int) -> Snapshot:
    """Return the snapshot at that time, the allocation's starts and other jobs' plans made."""
    now, waiting = snapshot.taken_at, {job.job_id: job for job in snapshot.pending}
    plans = [plan for plan in allocation.plans if plan.job_id != asked]
    begun = {start.job_id: (now, start.placement) for start in allocation.starts}
    begun |= {plan.job_id: (plan.at, plan.placement) for plan in plans if plan.at <= at}
    runs = [(job, False) for job in snapshot.holding]
    for number, (since, placement) in begun.items():
        job = waiting.pop(number)
        lasts, state = job.request.walltime_s, JobState.RUNNING
        held = HoldingJob(number, job.tenant, state, placement, lasts, started_at=since)
        runs.append((replace(held, array=job.array), True))
    gpus, cpus, mib = Counter[str](), Counter[str](), Counter[str]()
    left = []
    for run, is_new in runs:
        since = run.started_at or run.changed_at or now
        ends = max(since + timedelta(seconds=run.walltime_s), now + GRACE)
        sign = int(is_new) - int(ends <= at)
        left += [run] if ends > at else []
        for name in run.placement.nodes:
            part = run.placement.gang.per_node
            gpus[name] += sign * part.gpus
            cpus[name] += sign * part.cpus
            mib[name] += sign * part.memory_mib
    nodes = (
        replace(
            node,
            used=Amount(
                max(0, node.used.gpus + gpus[node.name]),
                max(0, node.used.cpus + cpus[node.name]),
                max(0, node.used.memory_mib + mib[node.name]),
            ),
        )
        for node in snapshot.nodes
    )
    return replace(
        snapshot,
        taken_at=at,
        holding=tuple(left),
        nodes=tuple(nodes),
        queue=grouped(waiting.values()),
        plans=tuple(plan for plan in plans if plan.at > at),
    )
