"""Budgets: who may ask for GPU-hours, who may award them, and who sees what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from scheduler.domain.budgets.grants import (
    Fund,
    Grant,
    GrantState,
    GrantStep,
    demand_revision,
    left_of,
    stepped,
)
from scheduler.domain.budgets.ledger import Entry
from scheduler.domain.records import EntryQuery
from scheduler.domain.tenants import Role
from scheduler.errors import NotFound
from scheduler.identity import Caller
from scheduler.ports import Clock, Store
from scheduler.texts import said
from scheduler.use_cases.given_reasons import at_most_so_long, given_reason
from scheduler.use_cases.grant_checks import WantedGrant, check_award, recommended, requested
from scheduler.use_cases.names import check_fund
from scheduler.use_cases.permissions import Act, demand, demand_sight, may

MOST_ENTRIES = 1000


@dataclass(frozen=True, slots=True)
class FundStatus:
    """A fund, and how much of it may still be awarded."""

    fund: Fund
    left: int

    @property
    def awarded(self) -> int:
        return self.fund.gpu_seconds - self.left


@dataclass(frozen=True, slots=True)
class Decision:
    """Which grant is to go a step on, at which revision its reader saw it, and why."""

    number: int
    revision: int
    why: str = ""


@dataclass(frozen=True, slots=True)
class LedgerQuery:
    """Which lines of a project's ledger are wanted: of a time, after an id, so many at most."""

    organisation: str
    project: str
    since: datetime | None = None
    until: datetime | None = None
    after_id: int = 0
    limit: int = 0


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """Lines of the ledger; `next_after_id` is 0 on the last page."""

    entries: tuple[Entry, ...]
    next_after_id: int


