"""What is owed to whom, and until when: GPUs due to one organisation that others borrowed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from scheduler.domain.decisions import Allocation
from scheduler.domain.demand import Demand, Key, after_starts, held_gpus
from scheduler.domain.giving import may_be_recalled
from scheduler.domain.jobs import OVERRUN, HoldingJob
from scheduler.domain.owing import CLASS, ORGANISATION, Holdings
from scheduler.domain.policies import RecallBy
from scheduler.domain.quotas import quota_of, whole_gpus
from scheduler.domain.records import OrganisationShare
from scheduler.domain.snapshot import Snapshot

# From the end of a notice to GPUs that are free: Slurm's KillWait, 30 s unless told, and cycles.
AFTER_NOTICE = timedelta(seconds=60)
Coming = tuple[datetime, int]  # when, and how many GPUs


def owed_gpus(
    snapshot: Snapshot,
    wanted: Demand,
    entitled: Mapping[tuple[str, str], float],
    borrowed: Mapping[tuple[str, str], int],
) -> Mapping[Key, int]:
    """Return what is owed to each (class, organisation, pool); missing is nothing.

    The lack is what the organisation wants of its due, its floor or its whole entitlement, and
    does not hold. Of it is owed what gangs that wait can use whole within that, or within what
    its class lacks of its own due; and no more than the others in the pool have borrowed.
    """
    held, policy = held_gpus(snapshot), snapshot.policy
    in_pool = Counter[str]()
    for (_, pool), gpus in borrowed.items():
        in_pool[pool] += gpus
    class_lacks = _class_lacks(snapshot, wanted, entitled, held)
    owed = {}
    for key, gangs in wanted.gangs.items():
        tenant_class, name, pool = key
        floor = policy.organisation(tenant_class, name).floor.gpus(pool) or 0
        due = max(floor, whole_gpus(entitled.get((name, pool), 0.0)))
        lack = min(wanted.gpus[key], due) - held[key]
        if lack > 0:
            usable = most_in_whole_gangs(gangs, max(lack, class_lacks[tenant_class, pool]))
            others = in_pool[pool] - borrowed.get((name, pool), 0)
            owed[key] = min(lack, usable, others)
    return owed


def most_in_whole_gangs(gangs: Mapping[int, int], most: int) -> int:
    """Return the most GPUs, up to `most`, that whole gangs take; `gangs` counts them by size."""
    sums = 1  # bit n: some gangs take n GPUs together
    within = (1 << most + 1) - 1
    for gpus, count in gangs.items():
        left, part = min(count, most // gpus), 1
        while left > 0:
            taken = min(part, left)
            sums |= sums << taken * gpus & within
            left, part = left - taken, part * 2
    return sums.bit_length() - 1


def _class_lacks(
    snapshot: Snapshot,
    wanted: Demand,
    entitled: Mapping[tuple[str, str], float],
    held: Mapping[Key, int],
) -> Mapping[tuple[str, str], int]:
    """Return what each (class, pool) does not hold of its due; negative where it holds more."""
    totals: dict[tuple[str, str], float] = {}
    holds = Counter[tuple[str, str]]()
    for key in wanted.gpus:
        tenant_class, name, pool = key
        place = tenant_class, pool
        totals[place] = totals.get(place, 0.0) + entitled.get((name, pool), 0.0)
        holds[place] += held.get(key, 0)
    floors = {place: quota_of(snapshot.policy, place[:1]).floor.gpus(place[1]) for place in totals}
    return {
        place: max(floors[place] or 0, whole_gpus(gpus)) - holds[place]
        for place, gpus in totals.items()
    }


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
    runs = _Runs(snapshot, allocation, shares)
    told = {(share.organisation, share.pool): share for share in before}
    return tuple(runs.dated(share, told.get((share.organisation, share.pool))) for share in shares)


class _Runs:
    """The runs of a cycle's end, and when their GPUs come back."""

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
        self._lenders: dict[str, list[OrganisationShare]] = {}
        for share in shares:
            if share.borrowed:
                self._lenders.setdefault(share.pool, []).append(share)
        self._plans = _planned(snapshot, allocation)

    def dated(
        self, share: OrganisationShare, before: OrganisationShare | None
    ) -> OrganisationShare:
        """Return the share with its moments; most have none."""
        if share.borrowed:
            return replace(share, borrowed_until=self._borrowed_until(share))
        if not share.owed:
            return share
        goes_on = before is not None and before.owed_since and before.held >= share.held
        since = before.owed_since if before and goes_on else None
        since = since or self._now
        until = self._owed_until(share, since)
        return replace(share, owed_since=since, owed_until=until)

    def _borrowed_until(self, share: OrganisationShare) -> datetime | None:
        """Return the end of the first notice; without one, when runs have given all back."""
        runs = self._runs.get((share.organisation, share.pool), ())
        notices = [told + self._notice for job in runs if (told := self._told_at(job))]
        if notices:
            return min(notices)
        return _moment_of(share.borrowed, ((self._end_of(job), _gpus(job)) for job in runs))

    def _owed_until(self, share: OrganisationShare, since: datetime) -> datetime | None:
        """Return when so much has come: by recalls, else by planned starts, else by walltimes."""
        lenders = self._lenders.get(share.pool, ())
        others = [lender for lender in lenders if lender.organisation != share.organisation]
        recalls = [one for lender in others for one in self._by_recall(lender, share, since)]
        plans = self._plans.get((share.organisation, share.pool), ())
        ends = (one for lender in others for one in self._by_walltime(lender))
        found = (_moment_of(share.owed, coming) for coming in (recalls, plans, ends))
        return next((moment for moment in found if moment is not None), None)

    def _by_recall(
        self, lender: OrganisationShare, to: OrganisationShare, since: datetime
    ) -> Iterator[Coming]:
        """Yield what a lender gives by recalls: the told, and gangs that leave it what it keeps."""
        left = self._may_be_taken(lender)
        runs = self._runs.get((lender.organisation, lender.pool), ())
        moments = [(self._recalled_by(job, to, since), job) for job in runs]
        coming = [(moment, _gpus(job)) for moment, job in moments if moment is not None]
        for moment, gpus in sorted(coming):
            if gpus <= left:
                left -= gpus
                yield moment, gpus

    def _by_walltime(self, lender: OrganisationShare) -> Iterator[Coming]:
        """Yield when a lender has given back what it borrowed, whoever gets it."""
        left = lender.borrowed
        runs = self._runs.get((lender.organisation, lender.pool), ())
        for moment, gpus in sorted((self._end_of(job), _gpus(job)) for job in runs):
            yield moment, min(gpus, left)
            left -= min(gpus, left)

    def _recalled_by(
        self, job: HoldingJob, to: OrganisationShare, since: datetime
    ) -> datetime | None:
        """Return when a recall has brought the run's GPUs back; None where none does.

        A recall that should have been told by now does not come: the law or the room forbids it.
        """
        told = self._told_at(job)
        if told is not None:
            return max(told + self._notice, self._now) + AFTER_NOTICE
        if job.started_at is None or job.is_leaving:
            return None
        least = timedelta(seconds=self._policy.recall.min_runtime_s)
        earliest = max(since, job.started_at + least)
        able = self._policy.recall.enabled and may_be_recalled(job, self._policy, earliest)
        at = earliest + self._notice + AFTER_NOTICE
        return at if able and at >= self._now and self._law_allows(job, to) else None

    def _law_allows(self, job: HoldingJob, to: OrganisationShare) -> bool:
        """Say whether a floor lacks, or the lender would still have no lower corrected share."""
        own, lender = (to.tenant_class, to.organisation), job.tenant.path(ORGANISATION)
        if any(self._holdings.lacks(path, to.pool) for path in (own[:CLASS], own)):
            return True
        depth = ORGANISATION if lender[:CLASS] == own[:CLASS] else CLASS
        left = self._holdings.share(lender[:depth], to.pool, -_gpus(job))
        waited_long = job.wait_s >= self._policy.wait.guard_s
        return not waited_long and left >= self._holdings.share(own[:depth])

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
    """Return when so many have come; None where they never do."""
    come = 0
    for moment, some in sorted(coming):
        come += some
        if come >= gpus:
            return moment
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
