"""Keeps the register as a whole: changes of several entries at once, their history, and endings."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import groupby

from sqlalchemy import ColumnElement, Table, func, or_, select
from sqlmodel import Session
from sqlmodel import select as select_models

from scheduler.domain.register import (
    Change,
    ChangeRecord,
    Entry,
    Register,
    RegisterChange,
    Step,
    kind_of,
    records_of,
)
from scheduler.domain.tenants import Endings, Kind, Organisation, Project, User
from scheduler.errors import AlreadyExists, NotFound, StaleVersion
from scheduler.store.on_database import OnDatabase
from scheduler.store.rows import Row
from scheduler.store.sql_tenants import (
    access_of,
    found_organisation,
    organisation_of,
    organisation_row,
    project_of,
    project_row,
    refuse_shared_token,
    user_of,
    user_row,
)
from scheduler.store.tables import (
    CHANGES,
    ORGANISATIONS,
    PROJECTS,
    USERS,
    OrganisationRow,
    ProjectRow,
    TenantChangeRow,
    UserRow,
)

EntryRow = OrganisationRow | ProjectRow | UserRow


class SqlRegister(OnDatabase):
    """The part of the store that changes the register, and knows who changed it."""

    def register(self) -> Register:
        with self._read_models() as session:
            return Register(
                tuple(map(organisation_of, session.exec(_ORGANISATIONS))),
                tuple(map(project_of, session.exec(_PROJECTS))),
                tuple(map(user_of, session.exec(_USERS))),
                _revision(session),
            )

    def change_register(self, change: RegisterChange) -> int:
        with self._write_models() as session:
            revision = _revision(session)
            if change.expected not in (None, revision):
                raise StaleVersion("register", str(change.expected), str(revision))
            # What belongs to an entry comes after it; all of one kind go to the database at once.
            # The rows are held on to: a session forgets what nobody does, and reads it again.
            rows: list[EntryRow] = []
            for _, steps in groupby(change.steps, key=lambda step: kind_of(step.after)):
                rows += [
                    _written(session, step, change.tokens.get(step.after.name, ""))
                    for step in steps
                ]
                session.flush()
            records = tuple(records_of(change, revision))
            session.add_all(map(_change_row, records))
            return revision + len(records)

    def register_changes(self, name: str, before: int, limit: int) -> tuple[ChangeRecord, ...]:
        columns = CHANGES.c
        wanted = select(CHANGES).order_by(columns.number.desc()).limit(limit)
        if name:
            wanted = wanted.where(or_(columns.name == name, columns.organisation == name))
        if before:
            wanted = wanted.where(columns.number < before)
        with self._database.read() as connection:
            return tuple(map(_record_of, connection.execute(wanted)))

    def endings(self, now: datetime) -> Endings:
        with self._database.read() as connection:
            gone = (
                connection.execute(select(table).where(_has_ended(table, now)))
                for table in (ORGANISATIONS, PROJECTS, USERS)
            )
            organisations, projects, users = gone
            return Endings(
                {row.name: access_of(row) for row in organisations},
                {(row.organisation, row.name): access_of(row) for row in projects},
                {row.name: access_of(row) for row in users},
            )


_ORGANISATIONS = select_models(OrganisationRow).order_by(OrganisationRow.name)
_PROJECTS = select_models(ProjectRow).order_by(ProjectRow.organisation, ProjectRow.name)
_USERS = select_models(UserRow).order_by(UserRow.name)


def _has_ended(table: Table, now: datetime) -> ColumnElement[bool]:
    today = now.astimezone(UTC).date()
    return or_(table.c.off_boarded_at.is_not(None), table.c.expires < today)


def _revision(session: Session) -> int:
    return session.exec(select_models(func.max(TenantChangeRow.number))).one() or 0


def _written(session: Session, step: Step, token_sha256: str) -> EntryRow:
    """Write a step where its entry is still what the step begins with; return its row."""
    entry, row = step.after, _row(session, step.after)
    stored = None if row is None else _entry_of(row)
    if stored != step.before:
        kind = kind_of(entry)
        if step.before is None:
            raise AlreadyExists(kind, entry.name)
        raise StaleVersion(kind, entry.name, entry.name)
    _demand_place(session, entry)
    if token_sha256:
        refuse_shared_token(session, token_sha256)
    elif isinstance(row, UserRow):
        token_sha256 = row.token_sha256
    written = _row_of(entry, token_sha256)
    if row is not None:
        return session.merge(written)
    session.add(written)
    return written


def _demand_place(session: Session, entry: Entry) -> None:
    if isinstance(entry, Organisation):
        return
    found_organisation(session, entry.organisation)
    place = entry.organisation, entry.project if isinstance(entry, User) else ""
    if place[1] and session.get(ProjectRow, place) is None:
        raise NotFound("project", place[1])


def _row(session: Session, entry: Entry) -> EntryRow | None:
    match entry:
        case Organisation():
            return session.get(OrganisationRow, entry.name)
        case Project():
            return session.get(ProjectRow, (entry.organisation, entry.name))
        case User():
            return session.get(UserRow, entry.name)


def _row_of(entry: Entry, token_sha256: str) -> EntryRow:
    match entry:
        case Organisation():
            return organisation_row(entry)
        case Project():
            return project_row(entry)
        case User():
            return user_row(entry, token_sha256)


def _entry_of(row: EntryRow) -> Entry:
    match row:
        case OrganisationRow():
            return organisation_of(row)
        case ProjectRow():
            return project_of(row)
        case UserRow():
            return user_of(row)


def _change_row(record: ChangeRecord) -> TenantChangeRow:
    return TenantChangeRow(
        number=record.number,
        at=record.at,
        by=record.by,
        what=record.what.value,
        kind=record.kind.value,
        organisation=record.organisation,
        name=record.name,
        differences=json.dumps(record.differences, ensure_ascii=False),
    )


def _record_of(row: Row) -> ChangeRecord:
    return ChangeRecord(
        row.number,
        row.at,
        row.by,
        Change(row.what),
        Kind(row.kind),
        row.organisation,
        row.name,
        tuple(json.loads(row.differences)),
    )
