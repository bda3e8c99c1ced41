"""Who asks: the tenant tree of class, organisation, project and user."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a user may do: own jobs, an organisation's jobs and people, or everything."""

    RESEARCHER = "researcher"
    ORGANISATION_ADMIN = "organisation_admin"
    CLUSTER_ADMIN = "cluster_admin"


@dataclass(frozen=True, slots=True)
class Organisation:
    """A member of one class; the unit whose access must be equal."""

    name: str
    title: str
    tenant_class: str


@dataclass(frozen=True, slots=True)
class Project:
    """A piece of an organisation's work that users submit under."""

    organisation: str
    name: str
    title: str


@dataclass(frozen=True, slots=True)
class User:
    """A person or service with a token; jobs run as `unix_account`."""

    name: str
    organisation: str
    project: str
    unix_account: str
    role: Role = Role.RESEARCHER


@dataclass(frozen=True, slots=True, order=True)
class Tenant:
    """A user's place in the tree; every rule applies at every level of it."""

    tenant_class: str
    organisation: str
    project: str
    user: str

    def path(self, depth: int) -> tuple[str, ...]:
        """Return the first `depth` names from the class down: 1 class … 4 user."""
        return (self.tenant_class, self.organisation, self.project, self.user)[:depth]
