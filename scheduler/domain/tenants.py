"""Who asks: the tenant tree of class, organisation, project and user."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum


class Role(StrEnum):
    """What a user may do: own jobs, an organisation's jobs and people, or everything."""

    RESEARCHER = "researcher"
    ORGANISATION_ADMIN = "organisation_admin"
    CLUSTER_ADMIN = "cluster_admin"


class Kind(StrEnum):
    """The levels of the tree that have names in the register."""

    ORGANISATION = "organisation"
    PROJECT = "project"
    USER = "user"


@dataclass(frozen=True, slots=True)
class Access:
    """Until when somebody may use the service, the last day included, and since when no more.

    Days are UTC's. Nobody's record is ever removed: who left is off-boarded, and can come back.
    """

    expires: date | None = None
    off_boarded_at: datetime | None = None

    def has_ended(self, now: datetime) -> bool:
        """Say whether it ended, by being off-boarded or by its last day."""
        return self.off_boarded_at is not None or self.has_expired(now)

    def has_expired(self, now: datetime) -> bool:
        """Say whether the last day is over."""
        return self.expires is not None and now.astimezone(UTC).date() > self.expires


OPEN = Access()


@dataclass(frozen=True, slots=True)
class Organisation:
    """A member of one class; the unit whose access must be equal."""

    name: str
    title: str
    tenant_class: str
    access: Access = OPEN


@dataclass(frozen=True, slots=True)
class Project:
    """A piece of an organisation's work that users submit under."""

    organisation: str
    name: str
    title: str
    access: Access = OPEN


@dataclass(frozen=True, slots=True)
class User:
    """A person or service with a token; jobs run as `unix_account`."""

    name: str
    organisation: str
    project: str
    unix_account: str
    role: Role = Role.RESEARCHER
    access: Access = OPEN


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


@dataclass(frozen=True, slots=True)
class Ending:
    """Whose access has ended, and how."""

    kind: Kind
    name: str
    access: Access


@dataclass(frozen=True, slots=True)
class Endings:
    """Everybody whose access has ended as of one moment."""

    organisations: Mapping[str, Access] = field(default_factory=dict)
    projects: Mapping[tuple[str, str], Access] = field(default_factory=dict)
    users: Mapping[str, Access] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.organisations or self.projects or self.users)

    def of(self, tenant: Tenant) -> Ending | None:
        """Return what ended of the tenant's, None while all is open.

        What was off-boarded is told before what expired: it will hardly come back.
        """
        ended = [
            Ending(kind, name, access)
            for kind, name, access in (
                (
                    Kind.ORGANISATION,
                    tenant.organisation,
                    self.organisations.get(tenant.organisation),
                ),
                (
                    Kind.PROJECT,
                    tenant.project,
                    self.projects.get((tenant.organisation, tenant.project)),
                ),
                (Kind.USER, tenant.user, self.users.get(tenant.user)),
            )
            if access is not None
        ]
        return min(ended, key=lambda one: one.access.off_boarded_at is None, default=None)
