"""Tenant messages, both ways."""

from __future__ import annotations

from scheduler.domain.tenants import Organisation, Project, Role, User
from scheduler.errors import InvalidRequest, Violation
from scheduler.rpc.convert.values import members_by_number, names_by_member
from scheduler.texts import said
from scheduler.v1 import tenant_service_pb2 as pb

ROLE_NAMES = names_by_member(Role, "ROLE")
ROLES_BY_NUMBER = members_by_number(ROLE_NAMES, pb.Role)


def organisation(message: pb.Organisation) -> Organisation:
    return Organisation(message.organisation_id, message.title, message.tenant_class)


def organisation_message(organisation: Organisation) -> pb.Organisation:
    return pb.Organisation(
        organisation_id=organisation.name,
        title=organisation.title,
        tenant_class=organisation.tenant_class,
    )


def project(message: pb.Project) -> Project:
    return Project(message.organisation_id, message.project_id, message.title)


def project_message(project: Project) -> pb.Project:
    return pb.Project(
        organisation_id=project.organisation, project_id=project.name, title=project.title
    )


def user(message: pb.User) -> User:
    """Read a user; an unspecified role is a researcher's. Raises InvalidRequest."""
    return User(
        message.user_id,
        message.organisation_id,
        message.project_id,
        message.unix_account,
        _role(message.role),
    )


def user_message(user: User) -> pb.User:
    return pb.User(
        user_id=user.name,
        organisation_id=user.organisation,
        project_id=user.project,
        unix_account=user.unix_account,
        role=ROLE_NAMES[user.role],
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
