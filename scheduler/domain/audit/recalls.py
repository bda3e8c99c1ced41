"""Recalls (P2, P11), restated: from whom GPUs come back, for whom, and that the law prefers it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from itertools import groupby
from math import ceil

from scheduler.domain.audit.gangs import Place
from scheduler.domain.audit.planned import waited_for_the_guard
from scheduler.domain.audit.world import HAIR, End, Path
from scheduler.domain.decisions import Recall
from scheduler.domain.jobs import HoldingJob, JobState, PendingJob
from scheduler.domain.policies import RecallBy
from scheduler.domain.resources import Amount
from scheduler.domain.tenants import Tenant

InPool = Counter[tuple[Path, str]]


@dataclass(frozen=True, slots=True)
class Step:
    """The recalls for one job, and who holds what when they come: earlier ones are carried out."""

    job: PendingJob
    owed: Path
    place: Place
    givers: tuple[HoldingJob, ...]
    held: InPool

    @property
    def pool(self) -> str:
        return self.place.pool

    @property
    def change(self) -> InPool:
        """Return what is held more, or less, once the gang is in the givers' place."""
        change: InPool = Counter()
        _count(change, self.job.tenant, self.pool, self.place.gang.gpus)
        for giver in self.givers:
            _count(change, giver.tenant, self.pool, -giver.placement.gang.gpus)
        return change


def only_runs_that_allow_it_are_recalled(end: End) -> Iterator[str]:
    rules, at = end.snapshot.policy.recall, end.snapshot.taken_at
    known = {job.job_id: job for job in end.snapshot.holding}
    counts = Counter(recall.job_id for recall in end.allocation.recalls)
    for job_id, count in counts.items():
        job = known.get(job_id)
        if not rules.enabled:
            yield f"job {job_id} is recalled, and recall is off"
        elif job is None or job.state is not JobState.RUNNING or not job.recallable:
            yield f"job {job_id} is recalled: it does not run, or did not say that it may again"
        elif count > 1 or _leaves(job):
            yield f"job {job_id} is recalled, and leaves anyway"
        elif job.started_at is None or (at - job.started_at).total_seconds() < rules.min_runtime_s:
            yield f"job {job_id} is recalled before it ran {rules.min_runtime_s} s"


def who_waited_long_stays(end: End) -> Iterator[str]:
    """A run that came before the shares, for its wait, gives to nothing but a floor."""
    guard = timedelta(seconds=end.snapshot.policy.wait.guard_s)
    for step in _steps(end):
        if _lacks_a_floor(end, step):
            continue
        for giver in step.givers:
            since = giver.waits_since
            if since and giver.started_at and giver.started_at - since >= guard:
                yield f"job {giver.job_id} is recalled, and had waited as long as the guard"


def recalls_are_for_who_is_owed(end: End) -> Iterator[str]:
    """The gang waits, and with it the owed tenant holds no more than its due."""
    waiting = {job.job_id for group in end.snapshot.queue for job in end.waiting(group)}
    for recall in end.allocation.recalls:
        if recall.for_job not in waiting:
            yield f"job {recall.job_id} is recalled for {recall.for_job}, which does not wait"
    for step in _steps(end):
        own = step.job.tenant.path(2)
        more = step.held[step.owed, step.pool] + step.place.gang.gpus
        who = f"job {step.job.job_id} of {'/'.join(own)}"
        if step.owed not in (own, own[:1]):
            yield f"{who} is served by a recall for {'/'.join(step.owed)}"
        elif _by_shares(end):
            yield from _back_too_soon(end, step)
        elif more > _due(end, step.owed, step.pool):
            yield f"{who} would take {'/'.join(step.owed)} to {more} GPUs, above its due"
        elif step.held[own, step.pool] >= _due(end, own, step.pool):
            yield f"{who} is served by a recall, and its organisation has its due"


