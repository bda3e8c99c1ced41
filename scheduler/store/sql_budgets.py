"""Keeps funds, grants and the ledger of what was held, charged and refunded."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import Connection, bindparam, delete, func, insert, select

from scheduler.domain.budgets.grants import (
    Fund,
    Grant,
    GrantState,
    GrantStep,
    award_of,
    demand_revision,
    demand_room,
    is_due,
)
from scheduler.domain.budgets.ledger import Balance, Entry, EntryKind
from scheduler.domain.budgets.settling import OpenCharge
from scheduler.domain.cluster import EndedRun
from scheduler.domain.jobs import Job
from scheduler.domain.records import EntryQuery
from scheduler.errors import AlreadyExists, NotFound
from scheduler.store.books import Books, ProjectKey
from scheduler.store.bulk import bulk_insert, bulk_update
from scheduler.store.on_database import OnDatabase, chunked
from scheduler.store.rows import Row, Values
from scheduler.store.sql_leases import refuse_old
from scheduler.store.tables import BUDGET_ENTRIES, FUNDS, GRANTS, OPEN_CHARGES, PROJECTS

_STEPS = TypeAdapter(tuple[GrantStep, ...])
_OPEN_CHARGE = TypeAdapter(OpenCharge)
_SUMS = ("awarded", "carried_in", "carried_out", "lapsed", "held", "charged")
_OF_ORGANISATIONS = select(GRANTS).where(
    GRANTS.c.organisation.in_(bindparam("organisations", expanding=True))
)
_INSERT_ENTRIES = bulk_insert(BUDGET_ENTRIES, "entry_id")
_UPDATE_GRANTS = bulk_update(GRANTS, "number", "steps", *_SUMS)


class SqlBudgets(OnDatabase):
    """The part of the store that knows who was granted what, and what became of it."""

    def funds(self) -> tuple[Fund, ...]:
        with self._database.read() as connection:
            return tuple(_funds(connection))

    def add_fund(self, fund: Fund) -> None:
        with self._database.write() as connection:
            if any(known.name == fund.name for known in _funds(connection)):
                raise AlreadyExists("fund", fund.name)
            connection.execute(insert(FUNDS).values(_fund_values(fund)))

    def grant(self, number: int) -> Grant:
        with self._database.read() as connection:
            return _grant(connection, number)

    def grants(self, organisation: str = "", project: str = "") -> tuple[Grant, ...]:
        wanted = select(GRANTS).order_by(GRANTS.c.number.desc())
        if organisation:
            wanted = wanted.where(GRANTS.c.organisation == organisation)
        if project:
            wanted = wanted.where(GRANTS.c.project == project)
        with self._database.read() as connection:
            return tuple(map(_grant_of, connection.execute(wanted)))

    def add_grant(self, grant: Grant) -> Grant:
        with self._database.write() as connection:
            _fund(connection, grant.fund)
            place = (PROJECTS.c.organisation == grant.organisation) & (
                PROJECTS.c.name == grant.project
            )
            if connection.execute(select(PROJECTS).where(place)).first() is None:
                raise NotFound("project", grant.project)
            newest = connection.execute(select(func.max(GRANTS.c.number))).scalar_one()
            values = _grant_values(grant) | {"number": (newest or 0) + 1}
            connection.execute(insert(GRANTS).values(values))
            return _grant(connection, (newest or 0) + 1)

    def change_grant(self, grant: Grant, revision: int) -> Grant:
        with self._database.write() as connection, _booking(connection, _beside(grant)) as books:
            stored = _grant(connection, grant.number)
            demand_revision(stored, revision)
            if grant.state is GrantState.AWARDED:
                fund = _fund(connection, grant.fund)
                award = award_of(grant)
                demand_room(fund, _of_fund(connection, fund), award.amount)
                books.change(grant, (award,))
            elif grant.state is GrantState.CLOSED:
                books.end(stored, grant.steps[-1], _fund(connection, grant.fund))
            else:
                books.change(grant)
            return books.grant(grant.number)

    def expire_grants(self, now: datetime, epoch: int = 0) -> tuple[Grant, ...]:
        with self._database.read() as connection:
            rows = connection.execute(select(GRANTS).where(GRANTS.c.expires <= now))
            due = [grant for grant in map(_grant_of, rows) if is_due(grant, now)]
        if not due:
            return ()
        with self._database.write() as connection:
            refuse_old(connection, epoch)
            projects = {(grant.organisation, grant.project) for grant in due}
            with _booking(connection, projects) as books:
                books.expire({fund.name: fund for fund in _funds(connection)}, now)
                return tuple(books.grant(grant.number) for grant in due)

    def budget_entries(self, query: EntryQuery) -> tuple[Entry, ...]:
        wanted = (
            select(BUDGET_ENTRIES)
            .where(BUDGET_ENTRIES.c.entry_id > query.after_id)
            .where(BUDGET_ENTRIES.c.grant_number.in_(query.grants))
            .order_by(BUDGET_ENTRIES.c.entry_id)
            .limit(query.limit)
        )
        with self._database.read() as connection:
            return tuple(map(_entry_of, connection.execute(wanted)))

    def open_charges(self) -> tuple[OpenCharge, ...]:
        with self._database.read() as connection:
            rows = connection.execute(select(OPEN_CHARGES).order_by(OPEN_CHARGES.c.number))
            return tuple(map(_open_charge_of, rows))

    def confirm_charges(
        self, runs: Mapping[OpenCharge, EndedRun | None], at: datetime, epoch: int = 0
    ) -> None:
        for some in chunked(sorted(runs, key=lambda charge: charge.number)):
            with self._database.write() as connection:
                refuse_old(connection, epoch)
                closed = _closed(connection, frozenset(some))
                books = _opened_again(connection, closed)
                for charge in closed:
                    books.confirm(charge, runs[charge], at)
                close(connection, books)


def _closed(connection: Connection, charges: Collection[OpenCharge]) -> list[OpenCharge]:
    """Return those of the charges that were open until now; numbers are given again."""
    at_numbers = OPEN_CHARGES.c.number.in_([charge.number for charge in charges])
    stored = map(_open_charge_of, connection.execute(select(OPEN_CHARGES).where(at_numbers)))
    closed = [charge for charge in stored if charge in charges]
    numbers = [charge.number for charge in closed]
    connection.execute(delete(OPEN_CHARGES).where(OPEN_CHARGES.c.number.in_(numbers)))
    return closed


def _opened_again(connection: Connection, charges: Iterable[OpenCharge]) -> Books:
    """Return the books of the grants that these were charged to, and of no others."""
    numbers = sorted({entry.grant for charge in charges for entry in charge.charges})
    return Books(
        _grant_of(row)
        for some in chunked(numbers)
        for row in connection.execute(select(GRANTS).where(GRANTS.c.number.in_(some)))
    )


@contextmanager
def _booking(connection: Connection, projects: Collection[ProjectKey]) -> Iterator[Books]:
    """Yield the books of these projects, and write what was booked in them."""
    books = opened(connection, projects)
    yield books
    close(connection, books)


def opened(connection: Connection, projects: Collection[ProjectKey]) -> Books:
    """Return the books of these projects."""
    organisations = sorted({organisation for organisation, _ in projects})
    rows = (
        row
        for some in chunked(organisations)
        for row in connection.execute(_OF_ORGANISATIONS, {"organisations": some})
    )
    return Books(map(_grant_of, rows))


def opened_for(connection: Connection, jobs: Iterable[Job]) -> Books:
    """Return the books of the projects whose grants pay for any of these jobs."""
    paid = (job.tenant for job in jobs if job.funding is not None)
    return opened(connection, {(tenant.organisation, tenant.project) for tenant in paid})


def close(connection: Connection, books: Books) -> None:
    """Write what was booked; entries are told in the order in which they were made."""
    _UPDATE_GRANTS.run(
        connection, [_changing(grant) | {"at_number": grant.number} for grant in books.changed]
    )
    _INSERT_ENTRIES.run(connection, list(map(_entry_values, books.entries)))
    for charge in books.open_charges:
        text = _OPEN_CHARGE.dump_json(charge).decode()
        connection.execute(insert(OPEN_CHARGES).values(charge=text))


def _beside(grant: Grant) -> frozenset[ProjectKey]:
    return frozenset({(grant.organisation, grant.project)})


def _funds(connection: Connection) -> Iterator[Fund]:
    for row in connection.execute(select(FUNDS).order_by(FUNDS.c.name)):
        yield Fund(row.name, row.title, row.gpu_seconds, row.carry_over)


def _fund(connection: Connection, name: str) -> Fund:
    found = (fund for fund in _funds(connection) if fund.name == name)
    if (fund := next(found, None)) is None:
        raise NotFound("fund", name)
    return fund


def _of_fund(connection: Connection, fund: Fund) -> Sequence[Grant]:
    rows = connection.execute(select(GRANTS).where(GRANTS.c.fund == fund.name))
    return [_grant_of(row) for row in rows]


def _grant(connection: Connection, number: int) -> Grant:
    row = connection.execute(select(GRANTS).where(GRANTS.c.number == number)).one_or_none()
    if row is None:
        raise NotFound("grant", str(number))
    return _grant_of(row)


def _fund_values(fund: Fund) -> Values:
    return {
        "name": fund.name,
        "title": fund.title,
        "gpu_seconds": fund.gpu_seconds,
        "carry_over": fund.carry_over,
    }


def _grant_values(grant: Grant) -> Values:
    return _changing(grant) | {
        "fund": grant.fund,
        "organisation": grant.organisation,
        "project": grant.project,
        "starts": grant.starts,
        "expires": grant.expires,
        "draw_order": grant.order,
    }


def _changing(grant: Grant) -> Values:
    sums: Values = {name: getattr(grant.balance, name) for name in _SUMS}
    return sums | {"steps": _STEPS.dump_json(grant.steps).decode()}


def _grant_of(row: Row) -> Grant:
    return Grant(
        number=row.number,
        fund=row.fund,
        organisation=row.organisation,
        project=row.project,
        starts=row.starts,
        expires=row.expires,
        order=row.draw_order,
        steps=_STEPS.validate_json(row.steps),
        balance=Balance(*(getattr(row, name) for name in _SUMS)),
    )


def _entry_values(entry: Entry) -> Values:
    return {
        "grant_number": entry.grant,
        "kind": entry.kind.value,
        "amount": entry.amount,
        "at": entry.at,
        "job_id": entry.job_id,
        "attempt": entry.attempt,
        "gpu_seconds": entry.gpu_seconds,
    }


def _entry_of(row: Row) -> Entry:
    return Entry(
        grant=row.grant_number,
        kind=EntryKind(row.kind),
        amount=row.amount,
        at=row.at,
        job_id=row.job_id,
        attempt=row.attempt,
        gpu_seconds=row.gpu_seconds,
        entry_id=row.entry_id,
    )


def _open_charge_of(row: Row) -> OpenCharge:
    return replace(_OPEN_CHARGE.validate_json(row.charge), number=row.number)
