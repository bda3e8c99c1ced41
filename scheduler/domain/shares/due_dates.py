"""Until when GPUs are owed, and until when they may be kept: by recalls, plans and walltimes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import chain

from scheduler.domain.decisions import Allocation
from scheduler.domain.jobs import OVERRUN, HoldingJob
from scheduler.domain.policies import RecallBy
from scheduler.domain.recalls.giving import may_be_recalled
from scheduler.domain.recalls.owing import CLASS, ORGANISATION, Holdings
from scheduler.domain.records import OrganisationShare
from scheduler.domain.shares.demand import after_starts
from scheduler.domain.shares.quotas import Subject
from scheduler.domain.snapshot import Snapshot

# From the end of a notice to GPUs that are free: Slurm's KillWait, 30 s unless told, and cycles.
AFTER_NOTICE = timedelta(seconds=60)
Coming = tuple[datetime, int]  # when, and how many GPUs


def dated(
    shares: Sequence[OrganisationShare],
    snapshot: Snapshot,
    allocation: Allocation,
    before: Sequence[OrganisationShare],
) -> tuple[OrganisationShare, ...]:
    """Return the shares with the moments of what is owed and borrowed.

    `before` are the shares of the cycle before: a debt goes back to when it began, or to when
    something of it came last.
    """
    dates = _Dates(snapshot, allocation, shares)
    told = {(share.organisation, share.pool): share for share in before}
    return tuple(dates.of(share, told.get((share.organisation, share.pool))) for share in shares)


@dataclass(frozen=True, slots=True)
class _Giver:
    """A run that a recall brings back: `at` when it is told already, else told from `at` on.

    `class_left` and `own_left` are the corrected shares of its tenants without it.
    """

    lender: Subject
    gpus: int
    at: datetime
    is_told: bool
    waited_long: bool
    class_left: Fraction
    own_left: Fraction


class _Dates:
    """The runs of a cycle's end, and when their GPUs come back; each pool is looked at once."""

    def __init__(
        self, snapshot: Snapshot, allocation: Allocation, shares: Sequence[OrganisationShare]
    ) -> None:
        self._now, self._policy = snapshot.taken_at, snapshot.policy
        self._notice = timedelta(seconds=snapshot.policy.recall.notice_s)
        after = after_starts(snapshot, allocation.starts)
        self._holdings = Holdings(after, after.holding)
        self._told_now = {recall.job_id for recall in allocation.recalls}
        self._runs: dict[tuple[str, str], list[HoldingJob]] = {}
        for job in after.holding:
            key = job.tenant.organisation, job.placement.pool
            self._runs.setdefault(key, []).append(job)
        # Whoever is owed has borrowed nothing there, so all of these are others to it.
        self._lenders: dict[str, list[OrganisationShare]] = {}
        for share in shares:
            if share.borrowed:
                self._lenders.setdefault(share.pool, []).append(share)
        self._plans = _planned(snapshot, allocation)
        self._ends: dict[str, Sequence[Coming]] = {}
        self._givers: dict[str, Sequence[_Giver]] = {}

    def of(self, share: OrganisationShare, before: OrganisationShare | None) -> OrganisationShare:
        """Return the share with its moments; most have none."""
        if share.borrowed:
            return replace(share, borrowed_until=self._borrowed_until(share))
        if not share.owed:
            return share
        goes_on = before is not None and before.held >= share.held
        since = (before.owed_since if before and goes_on else None) or self._now
        return replace(share, owed_since=since, owed_until=self._owed_until(share, since))

    def _borrowed_until(self, share: OrganisationShare) -> datetime | None:
        """Return the end of the first notice; without one, when runs have given all back."""
        runs = self._runs_of(share)
        notices = [told + self._notice for job in runs if (told := self._told_at(job))]
        if notices:
            return min(notices)
        return _moment_of(share.borrowed, sorted((self._end_of(job), _gpus(job)) for job in runs))

    def _owed_until(self, share: OrganisationShare, since: datetime) -> datetime | None:
        """Return when so much has come: by recalls, else by planned starts, else by walltimes."""
        recalls = _moment_of(share.owed, self._by_recall(share, since))
        plans = sorted(self._plans.get((share.organisation, share.pool), ()))
        return (
            recalls
            or _moment_of(share.owed, plans)
            or _moment_of(share.owed, self._by_walltime(share.pool))
        )

    def _by_recall(self, share: OrganisationShare, since: datetime) -> Iterator[Coming]:
        """Yield what recalls bring, the told ones first; gangs leave a lender what it keeps.

        A recall that should have been told by now does not come: the law or the room forbids it.
        """
        left = {place.organisation: self._may_be_taken(place) for place in self._in(share.pool)}
        own = (share.tenant_class, share.organisation)
        lacks = any(self._holdings.lacks(path, share.pool) for path in (own[:CLASS], own))
        class_share, own_share = self._holdings.share(own[:CLASS]), self._holdings.share(own)
        for giver in self._givers_in(share.pool):
            at = giver.at
            if not giver.is_told:
                at = max(since, at) + self._notice + AFTER_NOTICE
                crosses = giver.lender[:CLASS] != own[:CLASS]
                stays_ahead = (
                    giver.class_left >= class_share if crosses else giver.own_left >= own_share
                )
                if at < self._now or not (lacks or (stays_ahead and not giver.waited_long)):
                    continue
            if giver.gpus <= left[giver.lender[-1]]:
                left[giver.lender[-1]] -= giver.gpus
                yield at, giver.gpus

    def _by_walltime(self, pool: str) -> Sequence[Coming]:
        """Return when lenders have given back what they borrowed, whoever gets it."""
        if pool not in self._ends:
            self._ends[pool] = sorted(chain.from_iterable(map(self._given_back, self._in(pool))))
        return self._ends[pool]

    def _given_back(self, lender: OrganisationShare) -> Iterator[Coming]:
        left = lender.borrowed
        for at, gpus in sorted((self._end_of(job), _gpus(job)) for job in self._runs_of(lender)):
            yield at, min(gpus, left)
            left -= min(gpus, left)

    def _givers_in(self, pool: str) -> Sequence[_Giver]:
        if pool not in self._givers:
            runs = chain.from_iterable(map(self._runs_of, self._in(pool)))
            found = filter(None, map(self._giver, runs))
            self._givers[pool] = sorted(found, key=lambda one: (not one.is_told, one.at))
        return self._givers[pool]

    def _giver(self, job: HoldingJob) -> _Giver | None:
        """Return what a recall of the run brings; None where none is told, or ever will be."""
        told, rules = self._told_at(job), self._policy.recall
        if told is not None:
            at = max(told + self._notice, self._now) + AFTER_NOTICE
        elif rules.enabled and job.started_at is not None:
            at = job.started_at + timedelta(seconds=rules.min_runtime_s)
            if not may_be_recalled(job, self._policy, at):
                return None
        else:
            return None
        lender, pool = job.tenant.path(ORGANISATION), job.placement.pool
        return _Giver(
            lender,
            _gpus(job),
            at,
            is_told=told is not None,
            waited_long=job.wait_s >= self._policy.wait.guard_s,
            class_left=self._holdings.share(lender[:CLASS], pool, -_gpus(job)),
            own_left=self._holdings.share(lender, pool, -_gpus(job)),
        )

    def _in(self, pool: str) -> Sequence[OrganisationShare]:
        """Return who has borrowed in the pool."""
        return self._lenders.get(pool, ())

    def _runs_of(self, share: OrganisationShare) -> Sequence[HoldingJob]:
        return self._runs.get((share.organisation, share.pool), ())

    def _may_be_taken(self, lender: OrganisationShare) -> int:
        """Return the GPUs above what no recall takes: its due, by shares its floor."""
        if self._policy.recall.by is RecallBy.ENTITLEMENTS:
            return lender.borrowed
        quota = self._policy.organisation(lender.tenant_class, lender.organisation)
        floor = quota.floor.gpus(lender.pool) or 0
        return max(0, lender.held - floor)

    def _told_at(self, job: HoldingJob) -> datetime | None:
        return self._now if job.job_id in self._told_now else job.recall_requested_at

    def _end_of(self, job: HoldingJob) -> datetime:
        """Return when the run is over: soon if cancelled, else after notice or walltime."""
        if job.cancel_requested:
            return self._now + OVERRUN
        ends, told = job.ends_by(self._now), self._told_at(job)
        return min(ends, max(told + self._notice, self._now) + AFTER_NOTICE) if told else ends


def _moment_of(gpus: int, coming: Iterable[Coming]) -> datetime | None:
    """Return when so many have come of what comes in this order; None where they never do."""
    come, latest = 0, None
    for at, some in coming:
        come += some
        latest = at if latest is None else max(latest, at)
        if come >= gpus:
            return latest
    return None


def _planned(
    snapshot: Snapshot, allocation: Allocation
) -> Mapping[tuple[str, str], Sequence[Coming]]:
    """Return each organisation's planned starts in each pool."""
    plans = {plan.job_id: plan for plan in allocation.plans}
    found: dict[tuple[str, str], list[Coming]] = {}
    for group in snapshot.queue if plans else ():
        for plan in filter(None, map(plans.get, group.job_ids)):
            at = max(plan.at, snapshot.taken_at)
            key = group.tenant.organisation, plan.placement.pool
            found.setdefault(key, []).append((at, plan.placement.gang.gpus))
    return found


def _gpus(job: HoldingJob) -> int:
    return job.placement.gang.gpus
