"""Organisations, projects and users: who may create them, and what keeps them apart."""

from __future__ import annotations

from collections.abc import Iterable
from threading import Lock

from scheduler.domain.register import Entry, RegisterChange, Step
from scheduler.domain.tenants import Organisation, Project, Role, User
from scheduler.errors import InvalidRequest, NotPermitted, Violation
from scheduler.identity import Caller, Callers, new_token, token_sha256
from scheduler.ports import Clock, Store
from scheduler.texts import said
from scheduler.use_cases.names import check_organisation, check_project, check_user
from scheduler.use_cases.permissions import Act, demand, demand_sight, outranks


class Tenants:
    """Manages the tenant tree. Every method blocks and may raise StoreUnavailable.

    Who was off-boarded comes back by being created again, in the same organisation.
    """

    def __init__(self, store: Store, callers: Callers, clock: Clock) -> None:
        self._store = store
        self._callers = callers
        self._clock = clock
        self._one_at_a_time = Lock()

    def create_organisation(self, caller: Caller, organisation: Organisation) -> Organisation:
        """Raises NotPermitted, InvalidRequest, AlreadyExists."""
        demand(caller, Act.MANAGE_ORGANISATIONS)
        check_organisation(organisation)
        self._check_class(organisation.tenant_class)
        known = self._store.register().organisations
        self._write(caller, _step(known, organisation))
        return organisation

    def organisations(self) -> tuple[Organisation, ...]:
        """Return all organisations: shares are public, so their names are."""
        return self._store.organisations()

    def create_project(self, caller: Caller, project: Project) -> Project:
        """Raises NotFound (organisation), NotPermitted, InvalidRequest, AlreadyExists."""
        self._demand_to_manage(caller, project.organisation)
        check_project(project)
        known = self._store.projects(project.organisation)
        self._write(caller, _step(known, project))
        return project

    def projects(self, caller: Caller, organisation: str) -> tuple[Project, ...]:
        """Return an organisation's projects, the caller's own when it is empty."""
        return self._store.projects(self._in_sight(caller, organisation))

    def create_user(self, caller: Caller, user: User) -> tuple[User, str]:
        """Return the user and the token, which is not kept anywhere.

        Raises NotFound (organisation, project), NotPermitted, InvalidRequest, AlreadyExists.
        """
        self._demand_to_manage(caller, user.organisation)
        if outranks(caller, user.role):
            raise NotPermitted(_who(caller), said("create a {role}", role=user.role))
        check_user(user)
        token = new_token()
        with self._one_at_a_time:
            self._check_account_is_free(user)
            known = self._store.users(user.organisation)
            self._write(caller, _step(known, user), token)
        return user, token

    def users(self, caller: Caller, organisation: str) -> tuple[User, ...]:
        """Return an organisation's users; when it is empty, all in the caller's sight."""
        if not organisation and caller.user.role is Role.CLUSTER_ADMIN:
            return self._store.users("")
        return self._store.users(self._in_sight(caller, organisation))

    def rotate_token(self, caller: Caller, user_name: str) -> str:
        """Return the user's new token; the old one names nobody from now on.

        Raises NotFound, NotPermitted: also for a user whose role is above the caller's.
        """
        user = self._store.user(user_name)
        demand_sight(caller, user.organisation, "user", user_name)
        demand(caller, Act.ROTATE_TOKENS, user.organisation, user.name)
        if outranks(caller, user.role):
            raise NotPermitted(_who(caller), said("replace the token of a {role}", role=user.role))
        token = new_token()
        self._write(caller, Step(user, user), token)
        return token

    def _write(self, caller: Caller, step: Step, token: str = "") -> None:
        name = step.after.name
        tokens = {name: token_sha256(token)} if token else {}
        by, at = caller.user.name, self._clock.now()
        self._store.change_register(RegisterChange((step,), by, at, tokens))
        if step.before is not None:
            self._callers.forget_all()

    def _demand_to_manage(self, caller: Caller, organisation: str) -> None:
        self._in_sight(caller, organisation)
        demand(caller, Act.MANAGE_PEOPLE, organisation)

    def _in_sight(self, caller: Caller, organisation: str) -> str:
        name = organisation or caller.user.organisation
        demand_sight(caller, name, "organisation", name)
        return self._store.organisation(name).name

    def _check_class(self, tenant_class: str) -> None:
        version = self._store.current_policy()
        classes = sorted(version.policy.classes) if version else []
        if tenant_class not in classes:
            message = said(
                "the policy names no class {tenant_class!r}; it names {classes}",
                tenant_class=tenant_class[:64],
                classes=classes,
            )
            raise InvalidRequest(Violation("organisation.tenant_class", message))

    def _check_account_is_free(self, user: User) -> None:
        """Refuse another organisation's account: its jobs could read that one's files."""
        if any(
            other.unix_account == user.unix_account and other.organisation != user.organisation
            for other in self._store.users("")
        ):
            message = said(
                "{unix_account!r} belongs to another organisation; use another account",
                unix_account=user.unix_account,
            )
            raise InvalidRequest(Violation("user.unix_account", message))


def _step(known: Iterable[Entry], wanted: Entry) -> Step:
    """Return the step that creates the entry, or brings back the one of this name that left."""
    same = (one for one in known if one.name == wanted.name)
    left = (one for one in same if one.access.off_boarded_at is not None)
    return Step(next(left, None), wanted)


def _who(caller: Caller) -> str:
    return f"{caller.user.role} {caller.user.name!r}"
