"""Who calls: tokens, the user that each names, and a short memory of both."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from scheduler.domain.ending_words import ending_in_words
from scheduler.domain.tenants import OPEN, Access, Ending, Kind, Organisation, Role, Tenant, User
from scheduler.errors import AccessEnded, NotAuthenticated
from scheduler.tenancy import TenantStore
from scheduler.texts import Said, said

TOKEN_PREFIX = "tdk_"  # noqa: S105 - no secret: it lets scanners of leaked secrets know ours
REMEMBERED_TOKENS = 10_000
NAMED_ADMINS = 3


def new_token() -> str:
    """Return a fresh token; only its hash is ever stored."""
    return TOKEN_PREFIX + secrets.token_urlsafe(32)


def token_sha256(token: str) -> str:
    """Return the hash by which a token is stored.

    A plain hash is enough: a token has 256 random bits, so there is nothing to guess.
    """
    return hashlib.sha256(token.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Caller:
    """The user that a call's token names, the organisation's class and the own project's access."""

    user: User
    tenant_class: str
    project_access: Access = OPEN

    @property
    def full_name(self) -> str:
        """Return what tells the user from all others, whatever the project."""
        return f"{self.user.organisation}/{self.user.name}"

    def tenant(self, project: str = "") -> Tenant:
        """Return the caller's place in the tree, under the own project unless another is named."""
        user = self.user
        return Tenant(self.tenant_class, user.organisation, project or user.project, user.name)


class Callers:
    """Finds callers by token and remembers each for `ttl_s` seconds.

    After `forget`, a user's replaced token names nobody at once; one that another process replaced
    does so after `ttl_s` at the latest, and so it is with access that ends. Wrong tokens are not
    remembered.
    """

    def __init__(
        self,
        tenants: TenantStore,
        ttl_s: float = 10.0,
        monotonic_s: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._tenants = tenants
        self._ttl_s = ttl_s
        self._monotonic_s = monotonic_s
        self._now = now
        self._remembered: dict[str, tuple[float, Caller]] = {}

    def known(self, token: str) -> Caller | None:
        """Return the remembered caller without touching the store."""
        entry = self._remembered.get(token_sha256(token))
        return entry[1] if entry and entry[0] > self._monotonic_s() else None

    def find(self, token: str) -> Caller:
        """Read the caller from the store.

        Raises NotAuthenticated, AccessEnded (user, organisation), StoreUnavailable.
        """
        sha256 = token_sha256(token)
        user = self._tenants.user_by_token(sha256)
        if user is None:
            raise NotAuthenticated(
                said("this token names nobody; ask your administrator for a new one")
            )
        organisation = self._tenants.organisation(user.organisation)
        self._refuse_ended(organisation, user)
        caller = Caller(user, organisation.tenant_class, self._access_of_project(user))
        self._remember(sha256, caller)
        return caller

    def forget(self, user_name: str) -> None:
        """Drop what is remembered of the user's token."""
        self._remembered = {
            sha256: entry
            for sha256, entry in self._remembered.copy().items()
            if entry[1].user.name != user_name
        }

    def forget_all(self) -> None:
        """Drop what is remembered of everybody: whose access ended is not sought one by one."""
        self._remembered = {}

    def _refuse_ended(self, organisation: Organisation, user: User) -> None:
        now = self._now()
        if organisation.access.has_ended(now):
            ending = Ending(Kind.ORGANISATION, organisation.name, organisation.access)
            raise AccessEnded(ending_in_words(ending), said("the operators of the cluster"))
        if user.access.has_ended(now):
            ending = Ending(Kind.USER, user.name, user.access)
            raise AccessEnded(ending_in_words(ending), whom_to_ask(self._tenants, user, now))

    def _access_of_project(self, user: User) -> Access:
        projects = self._tenants.projects(user.organisation)
        return next((one.access for one in projects if one.name == user.project), OPEN)

    def _remember(self, sha256: str, caller: Caller) -> None:
        if len(self._remembered) >= REMEMBERED_TOKENS:
            self._remembered = {}
        self._remembered[sha256] = (self._monotonic_s() + self._ttl_s, caller)


def whom_to_ask(tenants: TenantStore, user: User, now: datetime) -> Said:
    """Return who can prolong the access of a user or project: the organisation's own admins."""
    admins = [
        one.name
        for one in tenants.users(user.organisation)
        if one.role is Role.ORGANISATION_ADMIN
        and one.name != user.name
        and not one.access.has_ended(now)
    ]
    if not admins:
        return said("the operators of the cluster")
    names = ", ".join(admins[:NAMED_ADMINS])
    return said(
        "{names}, who can administer {organisation}", names=names, organisation=user.organisation
    )
