"""Which running jobs give borrowed GPUs back, and for whom; each recall strictly improves.

By entitlements GPUs are owed to a class or an organisation that holds less than its due in a pool,
which is its floor or its whole entitlement, and has a gang waiting that its due would hold. Who
holds more than the due has borrowed. By a recall nobody falls below the due and nobody rises above
it, so what is owed only shrinks while the dues stay: chains of recalls end, and nothing is owed to
whoever gave.

By shares GPUs are owed to whoever stands lower, in the usage-corrected share, than a giver does
without them. The sorted shares rise lexicographically with each recall, so chains end as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from scheduler.domain.decisions import Allocation, Recall
from scheduler.domain.placement import suited
from scheduler.domain.queue import grouped, jobs_of, own_order
from scheduler.domain.recalls.claiming import Proposed, Round, waiting_in
from scheduler.domain.recalls.giving import Giving, may_be_recalled
from scheduler.domain.recalls.owing import ORGANISATION, Books, with_holding
from scheduler.domain.shares.demand import after_starts
from scheduler.domain.shares.fairshare import entitlements
from scheduler.domain.shares.quotas import Subject
from scheduler.domain.snapshot import Snapshot


class Allocate(Protocol):
    """Decides about every pending job of a snapshot."""

    def __call__(self, snapshot: Snapshot) -> Allocation: ...


# What is asked about next, each time that the allocator would not serve all; then nobody is
# disturbed in this cycle.
NARROWER: tuple[Callable[[Proposed], Proposed], ...] = (
    lambda confirmed: confirmed,
    Proposed.of_the_first,
    lambda confirmed: confirmed,
)


def recalling(allocate: Allocate) -> Allocate:
    """Return the allocator with recalls for whoever is owed GPUs after its starts."""

    def decide(snapshot: Snapshot) -> Allocation:
        allocation = allocate(snapshot)
        return replace(allocation, recalls=recalls(snapshot, allocation, allocate))

    return decide


def recalls(snapshot: Snapshot, allocation: Allocation, allocate: Allocate) -> tuple[Recall, ...]:
    """Return what gives way for those who are still owed GPUs after the cycle's starts.

    Each is confirmed by the allocator: asked about the world after the recalls, it lets the
    organisations that they are for start as much. What went to others instead would be recalled
    again and again. Empty where the policy has recall off, and where nothing may be recalled.
    """
    proposed = proposals(snapshot, allocation)
    for narrowed in NARROWER:
        if not proposed.recalls:
            break
        decided = allocate(after_recalls(snapshot, allocation, proposed.recalls))
        confirmed = proposed.confirmed_by(_started_gpus(snapshot, decided))
        if confirmed.recalls == proposed.recalls:
            return confirmed.recalls
        proposed = narrowed(confirmed)
    return ()


def proposals(snapshot: Snapshot, allocation: Allocation) -> Proposed:
    """Return the recalls that dues, limits, rooms and shares speak for."""
    rules, at = snapshot.policy.recall, snapshot.taken_at
    able = (may_be_recalled(job, snapshot.policy, at) for job in snapshot.holding)
    if not rules.enabled or not any(able):
        return Proposed()
    groups = suited(snapshot)
    books = Books(snapshot, allocation.starts, entitlements(snapshot, groups))
    giving = Giving(books, allocation.plans)
    pools = giving.pools()
    started = {start.job_id for start in allocation.starts}
    own_jobs = snapshot.policy.own_jobs
    in_order = sorted(groups, key=lambda group: own_order(group.jobs[0], own_jobs))
    waiting = (one for one in waiting_in(in_order, started) if one.option.pool in pools)
    return Round(books, giving, waiting).proposed()


def _started_gpus(snapshot: Snapshot, decided: Allocation) -> Mapping[Subject, int]:
    path_of = {
        job.job_id: group.tenant.path(ORGANISATION)
        for group in snapshot.queue
        for job in group.jobs
    }
    gpus: Counter[Subject] = Counter()
    for start in decided.starts:
        if start.job_id in path_of:
            gpus[path_of[start.job_id]] += start.placement.gang.gpus
    return gpus


def after_recalls(
    snapshot: Snapshot, allocation: Allocation, recalled: Sequence[Recall]
) -> Snapshot:
    """Return the world in which the starts hold, all who leave have gone, and the recalled wait."""
    ids = {recall.job_id for recall in recalled}
    gone = {job.job_id: job for job in snapshot.holding if job.is_leaving or job.job_id in ids}
    after = after_starts(snapshot, allocation.starts)
    again = [back for job in gone.values() if (back := job.waiting_again(snapshot.taken_at))]
    return replace(
        with_holding(after, tuple(job for job in after.holding if job.job_id not in gone)),
        queue=grouped([*jobs_of(after.queue), *again]),
        plans=allocation.plans,
    )
