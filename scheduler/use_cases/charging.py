"""Which project a request is charged to: by its own word, its --account, or its user's own."""

from __future__ import annotations

from scheduler.errors import InvalidRequest, NotFound, Violation
from scheduler.identity import Caller
from scheduler.tenancy import TenantStore
from scheduler.texts import said

FIELD = "--account"
_NAMED = 20  # projects in a refusal


def project_named(tenants: TenantStore, caller: Caller, project: str) -> str:
    """Return the project of the caller's organisation. Blocks. Raises NotFound."""
    if project not in _projects(tenants, caller):
        raise NotFound("project", project)
    return project


def project_of_account(tenants: TenantStore, caller: Caller, account: str) -> str:
    """Return the project that an account names; the caller's own for the organisation's name.

    Blocks. Raises InvalidRequest that lists the accounts the caller has.
    """
    projects = _projects(tenants, caller)
    if account in projects:
        return account
    if account == caller.user.organisation:
        return caller.user.project
    yours = ", ".join((caller.user.organisation, *projects[:_NAMED]))
    if (more := len(projects) - _NAMED) > 0:
        yours = said("{names} and {more} more", names=yours, more=more)
    message = said(
        "{account!r} is none of yours; use one of {yours}", account=account[:64], yours=yours
    )
    raise InvalidRequest(Violation(FIELD, message))


def _projects(tenants: TenantStore, caller: Caller) -> list[str]:
    return [project.name for project in tenants.projects(caller.user.organisation)]
