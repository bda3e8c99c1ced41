"""Safety (P1), restated: every job decided once, gangs whole, nodes never overfilled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import chain

from scheduler.domain.audit.gangs import has_features
from scheduler.domain.audit.world import End
from scheduler.domain.decisions import Decision, Start
from scheduler.domain.jobs import PendingJob, Placement


def every_job_is_decided_once(end: End) -> Iterator[str]:
    counts = Counter(chain.from_iterable(map(_decided, end.allocation.decisions)))
    if counts.keys() == end.world.jobs.keys() and counts.total() == len(counts):
        return
    for job_id, count in counts.items():
        if job_id not in end.world.jobs:
            yield f"job {job_id} is decided but not pending"
        elif count > 1:
            yield f"job {job_id} is decided {count} times"
    for job_id in end.world.jobs:
        if job_id not in counts:
            yield f"job {job_id} is pending but not decided"


def _decided(decision: Decision) -> tuple[int, ...]:
    return (decision.job_id,) if isinstance(decision, Start) else decision.job_ids


def gangs_are_what_was_asked_for(end: End) -> Iterator[str]:
    for job, placement in end.started:
        yield from not_what_was_asked_for(end, job, placement)


def not_what_was_asked_for(end: End, job: PendingJob, placement: Placement) -> Iterator[str]:
    pool = end.world.pools.get(placement.pool)
    gang = end.world.places.gang(job.request, pool) if pool else None
    if gang is None:
        yield f"job {job.job_id} does not suit pool {placement.pool}"
    elif gang != placement.gang:
        yield f"job {job.job_id} asks for {gang}, not {placement.gang}"


def gangs_are_whole_on_suiting_nodes(end: End) -> Iterator[str]:
    for job, placement in end.started:
        yield from not_whole(job, placement)
        for name in placement.nodes:
            node = end.world.nodes.get(name)
            if node is None or node.pool != placement.pool or not node.available:
                yield f"job {job.job_id} is placed on {name}: not an available node of its pool"
            elif not has_features(job.request, node):
                yield f"job {job.job_id} is placed on {name}, which lacks the features asked for"


def not_whole(job: PendingJob, placement: Placement) -> Iterator[str]:
    if not placement.gang.nodes == len(placement.nodes) == len(set(placement.nodes)):
        yield f"job {job.job_id} needs {placement.gang.nodes} nodes, not {placement.nodes}"


def nodes_are_not_overfilled(end: End) -> Iterator[str]:
    for name in end.taken:
        node = end.world.nodes.get(name)
        # A node can be overfull before a cycle: only those on which something starts are judged.
        if node is not None and min(end.room(node)) < 0:
            yield f"node {name} has {node.capacity}, {node.used} used, {end.taken[name]} started"