class Budgets:
    """Keeps funds and grants. Every method blocks and may raise StoreUnavailable.

    Who changes a grant names the revision that he read, so that nobody decides what he has not
    seen.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def create_fund(self, caller: Caller, fund: Fund) -> FundStatus:
        """Raises NotPermitted, InvalidRequest, AlreadyExists."""
        demand(caller, Act.MANAGE_FUNDS)
        check_fund(fund)
        self._store.add_fund(fund)
        return FundStatus(fund, fund.gpu_seconds)

    def funds(self) -> tuple[FundStatus, ...]:
        """Return all funds: what there is to give is public."""
        grants = self._store.grants()
        return tuple(
            FundStatus(fund, left_of(fund, (one for one in grants if one.fund == fund.name)))
            for fund in self._store.funds()
        )

    def request(self, caller: Caller, wanted: WantedGrant) -> Grant:
        """Ask for a grant. Raises NotFound (organisation, project, fund), InvalidRequest."""
        organisation = self._in_sight(caller, wanted.organisation)
        demand(caller, Act.REQUEST_GRANTS, organisation)
        now = self._clock.now()
        return self._store.add_grant(requested(wanted, organisation, caller.user.name, now))

    def grants(self, caller: Caller, organisation: str, project: str) -> tuple[Grant, ...]:
        """Return an organisation's grants, newest first; when it is empty, all in sight.

        Raises NotFound (organisation, project).
        """
        if not organisation and caller.user.role is Role.CLUSTER_ADMIN:
            return self._store.grants("", project)
        owner = self._in_sight(caller, organisation)
        if project:
            self._demand_project(owner, project)
        return self._store.grants(owner, project)

    def get(self, caller: Caller, number: int) -> Grant:
        """Raises NotFound, also for what the caller may not see."""
        grant = self._store.grant(number)
        if not may(caller, Act.SEE_GRANTS, grant.organisation):
            raise NotFound("grant", str(number))
        return grant

    def review(self, caller: Caller, decision: Decision, gpu_seconds: int) -> Grant:
        """Comment on a request and recommend so much of it; 0 is all that was asked for.

        Raises NotFound, NotPermitted, InvalidRequest, StaleVersion, OwnGrant, NotAStepOfGrant.
        """
        grant = self._read(caller, decision)
        demand(caller, Act.DECIDE_GRANTS)
        comment = given_reason(decision.why, said("is empty; say what you found"), "comment")
        amount = gpu_seconds or grant.asked
        check_award(grant, amount)
        return self._take(caller, grant, GrantState.REVIEWED, comment, amount)

    def award(self, caller: Caller, decision: Decision, gpu_seconds: int) -> Grant:
        """Award a reviewed request, at most what was asked for; 0 is what was recommended last.

        Raises as `review` does, and FundExceeded.
        """
        grant = self._read(caller, decision)
        demand(caller, Act.DECIDE_GRANTS)
        amount = gpu_seconds or recommended(grant)
        check_award(grant, amount, self._clock.now())
        why = at_most_so_long(decision.why)
        return self._take(caller, grant, GrantState.AWARDED, why, amount)

    def decline(self, caller: Caller, decision: Decision) -> Grant:
        """Refuse a request. Raises as `review` does."""
        grant = self._read(caller, decision)
        demand(caller, Act.DECIDE_GRANTS)
        why = given_reason(decision.why, said("is empty; say why it is declined"))
        return self._take(caller, grant, GrantState.DECLINED, why)

    def withdraw(self, caller: Caller, decision: Decision) -> Grant:
        """Take one's own request back. Raises as `review` does."""
        grant = self._read(caller, decision)
        # Names are one person's in all organisations; a cluster admin may ask for others'.
        demand(caller, Act.WITHDRAW_GRANTS, caller.user.organisation, grant.steps[0].by)
        why = given_reason(decision.why, said("is empty; say why it is withdrawn"))
        return self._take(caller, grant, GrantState.WITHDRAWN, why)

    def close(self, caller: Caller, decision: Decision) -> Grant:
        """End a grant before it expires; what it has left is its fund's. Raises as `review` does.

        What jobs hold of it stays theirs.
        """
        grant = self._read(caller, decision)
        demand(caller, Act.DECIDE_GRANTS)
        why = given_reason(decision.why, said("is empty; say why it is closed"))
        return self._take(caller, grant, GrantState.CLOSED, why)

    def entries(self, caller: Caller, query: LedgerQuery) -> LedgerPage:
        """Return a page of a project's ledger. Raises NotFound (organisation, project)."""
        organisation = self._in_sight(caller, query.organisation)
        self._demand_project(organisation, query.project)
        grants = self._store.grants(organisation, query.project)
        limit = min(query.limit or MOST_ENTRIES, MOST_ENTRIES)
        numbers = tuple(grant.number for grant in grants)
        found = self._store.budget_entries(EntryQuery(numbers, query.after_id, limit))
        following = found[-1].entry_id if len(found) == limit else 0
        return LedgerPage(tuple(entry for entry in found if _is_of(entry, query)), following)

    def _read(self, caller: Caller, decision: Decision) -> Grant:
        grant = self.get(caller, decision.number)
        demand_revision(grant, decision.revision)
        return grant

    def _take(
        self, caller: Caller, grant: Grant, state: GrantState, why: str, gpu_seconds: int = 0
    ) -> Grant:
        step = GrantStep(state, caller.user.name, self._clock.now(), why, gpu_seconds)
        return self._store.change_grant(stepped(grant, step), grant.revision)

    def _in_sight(self, caller: Caller, organisation: str) -> str:
        name = organisation or caller.user.organisation
        demand_sight(caller, name, "organisation", name)
        return self._store.organisation(name).name

    def _demand_project(self, organisation: str, project: str) -> None:
        if project not in {one.name for one in self._store.projects(organisation)}:
            raise NotFound("project", project)


def _is_of(entry: Entry, query: LedgerQuery) -> bool:
    after = query.since is None or entry.at >= query.since
    return after and (query.until is None or entry.at < query.until)
