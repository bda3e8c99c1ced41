"""Who gives way for one claim: the least loss that makes room on real nodes, within all dues."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduler.domain.decisions import PlannedStart
from scheduler.domain.jobs import HoldingJob, JobState
from scheduler.domain.owing import CLASS, ORGANISATION, Books, Claim
from scheduler.domain.policies import RecallRules
from scheduler.domain.quotas import Subject
from scheduler.domain.resources import Amount

Givers = Mapping[int, HoldingJob]
NOBODY: Givers = {}


def may_be_recalled(job: HoldingJob, rules: RecallRules, at: datetime) -> bool:
    """Say whether the job runs, said that it may run again, and had its minimum runtime."""
    return (
        job.recallable
        and job.state is JobState.RUNNING
        and not job.is_leaving
        and job.started_at is not None
        and (at - job.started_at).total_seconds() >= rules.min_runtime_s
    )


def gpu_seconds(job: HoldingJob, at: datetime) -> int:
    """Return what the run has used: the most that is lost when it ends now."""
    return round(job.placement.gang.gpus * max(0.0, (at - (job.started_at or at)).total_seconds()))


@dataclass(frozen=True, slots=True)
class _Offer:
    """A node, those who must go for the gang's part to fit there, and what that costs."""

    node: str
    givers: Givers
    cost: tuple[int, int, Amount]


class Giving:
    """Finds room for claims, in what is free and in what jobs that may be recalled would give."""

    def __init__(self, books: Books, plans: Iterable[PlannedStart]) -> None:
        self._books = books
        self._rules = books.snapshot.policy.recall
        self._at = books.snapshot.taken_at
        self._by_node: dict[str, list[HoldingJob]] = {}
        for job in sorted(self._givers(), key=self._loss):
            for name in job.placement.nodes:
                self._by_node.setdefault(name, []).append(job)
        self._planned: dict[str, list[PlannedStart]] = {}
        for plan in plans:
            for name in plan.placement.nodes:
                self._planned.setdefault(name, []).append(plan)

    def pools(self) -> frozenset[str]:
        """Return the pools in which anybody could give anything."""
        return frozenset(
            job.placement.pool
            for jobs in self._by_node.values()
            for job in jobs
            if self._stays_at_its_due(job, (job.tenant.path(ORGANISATION),), NOBODY)
        )

    def nodes_for(self, claim: Claim, givers: Givers = NOBODY) -> tuple[str, ...] | None:
        """Return nodes for the gang, the tightest first, once these have gone; None: no room."""
        room = {name: self._room(claim, name, givers) for name in claim.option.nodes}
        part = claim.option.gang.per_node
        fitting = [name for name, space in room.items() if part.times_fits_in(space)]
        if len(fitting) < claim.option.gang.nodes:
            return None
        return tuple(sorted(fitting, key=lambda name: room[name])[: claim.option.gang.nodes])

    def givers(self, claim: Claim) -> Givers:
        """Return those whose leaving makes room for the gang, at little loss; empty: nobody.

        Node by node the cheapest offer is taken: a gang that leaves one node leaves others too.
        """
        chosen: dict[int, HoldingJob] = {}
        nodes: set[str] = set()
        while len(nodes) < claim.option.gang.nodes:
            names = (name for name in claim.option.nodes if name not in nodes)
            offers = filter(None, (self._offer(claim, name, chosen) for name in names))
            best = min(offers, key=lambda offer: offer.cost, default=None)
            if best is None:
                return NOBODY
            nodes.add(best.node)
            chosen.update(best.givers)
        for giver in sorted(chosen.values(), key=self._loss, reverse=True):
            others = _without(chosen, giver)
            if self.nodes_for(claim, others) is not None:
                chosen = others
        return chosen

    def _givers(self) -> Iterable[HoldingJob]:
        holding = self._books.holding.values()
        return (job for job in holding if may_be_recalled(job, self._rules, self._at))

    def _loss(self, job: HoldingJob) -> tuple[int, float, int]:
        """Order by what is lost; of equals the youngest run goes first."""
        started_at = job.started_at or self._at
        return gpu_seconds(job, self._at), -started_at.timestamp(), -job.job_id

    def _offer(self, claim: Claim, name: str, chosen: Givers) -> _Offer | None:
        added: dict[int, HoldingJob] = {}
        for job in self._by_node.get(name, ()):
            if self._fits(claim, name, {**chosen, **added}):
                break
            if self._may_give(job, claim, {**chosen, **added}):
                added[job.job_id] = job
        if not self._fits(claim, name, {**chosen, **added}):
            return None
        for giver in sorted(added.values(), key=self._loss, reverse=True):
            others = _without(added, giver)
            if self._fits(claim, name, {**chosen, **others}):
                added = others
        lost = sum(gpu_seconds(job, self._at) for job in added.values())
        gpus = sum(job.placement.gang.gpus for job in added.values())
        # Of equals the tightest node: whole nodes stay whole.
        return _Offer(name, added, (lost, gpus, self._room(claim, name, {**chosen, **added})))

    def _may_give(self, job: HoldingJob, claim: Claim, chosen: Givers) -> bool:
        """Say whether the job's tenants stay at their due, wherever they are not the claimant's."""
        known = job.job_id in self._books.holding and job.job_id not in chosen
        parting = tuple(
            job.tenant.path(depth)
            for depth in (CLASS, ORGANISATION)
            if job.tenant.path(depth) != claim.own(depth)
        )
        inside = job.tenant.path(len(claim.path)) == claim.path
        if not known or not parting or inside or job.placement.pool != claim.pool:
            return False
        crosses = len(parting) == ORGANISATION
        return (not crosses or self._class_is_owed(claim)) and self._stays_at_its_due(
            job, parting, chosen
        )

    def _stays_at_its_due(self, job: HoldingJob, paths: Iterable[Subject], chosen: Givers) -> bool:
        pool = job.placement.pool
        return all(
            self._books.now.gpus[path, pool] - _given(chosen, path) - job.placement.gang.gpus
            >= self._books.due(path, pool)
            for path in paths
        )

    def _class_is_owed(self, claim: Claim) -> bool:
        """Say whether GPUs of other classes may come: the claimant's stays within its due."""
        path = claim.own(CLASS)
        held = self._books.soon.gpus[path, claim.pool]
        return held + claim.gpus <= self._books.due(path, claim.pool)

    def _fits(self, claim: Claim, name: str, givers: Givers) -> bool:
        return claim.option.gang.per_node.times_fits_in(self._room(claim, name, givers)) > 0

    def _room(self, claim: Claim, name: str, givers: Givers) -> Amount:
        """Return what will be free; planned starts keep theirs from gangs that would outlast it."""
        free = self._books.free.get(name)
        if free is None:
            return Amount()
        for giver in givers.values():
            if name in giver.placement.nodes:
                free += giver.placement.gang.per_node
        for plan in self._planned.get(name, ()):
            served = plan.job_id == claim.job.job_id or plan.job_id in self._books.holding
            if not served and self._end_of(claim) > plan.at:
                free = free.less(plan.placement.gang.per_node)
        return free

    def _end_of(self, claim: Claim) -> datetime:
        return self._at + timedelta(seconds=self._rules.notice_s + claim.job.request.walltime_s)


def _without(givers: Givers, one: HoldingJob) -> dict[int, HoldingJob]:
    return {job_id: job for job_id, job in givers.items() if job_id != one.job_id}


def _given(givers: Givers, path: Subject) -> int:
    return sum(
        giver.placement.gang.gpus
        for giver in givers.values()
        if giver.tenant.path(len(path)) == path
    )
