"""Replays a site's jobs under one policy: the allocator's cycles without store, cluster and audit.

What decides is the service's own: the snapshot, the allocator that is handed in, usage, recalls.
What is left out is what makes no difference to a schedule on a cluster that always answers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from heapq import heappop, heappush

from scheduler.clock import EPOCH
from scheduler.domain.cluster import ClusterState
from scheduler.domain.decisions import Allocation, Start
from scheduler.domain.jobs import HoldingJob, JobState, PendingJob
from scheduler.domain.policies import Policy
from scheduler.domain.queue import PendingQueue
from scheduler.domain.requests import GpuRequest
from scheduler.domain.resources import Amount
from scheduler.domain.snapshot import Snapshot
from scheduler.domain.tenants import Tenant
from scheduler.domain.validation import check_request
from scheduler.errors import InvalidRequest, QuotaExceeded
from scheduler.ports import Allocator
from scheduler.simulation.decayed_usage import DecayedUsage
from scheduler.simulation.site import Site, SiteJob, submissions

# Where jobs may be recalled, or are due a place, time alone may change what is to be done.
LOOK_AGAIN_S = 900.0

Spell = tuple[float, float]  # from, to: the job held its whole gang


@dataclass(slots=True)
class Fate:
    """What became of a job: when it held its gang, and whether it was refused or has ended."""

    spells: list[Spell]
    recalls: int = 0
    refused: bool = False
    left_s: float | None = None  # when it ended or was taken back; None: it waits or runs yet


@dataclass(frozen=True, slots=True)
class SiteSchedule:
    """What became of each of the site's jobs, in their order, until the window's end."""

    fates: tuple[Fate, ...]
    cycles: int


def replay_site(
    site: Site,
    policy: Policy,
    allocate: Allocator,
    cycle_s: float,
    tell: Callable[[float], None] = lambda _: None,
) -> SiteSchedule:
    """Return the schedule that the policy gives; the same each time.

    A cycle runs when something has happened, and `cycle_s` after the one before at the earliest.
    `tell` hears how many seconds of the window are over.
    """
    rig = _Rig(site, policy, allocate)
    while (now_s := rig.next_s(cycle_s)) is not None:
        rig.cycle(now_s)
        tell(now_s)
    rig.close()
    tell(site.window_s)
    return SiteSchedule(tuple(rig.fates.values()), rig.cycles)


class _Rig:
    """The queue, what runs, and the nodes, moved from cycle to cycle."""

    def __init__(self, site: Site, policy: Policy, allocate: Allocator) -> None:
        self._site, self._policy, self._allocate = site, policy, allocate
        self._jobs = {job.job_id: job for job in site.jobs}
        self.fates = {job.job_id: Fate([]) for job in site.jobs}
        self.cycles = 0
        self._now_s: float | None = None  # of the last cycle
        self._coming = list(submissions(site.jobs))[::-1]
        self._idle = ClusterState(site.pools, site.nodes, (), EPOCH, True)
        self._places = {node.name: place for place, node in enumerate(site.nodes)}
        self._nodes = list(site.nodes)
        self._queue = PendingQueue()
        self._pending_by_user: Counter[str] = Counter()
        self._holding: dict[int, HoldingJob] = {}
        self._ends_s: dict[int, float] = {}  # of the runs that no recall cuts short
        self._events: list[tuple[float, int, int]] = []  # ends and leaves: when, whose, which run
        self._usage = DecayedUsage(policy, site.pools)
        self._last: Allocation | None = None
        self._refused: dict[tuple[GpuRequest, Tenant, int], bool] = {}

    def next_s(self, cycle_s: float) -> float | None:
        """Return when the next cycle runs; None when the window is over before."""
        found = [self._coming[-1][0].submit_s] if self._coming else []
        found += [self._events[0][0]] if self._events else []
        if self._looks_again and self._now_s is not None:
            found.append(self._now_s + LOOK_AGAIN_S)
        if not found:
            return None
        earliest_s = 0.0 if self._now_s is None else self._now_s + cycle_s
        at_s = max(min(found), earliest_s)
        return at_s if at_s < self._site.window_s else None

    @property
    def _looks_again(self) -> bool:
        return len(self._queue) > 0 and self._policy.recall.enabled and bool(self._holding)

    def cycle(self, now_s: float) -> None:
        """Let happen what is due, and decide about those who wait, if anybody does."""
        self._move_to(now_s)
        if not len(self._queue):
            return
        self._now_s = now_s
        self.cycles += 1
        snapshot = self._snapshot(now_s)
        self._last = self._allocate(snapshot)
        for start in self._last.starts:
            self._start(start, now_s)
        for recall in self._last.recalls:
            self._recall(recall.job_id, now_s)

    def close(self) -> None:
        """Let everything happen that is due until the window's end, and cut what runs there."""
        self._move_to(self._site.window_s)
        for job_id in list(self._holding):
            self._stop(job_id, self._site.window_s)

    def _move_to(self, now_s: float) -> None:
        for at_s in self._moments(now_s):
            while self._events and self._events[0][0] <= at_s:
                self._happen(*heappop(self._events))
            while self._coming and self._coming[-1][0].submit_s <= at_s:
                self._submit(self._coming.pop())

    def _moments(self, now_s: float) -> Iterator[float]:
        """Yield the submissions until now, so that limits count those who wait by then."""
        while self._coming and self._coming[-1][0].submit_s <= now_s:
            yield self._coming[-1][0].submit_s
        yield now_s

    def _submit(self, together: Sequence[SiteJob]) -> None:
        first = together[0]
        limit = self._policy.limits_of_users(first.tenant.tenant_class).max_pending_jobs
        waiting = self._pending_by_user[first.tenant.user] + len(together)
        if (limit is not None and waiting > limit) or self._is_refused(first, len(together)):
            for job in together:
                self.fates[job.job_id].refused = True
            return
        for job in together:
            self._wait(
                PendingJob(job.job_id, job.tenant, job.request, moment(job.submit_s), job.array)
            )
            if job.leaves_s is not None:
                heappush(self._events, (job.leaves_s, job.job_id, -1))

    def _is_refused(self, job: SiteJob, elements: int) -> bool:
        """Say whether the policy takes no such job; what is handed in again and again is known."""
        key = job.request, job.tenant, elements
        if key not in self._refused:
            self._refused[key] = _refuses(self._policy, self._idle, job, elements)
        return self._refused[key]

    def _wait(self, job: PendingJob) -> None:
        self._queue.add(job)
        self._pending_by_user[job.tenant.user] += 1

    def _happen(self, at_s: float, job_id: int, run: int) -> None:
        """Let a job's run end, or the job leave; what was of an earlier run is over already."""
        fate = self.fates[job_id]
        if run >= 0 and (job_id not in self._holding or run != len(fate.spells)):
            return
        if job_id in self._holding:
            is_over = run < 0 or at_s >= self._ends_s[job_id]
            again = self._stop(job_id, at_s).waiting_again(moment(at_s))
            if not is_over and again is not None:
                fate.recalls += 1
                self._wait(again)
                return
        elif job_id in self._queue:
            self._no_longer_waits(job_id)
        elif fate.left_s is not None:
            return
        fate.left_s = at_s

    def _no_longer_waits(self, job_id: int) -> None:
        self._pending_by_user[self._queue[job_id].tenant.user] -= 1
        self._queue.discard(job_id)

    def _left_s(self, job_id: int) -> float:
        """Return what is left of the work: a recalled run is kept as far as its signal."""
        spells = self.fates[job_id].spells
        notice_s = self._policy.recall.notice_s
        kept_s = sum(max(0.0, end_s - start_s - notice_s) for start_s, end_s in spells)
        return self._jobs[job_id].run_s - kept_s

    def _start(self, start: Start, now_s: float) -> None:
        waiting, job = self._queue[start.job_id], self._jobs[start.job_id]
        self._no_longer_waits(start.job_id)
        placement, at = start.placement, moment(now_s)
        self._holding[start.job_id] = HoldingJob(
            *(job.job_id, job.tenant, JobState.RUNNING, placement, job.request.walltime_s),
            started_at=at,
            array=job.array,
            changed_at=at,
            recallable=job.recallable,
            request=job.request,
            waits_since=waiting.submitted_at,
        )
        self._take(placement.nodes, placement.gang.per_node)
        self._usage.started(job.tenant, placement.pool, placement.gang.gpus, at)
        run = len(self.fates[job.job_id].spells)
        self._ends_s[job.job_id] = now_s + max(0.0, self._left_s(job.job_id))
        heappush(self._events, (self._ends_s[job.job_id], job.job_id, run))

    def _recall(self, job_id: int, now_s: float) -> None:
        held = self._holding.get(job_id)
        if held is None or held.recall_requested_at is not None:
            return
        self._holding[job_id] = replace(held, recall_requested_at=moment(now_s))
        run = len(self.fates[job_id].spells)
        heappush(self._events, (now_s + self._policy.recall.notice_s, job_id, run))

    def _stop(self, job_id: int, at_s: float) -> HoldingJob:
        held = self._holding.pop(job_id)
        placement, began = held.placement, held.started_at or EPOCH
        self._give_back(placement.nodes, placement.gang.per_node)
        ran = (began, moment(at_s))
        self._usage.ended(held.tenant, placement.pool, placement.gang.gpus, ran)
        self.fates[job_id].spells.append(((began - EPOCH).total_seconds(), at_s))
        return held

    def _take(self, names: Sequence[str], part: Amount) -> None:
        for name in names:
            node = self._nodes[self._places[name]]
            self._nodes[self._places[name]] = replace(node, used=node.used + part)

    def _give_back(self, names: Sequence[str], part: Amount) -> None:
        for name in names:
            node = self._nodes[self._places[name]]
            self._nodes[self._places[name]] = replace(node, used=node.used.less(part))

    def _snapshot(self, now_s: float) -> Snapshot:
        at = moment(now_s)
        return Snapshot(
            cycle=self.cycles,
            taken_at=at,
            policy_version=1,
            policy=self._policy,
            pools=self._site.pools,
            nodes=tuple(self._nodes),
            queue=self._queue.groups(),
            holding=tuple(self._holding[job_id] for job_id in sorted(self._holding)),
            organisations={
                name: tenant_class
                for name, tenant_class in self._site.organisations.items()
                if tenant_class in self._policy.classes
            },
            mean_gpus=self._usage.mean_gpus(at),
            default_mib_per_cpu=self._site.default_mib_per_cpu,
            plans=tuple(
                plan
                for plan in (self._last.plans if self._last else ())
                if plan.job_id in self._queue
            ),
        )


def _refuses(policy: Policy, idle: ClusterState, job: SiteJob, elements: int) -> bool:
    if job.tenant.tenant_class not in policy.classes:
        return True
    try:
        check_request(job.request, job.tenant, policy, idle, elements)
    except (InvalidRequest, QuotaExceeded):
        return True
    return False


def moment(seconds: float) -> datetime:
    """Return the moment of a second of the window."""
    return EPOCH + timedelta(seconds=seconds)
