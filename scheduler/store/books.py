"""Books what moves of jobs and of grants do to balances, within one transaction; pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from scheduler.domain.budgets.fitting import Bill, demand_cover
from scheduler.domain.budgets.grants import (
    OVER,
    Fund,
    Grant,
    GrantState,
    GrantStep,
    ended,
    is_due,
    lapsing,
    parts_of,
)
from scheduler.domain.budgets.ledger import Entry, Part, Price, Purse
from scheduler.domain.budgets.settling import (
    OpenCharge,
    Settlement,
    covered,
    held_more,
    refunds_of,
    settled,
)
from scheduler.domain.cluster import EndedRun
from scheduler.domain.jobs import Job
from scheduler.domain.records import UsageBucket

ProjectKey = tuple[str, str]  # an organisation, and a project of it


class Books:
    """The grants of some projects as they are now, and what was booked since they were read."""

    def __init__(self, grants: Iterable[Grant]) -> None:
        self._grants = {grant.number: grant for grant in grants}
        self._of_project: defaultdict[ProjectKey, list[int]] = defaultdict(list)
        for grant in self._grants.values():
            self._of_project[grant.organisation, grant.project].append(grant.number)
        self._changed: set[int] = set()
        self.entries: list[Entry] = []
        self.open_charges: list[OpenCharge] = []

    @property
    def changed(self) -> tuple[Grant, ...]:
        """Return the grants that are not as they were read."""
        return tuple(self._grants[number] for number in sorted(self._changed))

    def grant(self, number: int) -> Grant:
        """Return the grant as it is by now."""
        return self._grants[number]

    def purse(self, project: ProjectKey, now: datetime) -> Purse:
        """Return what is left of the project's grants in use."""
        return Purse(parts_of(self._of(project), now))

    def cover(self, job: Job, price: Price, parts: tuple[Part, ...]) -> Job:
        """Book what a new job holds."""
        return self._book(covered(job, price, parts))

    def settle(
        self,
        before: Job,
        after: Job,
        run: Sequence[UsageBucket],
        at: datetime,
        *,
        whole: bool = False,
    ) -> Job:
        """Book a move, and return the job with what it holds from now on.

        What it lacks for a further run is held as far as there is any; where it must be `whole`,
        raises BudgetExceeded.
        """
        settlement = settled(before, after, run, at)
        job = self._book(settlement)
        if not settlement.lacking:
            return job
        purse = self.purse((job.tenant.organisation, job.tenant.project), at)
        if whole:
            _demand_another_run(job, settlement.lacking, purse.left)
        return self._book(held_more(job, purse.draw_at_most(settlement.lacking), at))

    def confirm(self, charge: OpenCharge, run: EndedRun | None, at: datetime) -> None:
        """Book what is given back of an open charge; nothing where nobody knows of its run."""
        if run is not None:
            self._post_with_lapses(refunds_of(charge, run, at))

    def change(self, grant: Grant, entries: Iterable[Entry] = ()) -> None:
        """Put a grant with a further step in place of what it was, and book what comes of it."""
        known = self._grants[grant.number]
        self._put(replace(grant, balance=known.balance))
        self._post(entries)

    def expire(self, fund: Mapping[str, Fund], now: datetime) -> None:
        """End every grant that has expired by now."""
        for grant in [one for one in self._grants.values() if is_due(one, now)]:
            step = GrantStep(GrantState.EXPIRED, "", grant.expires)
            self.end(grant, step, fund[grant.fund])

    def end(self, grant: Grant, step: GrantStep, fund: Fund) -> None:
        """Close a grant, or let it expire: what it has left goes on, or lapses."""
        over, entries = ended(grant, step, fund, self._of((grant.organisation, grant.project)))
        self.change(over, entries)

    def _of(self, project: ProjectKey) -> list[Grant]:
        return [self._grants[number] for number in self._of_project[project]]

    def _book(self, settlement: Settlement) -> Job:
        self._post_with_lapses(settlement.entries)
        if settlement.open_charge is not None:
            self.open_charges.append(settlement.open_charge)
        return settlement.job

    def _post_with_lapses(self, entries: Sequence[Entry]) -> None:
        """Post what may give back to grants that are over: there it lapses."""
        self._post(entries)
        over = (entry.grant for entry in entries)
        self._post(lapsing(entries, (n for n in over if self._grants[n].state in OVER)))

    def _post(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            grant = self._grants[entry.grant]
            self._put(replace(grant, balance=grant.balance.after(entry)))
            self.entries.append(entry)

    def _put(self, grant: Grant) -> None:
        self._grants[grant.number] = grant
        self._changed.add(grant.number)


def _demand_another_run(job: Job, lacking: int, left: int) -> None:
    """Raise BudgetExceeded where what it lacks for a run that must be paid for is not there."""
    if job.funding is not None:
        price = replace(job.funding.price, cost=lacking)
        demand_cover(Bill(job.tenant.project, job.spec.request, price), left)
