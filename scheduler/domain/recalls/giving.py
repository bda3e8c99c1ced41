"""Who gives way for one claim: the least loss that makes room on real nodes, within all dues."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduler.domain.decisions import PlannedStart
from scheduler.domain.jobs import HoldingJob, JobState
from scheduler.domain.policies import Policy
from scheduler.domain.recalls.owing import CLASS, ORGANISATION, Books, Claim
from scheduler.domain.resources import Amount
from scheduler.domain.shares.quotas import Subject

Givers = Mapping[int, HoldingJob]
NOBODY: Givers = {}


def may_be_recalled(job: HoldingJob, policy: Policy, at: datetime) -> bool:
    """Say whether the job runs, said that it may run again, and had its minimum runtime."""
    rules = policy.recall
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
        self._policy = books.snapshot.policy
        self._at = books.snapshot.taken_at
        self._by_node: dict[str, list[HoldingJob]] = {}
        # By lender, apart for those whom their wait protects.
        self._smallest: dict[str, dict[tuple[Subject, bool], HoldingJob]] = {}
        for job in sorted(self._givers(), key=self._loss):
            for name in job.placement.nodes:
                self._by_node.setdefault(name, []).append(job)
            lenders = self._smallest.setdefault(job.placement.pool, {})
            key = job.tenant.path(ORGANISATION), self._waited_long(job)
            known = lenders.setdefault(key, job)
            if job.placement.gang.gpus < known.placement.gang.gpus:
                lenders[key] = job
        self._planned: dict[str, list[PlannedStart]] = {}
        self.plans = tuple(plans)
        for plan in self.plans:
            for name in plan.placement.nodes:
                self._planned.setdefault(name, []).append(plan)

    def lenders(self, claim: Claim) -> bool:
        """Say whether anybody in the claim's pool might give anything for it."""
        return any(
            self._may_give(smallest, claim, NOBODY)
            for smallest in self._smallest.get(claim.pool, {}).values()
            if smallest.job_id in self._books.holding
        )

    def pools(self) -> frozenset[str]:
        """Return the pools in which anybody could give anything."""
        return frozenset(
            pool
            for pool, by_lender in self._smallest.items()
            for (lender, _), job in by_lender.items()
            if self._keeps_what_is_kept(job, (lender,), NOBODY)
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
        return (job for job in holding if may_be_recalled(job, self._policy, self._at))

    def _loss(self, job: HoldingJob) -> tuple[int, float, int]:
        """Order by what is lost; of equals the youngest run goes first."""
        started_at = job.started_at or self._at
        return gpu_seconds(job, self._at), -started_at.timestamp(), -job.job_id

    def _offer(self, claim: Claim, name: str, chosen: Givers) -> _Offer | None:
        part, room = claim.option.gang.per_node, self._room(claim, name, chosen)
        added: list[HoldingJob] = []
        for job in self._by_node.get(name, ()):
            if part.times_fits_in(room):
                break
            if self._may_give(job, claim, _with(chosen, added)):
                added.append(job)
                room += job.placement.gang.per_node
        if not part.times_fits_in(room):
            return None
        for giver in sorted(added, key=self._loss, reverse=True):
            without = room.less(giver.placement.gang.per_node)
            if part.times_fits_in(without):
                added.remove(giver)
                room = without
        lost = sum(gpu_seconds(job, self._at) for job in added)
        gpus = sum(job.placement.gang.gpus for job in added)
        # Of equals the tightest node: whole nodes stay whole.
        return _Offer(name, _with({}, added), (lost, gpus, room))

    def _may_give(self, job: HoldingJob, claim: Claim, chosen: Givers) -> bool:
        """Say whether the job's tenants stay at their due, wherever they are not the claimant's.

        Unless its floor lacks GPUs, a job that waited for as long as the guard stays, and they must
        not come to stand lower than the claimant: only who waited as long comes before the shares.
        """
        if job.job_id in chosen or job.job_id not in self._books.holding:
            return False
        own, path = job.tenant.path(ORGANISATION), claim.own(ORGANISATION)
        if own == path or own[: len(claim.path)] == claim.path:
            return False
        crosses = own[:CLASS] != path[:CLASS]
        parting = (own[:CLASS], own) if crosses else (own,)
        if crosses and not self._class_is_owed(claim):
            return False
        return self._keeps_what_is_kept(job, parting, chosen) and (
            self._lacks_a_floor(claim)
            or (
                not self._waited_long(job)
                and (claim.is_overdue or self._stays_ahead(job, claim, parting[0], chosen))
            )
        )

    def _waited_long(self, job: HoldingJob) -> bool:
        return job.wait_s >= self._policy.wait.guard_s

    def _lacks_a_floor(self, claim: Claim) -> bool:
        holdings, own = self._books.now, claim.own(ORGANISATION)
        return any(holdings.lacks(path, claim.pool) for path in (own[:CLASS], own))

    def _stays_ahead(self, job: HoldingJob, claim: Claim, path: Subject, chosen: Givers) -> bool:
        less = _given(chosen, path) + job.placement.gang.gpus
        after = self._books.now.share(path, claim.pool, -less)
        return after >= self._books.now.share(claim.own(len(path)))

    def _keeps_what_is_kept(
        self, job: HoldingJob, paths: Iterable[Subject], chosen: Givers
    ) -> bool:
        pool = job.placement.pool
        return all(
            self._books.now.gpus[path, pool] - _given(chosen, path) - job.placement.gang.gpus
            >= self._books.kept(path, pool)
            for path in paths
        )

    def _class_is_owed(self, claim: Claim) -> bool:
        """Say whether GPUs of other classes may come: the claimant's stays within its due.

        Where shares decide, they alone do.
        """
        if self._books.by_shares:
            return True
        path = claim.own(CLASS)
        held = self._books.soon.gpus[path, claim.pool]
        return held + claim.gpus <= self._books.due(path, claim.pool)

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
        return self._at + timedelta(
            seconds=self._policy.recall.notice_s + claim.job.request.walltime_s
        )


def _without(givers: Givers, one: HoldingJob) -> dict[int, HoldingJob]:
    return {job_id: job for job_id, job in givers.items() if job_id != one.job_id}


def _with(givers: Givers, more: Iterable[HoldingJob]) -> Givers:
    added = {job.job_id: job for job in more}
    return {**givers, **added} if added else givers


def _given(givers: Givers, path: Subject) -> int:
    return sum(
        giver.placement.gang.gpus
        for giver in givers.values()
        if giver.tenant.path(len(path)) == path
    )
