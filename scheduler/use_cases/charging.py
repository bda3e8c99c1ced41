"""Which project a request is charged to: by its own word, its --account, or its user's own."""

from __future__ import annotations

from datetime import datetime
from typing import Never

from scheduler.domain.ending_words import ending_in_words
from scheduler.domain.tenants import Access, Ending, Kind
from scheduler.errors import AccessEnded, InvalidRequest, NotFound, Violation
from scheduler.identity import Caller, whom_to_ask
from scheduler.tenancy import TenantStore
from scheduler.texts import said

FIELD = "--account"
_NAMED = 20  # projects in a refusal


def own_project(tenants: TenantStore, caller: Caller, now: datetime) -> str:
    """Return the caller's own project. Blocks only where its access has ended: AccessEnded."""
    if caller.project_access.has_ended(now):
        _refuse(tenants, caller, caller.user.project, caller.project_access, now)
    return caller.user.project


def project_named(tenants: TenantStore, caller: Caller, project: str, now: datetime) -> str:
    """Return the project of the caller's organisation. Blocks. Raises NotFound, AccessEnded."""
    projects = _projects(tenants, caller)
    if project not in projects:
        raise NotFound("project", project)
    if projects[project].has_ended(now):
        _refuse(tenants, caller, project, projects[project], now)
    return project


def project_of_account(tenants: TenantStore, caller: Caller, account: str, now: datetime) -> str:
    """Return the project that an account names; the caller's own for the organisation's name.

    Blocks. Raises InvalidRequest that lists the accounts the caller has, and AccessEnded.
    """
    projects = _projects(tenants, caller)
    if account in projects:
        return project_named(tenants, caller, account, now)
    if account == caller.user.organisation:
        return own_project(tenants, caller, now)
    open_ones = [name for name, access in projects.items() if not access.has_ended(now)]
    yours = ", ".join((caller.user.organisation, *open_ones[:_NAMED]))
    if (more := len(open_ones) - _NAMED) > 0:
        yours = said("{names} and {more} more", names=yours, more=more)
    message = said(
        "{account!r} is none of yours; use one of {yours}", account=account[:64], yours=yours
    )
    raise InvalidRequest(Violation(FIELD, message))


def _projects(tenants: TenantStore, caller: Caller) -> dict[str, Access]:
    return {one.name: one.access for one in tenants.projects(caller.user.organisation)}


def _refuse(
    tenants: TenantStore, caller: Caller, project: str, access: Access, now: datetime
) -> Never:
    ending = ending_in_words(Ending(Kind.PROJECT, project, access))
    raise AccessEnded(ending, whom_to_ask(tenants, caller.user, now))
