"""Keeps organisations, projects, users and their tokens."""

from __future__ import annotations

import sqlalchemy
from sqlalchemy import bindparam
from sqlmodel import Session, select

from scheduler.domain.tenants import Access, Organisation, Project, Role, User
from scheduler.errors import AlreadyExists, NotFound
from scheduler.store.on_database import OnDatabase
from scheduler.store.rows import Row
from scheduler.store.tables import USERS, OrganisationRow, ProjectRow, UserRow

# Asked with every call that anyone makes, so it goes without the models' comfort.
_TOKEN_HOLDER = sqlalchemy.select(USERS).where(USERS.c.token_sha256 == bindparam("token"))


class SqlTenants(OnDatabase):
    """The part of the store that knows who exists."""

    def organisations(self) -> tuple[Organisation, ...]:
        with self._read_models() as session:
            rows = session.exec(select(OrganisationRow).order_by(OrganisationRow.name))
            return tuple(map(organisation_of, rows))

    def projects(self, organisation: str) -> tuple[Project, ...]:
        wanted = select(ProjectRow).where(ProjectRow.organisation == organisation)
        with self._read_models() as session:
            rows = session.exec(wanted.order_by(ProjectRow.name))
            return tuple(map(project_of, rows))

    def users(self, organisation: str) -> tuple[User, ...]:
        wanted = select(UserRow).order_by(UserRow.name)
        if organisation:
            wanted = wanted.where(UserRow.organisation == organisation)
        with self._read_models() as session:
            return tuple(map(user_of, session.exec(wanted)))

    def organisation(self, name: str) -> Organisation:
        with self._read_models() as session:
            return organisation_of(found_organisation(session, name))

    def user(self, name: str) -> User:
        with self._read_models() as session:
            return user_of(_user(session, name))

    def user_by_token(self, token_sha256: str) -> User | None:
        with self._database.read() as connection:
            row = connection.execute(_TOKEN_HOLDER, {"token": token_sha256}).one_or_none()
            return None if row is None else user_of(row)

    def add_organisation(self, organisation: Organisation) -> None:
        with self._write_models() as session:
            if session.get(OrganisationRow, organisation.name):
                raise AlreadyExists("organisation", organisation.name)
            session.add(organisation_row(organisation))

    def add_project(self, project: Project) -> None:
        with self._write_models() as session:
            found_organisation(session, project.organisation)
            if session.get(ProjectRow, (project.organisation, project.name)):
                raise AlreadyExists("project", project.name)
            session.add(project_row(project))

    def add_user(self, user: User, token_sha256: str) -> None:
        with self._write_models() as session:
            found_organisation(session, user.organisation)
            if not session.get(ProjectRow, (user.organisation, user.project)):
                raise NotFound("project", user.project)
            if session.get(UserRow, user.name):
                raise AlreadyExists("user", user.name)
            refuse_shared_token(session, token_sha256)
            session.add(user_row(user, token_sha256))

    def set_token(self, user_name: str, token_sha256: str) -> None:
        with self._write_models() as session:
            row = _user(session, user_name)
            if row.token_sha256 != token_sha256:
                refuse_shared_token(session, token_sha256)
                row.token_sha256 = token_sha256


def found_organisation(session: Session, name: str) -> OrganisationRow:
    row = session.get(OrganisationRow, name)
    if row is None:
        raise NotFound("organisation", name)
    return row


def _user(session: Session, name: str) -> UserRow:
    row = session.get(UserRow, name)
    if row is None:
        raise NotFound("user", name)
    return row


def refuse_shared_token(session: Session, token_sha256: str) -> None:
    """A token names one user; that it is taken is said without saying by whom."""
    if session.connection().execute(_TOKEN_HOLDER, {"token": token_sha256}).one_or_none():
        raise AlreadyExists("token", f"{token_sha256[:8]}…")


def organisation_of(row: OrganisationRow) -> Organisation:
    return Organisation(row.name, row.title, row.tenant_class, access_of(row))


def project_of(row: ProjectRow) -> Project:
    return Project(row.organisation, row.name, row.title, access_of(row))


def user_of(row: UserRow | Row) -> User:
    return User(
        row.name,
        row.organisation,
        row.project,
        row.unix_account,
        Role(row.role),
        access_of(row),
    )


def access_of(row: OrganisationRow | ProjectRow | UserRow | Row) -> Access:
    return Access(row.expires, row.off_boarded_at)


def organisation_row(organisation: Organisation) -> OrganisationRow:
    return OrganisationRow(
        name=organisation.name,
        title=organisation.title,
        tenant_class=organisation.tenant_class,
        expires=organisation.access.expires,
        off_boarded_at=organisation.access.off_boarded_at,
    )


def project_row(project: Project) -> ProjectRow:
    return ProjectRow(
        organisation=project.organisation,
        name=project.name,
        title=project.title,
        expires=project.access.expires,
        off_boarded_at=project.access.off_boarded_at,
    )


def user_row(user: User, token_sha256: str) -> UserRow:
    return UserRow(
        name=user.name,
        organisation=user.organisation,
        project=user.project,
        unix_account=user.unix_account,
        role=user.role.value,
        token_sha256=token_sha256,
        expires=user.access.expires,
        off_boarded_at=user.access.off_boarded_at,
    )