def only_borrowed_gpus_are_recalled(end: End) -> Iterator[str]:
    """Nobody gives to itself, and whoever gives to others keeps its floor and its entitlement.

    Where recall goes by shares a giver keeps its floor, and a share no lower than the claimant's.
    """
    keeps = _floor if _by_shares(end) else _due
    for step in _steps(end):
        after = step.held.copy()
        after.update(step.change)
        own = step.job.tenant.path(2)
        for giver in step.givers:
            if giver.placement.pool != step.pool or giver.tenant.path(len(step.owed)) == step.owed:
                yield f"job {giver.job_id} is recalled for its own tenant, or from another pool"
            for path in (giver.tenant.path(1), giver.tenant.path(2)):
                others = path != own[: len(path)]
                if others and after[path, step.pool] < keeps(end, path, step.pool):
                    left = after[path, step.pool]
                    yield f"{'/'.join(path)} is left with {left} GPUs in {step.pool} by a recall"
            if _by_shares(end) and not (_lacks_a_floor(end, step) or _is_overdue(end, step)):
                yield from _left_lower(end, step, giver.tenant, after)


def _left_lower(end: End, step: Step, giver: Tenant, after: InPool) -> Iterator[str]:
    """Compare the giver with the claimant where their paths part."""
    depth = 1 if giver.path(1) != step.job.tenant.path(1) else 2
    theirs, own = giver.path(depth), step.job.tenant.path(depth)
    if _share(end, after, theirs) < _share(end, step.held, own):
        yield f"{'/'.join(theirs)} is left lower than {'/'.join(own)} was, by a recall"


def _back_too_soon(end: End, step: Step) -> Iterator[str]:
    """A job that a recall put back recalls nothing for as long as a run is left in peace."""
    back, rules = step.job.recalled_at, end.snapshot.policy.recall
    if back and end.snapshot.taken_at < back + timedelta(seconds=max(1, rules.min_runtime_s)):
        yield f"job {step.job.job_id} was recalled at {back:%F %T} and recalls others at once"


def recalls_make_room(end: End) -> Iterator[str]:
    """With all that leave gone, the gang's parts fit on as many nodes as it has."""
    recalled = {recall.job_id for recall in end.allocation.recalls}
    gone = [job for job in end.snapshot.holding if _leaves(job) or job.job_id in recalled]
    freed: dict[str, Amount] = {}
    for job in gone:
        for name in job.placement.nodes:
            freed[name] = freed.get(name, Amount()) + job.placement.gang.per_node
    for step in _steps(end):
        part, fitting = step.place.gang.per_node, 0
        for node in step.place.nodes:
            more = freed.get(node.name, Amount())
            gpus, cpus, mib = end.room(node)
            enough = gpus + more.gpus >= part.gpus and cpus + more.cpus >= part.cpus
            fitting += enough and mib + more.memory_mib >= part.memory_mib
        if fitting < step.place.gang.nodes:
            yield f"job {step.job.job_id} does not fit where jobs are recalled for it"


def each_recall_strictly_improves(end: End) -> Iterator[str]:
    """Fewer GPUs of floors lack, or the sorted corrected shares are lexicographically higher.

    They are those of all classes, then of all organisations; of the organisations alone where
    every giver is of the claimant's class. Who has waited for as long as the guard comes before the
    shares: it is enough that floors lack no more.
    """
    for step in _steps(end):
        after = step.held.copy()
        after.update(step.change)
        lacked, lacks = _lacking(end, step.held, step.pool), _lacking(end, after, step.pool)
        crosses = any(giver.tenant.path(1) != step.job.tenant.path(1) for giver in step.givers)
        depths = (1, 2) if crosses else (2,)
        before_shares = [_shares(end, step.held, depth) for depth in depths]
        after_shares = [_shares(end, after, depth) for depth in depths]
        if lacks <= lacked and _is_overdue(end, step):
            continue
        if (-lacks, after_shares) <= (-lacked, before_shares):
            ids = ", ".join(str(giver.job_id) for giver in step.givers)
            yield f"recalling {ids} for job {step.job.job_id} is no improvement"


