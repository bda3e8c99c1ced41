"""Funds, grants and their ledger, kept in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from scheduler.domain.budgets.grants import (
    Fund,
    Grant,
    GrantState,
    award_of,
    demand_revision,
    demand_room,
    is_due,
)
from scheduler.domain.budgets.ledger import Entry
from scheduler.domain.budgets.settling import OpenCharge
from scheduler.domain.cluster import EndedRun
from scheduler.domain.records import EntryQuery
from scheduler.errors import AlreadyExists, NotFound
from scheduler.simulation.memory_tenants import MemoryTenants
from scheduler.store.books import Books


class MemoryBudgets(MemoryTenants):
    """The part of the store that knows who was granted what, and what became of it."""

    def __init__(self) -> None:
        super().__init__()
        self._funds: dict[str, Fund] = {}
        self._grants: dict[int, Grant] = {}
        self._entries: list[Entry] = []
        self._open_charges: dict[int, OpenCharge] = {}
        self._charges_opened = 0

    def funds(self) -> tuple[Fund, ...]:
        return tuple(fund for _, fund in sorted(self._funds.items()))

    def add_fund(self, fund: Fund) -> None:
        if fund.name in self._funds:
            raise AlreadyExists("fund", fund.name)
        self._funds[fund.name] = fund

    def grant(self, number: int) -> Grant:
        if number not in self._grants:
            raise NotFound("grant", str(number))
        return self._grants[number]

    def grants(self, organisation: str = "", project: str = "") -> tuple[Grant, ...]:
        found = (
            grant
            for grant in reversed(self._grants.values())
            if organisation in ("", grant.organisation) and project in ("", grant.project)
        )
        return tuple(found)

    def add_grant(self, grant: Grant) -> Grant:
        self._fund(grant.fund)
        if grant.project not in {one.name for one in self.projects(grant.organisation)}:
            raise NotFound("project", grant.project)
        numbered = replace(grant, number=len(self._grants) + 1)
        self._grants[numbered.number] = numbered
        return numbered

    def change_grant(self, grant: Grant, revision: int) -> Grant:
        stored = self.grant(grant.number)
        demand_revision(stored, revision)
        with self._booking() as books:
            if grant.state is GrantState.AWARDED:
                fund, award = self._fund(grant.fund), award_of(grant)
                of_fund = (one for one in self._grants.values() if one.fund == fund.name)
                demand_room(fund, of_fund, award.amount)
                books.change(grant, (award,))
            elif grant.state is GrantState.CLOSED:
                books.end(stored, grant.steps[-1], self._fund(grant.fund))
            else:
                books.change(grant)
        return self.grant(grant.number)

    def expire_grants(self, now: datetime, epoch: int = 0) -> tuple[Grant, ...]:
        del epoch  # memory has one engine
        due = [grant.number for grant in self._grants.values() if is_due(grant, now)]
        with self._booking() as books:
            books.expire(self._funds, now)
        return tuple(map(self.grant, due))

    def budget_entries(self, query: EntryQuery) -> tuple[Entry, ...]:
        later = self._entries[query.after_id :]
        found = (entry for entry in later if entry.grant in query.grants)
        return tuple(entry for _, entry in zip(range(query.limit), found, strict=False))

    def open_charges(self) -> tuple[OpenCharge, ...]:
        return tuple(self._open_charges.values())

    def confirm_charges(
        self, runs: Mapping[OpenCharge, EndedRun | None], at: datetime, epoch: int = 0
    ) -> None:
        del epoch  # whoever knows of leases has looked at it
        with self._booking() as books:
            for charge in sorted(runs, key=lambda one: one.number):
                if self._open_charges.get(charge.number) == charge:
                    del self._open_charges[charge.number]
                    books.confirm(charge, runs[charge], at)

    @contextmanager
    def _booking(self) -> Iterator[Books]:
        """Yield the books of everybody, and keep what was booked in them."""
        books = Books(self._grants.values())
        yield books
        self._keep(books)

    def _keep(self, books: Books) -> None:
        self._grants |= {grant.number: grant for grant in books.changed}
        self._tell_entries(books.entries)
        for charge in books.open_charges:
            self._charges_opened += 1
            number = self._charges_opened
            self._open_charges[number] = replace(charge, number=number)

    def _tell_entries(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            self._entries.append(replace(entry, entry_id=len(self._entries) + 1))

    def _fund(self, name: str) -> Fund:
        if name not in self._funds:
            raise NotFound("fund", name)
        return self._funds[name]
