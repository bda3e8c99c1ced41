"""Tenant messages, both ways."""

from __future__ import annotations

from datetime import date

from scheduler.domain.tenants import OPEN, Access, Organisation, Project, Role, User
from scheduler.errors import InvalidRequest, Violation
from scheduler.rpc.convert.values import members_by_number, names_by_member, timestamp
from scheduler.texts import said
from scheduler.v1 import tenant_service_pb2 as pb

ROLE_NAMES = names_by_member(Role, "ROLE")
ROLES_BY_NUMBER = members_by_number(ROLE_NAMES, pb.Role)


def organisation(message: pb.Organisation) -> Organisation:
    """Read an organisation. Raises InvalidRequest."""
    access = _access(message.access, "organisation.access.expires")
    return Organisation(message.organisation_id, message.title, message.tenant_class, access)


def organisation_message(organisation: Organisation) -> pb.Organisation:
    return pb.Organisation(
        organisation_id=organisation.name,
        title=organisation.title,
        tenant_class=organisation.tenant_class,
        access=_access_message(organisation.access),
    )


def project(message: pb.Project) -> Project:
    """Read a project. Raises InvalidRequest."""
    access = _access(message.access, "project.access.expires")
    return Project(message.organisation_id, message.project_id, message.title, access)


def project_message(project: Project) -> pb.Project:
    return pb.Project(
        organisation_id=project.organisation,
        project_id=project.name,
        title=project.title,
        access=_access_message(project.access),
    )


def user(message: pb.User) -> User:
    """Read a user; an unspecified role is a researcher's. Raises InvalidRequest."""
    return User(
        message.user_id,
        message.organisation_id,
        message.project_id,
        message.unix_account,
        _role(message.role),
        _access(message.access, "user.access.expires"),
    )


def user_message(user: User) -> pb.User:
    return pb.User(
        user_id=user.name,
        organisation_id=user.organisation,
        project_id=user.project,
        unix_account=user.unix_account,
        role=ROLE_NAMES[user.role],
        access=_access_message(user.access),
    )


def _role(number: int) -> Role:
    if number == pb.ROLE_UNSPECIFIED:
        return Role.RESEARCHER
    role = ROLES_BY_NUMBER.get(number)
    if role is None:
        names = ", ".join(ROLE_NAMES.values())
        raise InvalidRequest(
            Violation(
                "user.role", said("{number} is no role; use {names}", number=number, names=names)
            )
        )
    return role


def _access(message: pb.Access, field: str) -> Access:
    """Read until when somebody has access; that somebody left is no client's to say here."""
    if not message.expires:
        return Access()
    try:
        return Access(date.fromisoformat(message.expires))
    except ValueError:
        text = said("{day!r} is no day; write it as 2027-06-30", day=message.expires[:64])
        raise InvalidRequest(Violation(field, text)) from None


def _access_message(access: Access) -> pb.Access | None:
    """Return None, which stays unset, for access without an end."""
    if access == OPEN:
        return None
    return pb.Access(
        expires=access.expires.isoformat() if access.expires else "",
        off_boarded_time=timestamp(access.off_boarded_at),
    )