Check = Callable[[End], Iterator[str]]
RECALL_CHECKS: tuple[Check, ...] = (
    only_runs_that_allow_it_are_recalled,
    who_waited_long_stays,
    recalls_are_for_who_is_owed,
    only_borrowed_gpus_are_recalled,
    recalls_make_room,
    each_recall_strictly_improves,
)


def _steps(end: End) -> Iterator[Step]:
    """Yield the recalls job by job in their order; what names an unknown job is left out."""
    known = {job.job_id: job for job in end.snapshot.holding}
    held = end.after.in_pool.copy()
    for job in end.snapshot.holding:
        if _leaves(job):
            _count(held, job.tenant, job.placement.pool, -job.placement.gang.gpus)
    for for_job, recalls in groupby(end.allocation.recalls, lambda recall: recall.for_job):
        step = _step(end, list(recalls), known, held)
        if step is not None and step.job.job_id == for_job:
            yield step
            held.update(step.change)


def _step(
    end: End, recalls: list[Recall], known: dict[int, HoldingJob], held: InPool
) -> Step | None:
    job = end.world.jobs.get(recalls[0].for_job)
    givers = tuple(known[recall.job_id] for recall in recalls if recall.job_id in known)
    place = (
        end.world.places.of(job.request).get(givers[0].placement.pool) if job and givers else None
    )
    if job is None or place is None:
        return None
    return Step(job, recalls[0].for_tenant, place, givers, held.copy())


def _leaves(job: HoldingJob) -> bool:
    given_back = job.recall_requested_at is not None or job.requeue_requested
    return job.cancel_requested or given_back


def _count(held: InPool, tenant: Tenant, pool: str, gpus: int) -> None:
    held[tenant.path(1), pool] += gpus
    held[tenant.path(2), pool] += gpus


def _due(end: End, path: Path, pool: str) -> int:
    names = path[1:] if len(path) == 2 else end.world.members.get(path[0], ())
    entitled = sum(end.world.entitled.get((name, pool), 0.0) for name in names)
    return max(_floor(end, path, pool), ceil(entitled - HAIR))


def _by_shares(end: End) -> bool:
    return end.snapshot.policy.recall.by is RecallBy.SHARES


def _is_overdue(end: End, step: Step) -> bool:
    """Say whether the job waited as long as the guard, and has a planned start for that."""
    planned = {plan.job_id for plan in end.allocation.plans}
    is_planned = step.job.job_id in planned
    return _by_shares(end) and is_planned and waited_for_the_guard(end, step.job)


def _lacks_a_floor(end: End, step: Step) -> bool:
    own = step.job.tenant.path(2)
    return any(_floor(end, path, step.pool) > step.held[path, step.pool] for path in (own, own[:1]))


def _floor(end: End, path: Path, pool: str) -> int:
    return end.world.quota(path).floor.gpus(pool) or 0


def _everybody(end: End, depth: int) -> list[Path]:
    members = end.world.members
    if depth == 1:
        return [(name,) for name in members]
    return [(name, member) for name, names in members.items() for member in names]


def _lacking(end: End, held: InPool, pool: str) -> int:
    paths = [*_everybody(end, 1), *_everybody(end, 2)]
    return sum(max(0, _floor(end, path, pool) - held[path, pool]) for path in paths)


def _shares(end: End, held: InPool, depth: int) -> list[Fraction]:
    """Return everybody's corrected share at a level of the tree, the lowest first."""
    return sorted(_share(end, held, path) for path in _everybody(end, depth))


def _share(end: End, held: InPool, path: Path) -> Fraction:
    snapshot = end.snapshot
    rates = {pool.name: snapshot.policy.rate(pool.gpu_type) for pool in snapshot.pools}
    used = Fraction(snapshot.mean_gpus.get(path, 0.0)) * snapshot.policy.usage_weight
    now = sum(rate * held[path, pool] for pool, rate in rates.items())
    return (used + now) / end.world.quota(path).share
