"""The register as the text of a file, which read back says the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date

from scheduler.domain.register import Register
from scheduler.domain.tenants import Access, Organisation, Project, Role, User


def register_text(register: Register) -> str:
    """Return the file of all who are on board; what is as it is by default is left out.

    Who was off-boarded is left out, and with an organisation everything of it.
    """
    return "\n".join(
        line
        for organisation in register.organisations
        if _on_board(organisation.access)
        for line in _organisation(register, organisation)
    )


def _organisation(register: Register, organisation: Organisation) -> Iterator[str]:
    path = f"organisations.{organisation.name}"
    yield f"[{path}]"
    yield from _title(organisation.title)
    yield f'class = "{organisation.tenant_class}"'
    yield from _expires(organisation.access.expires)
    yield ""
    for project in register.projects:
        if project.organisation == organisation.name and _on_board(project.access):
            yield from _project(path, project)
    for user in register.users:
        if user.organisation == organisation.name and _on_board(user.access):
            yield from _member(path, user)


def _project(path: str, project: Project) -> Iterator[str]:
    yield f"[{path}.projects.{project.name}]"
    yield from _title(project.title)
    yield from _expires(project.access.expires)
    yield ""


def _member(path: str, user: User) -> Iterator[str]:
    yield f"[{path}.members.{user.name}]"
    yield f'project = "{user.project}"'
    if user.unix_account != user.name:
        yield f'unix_account = "{user.unix_account}"'
    if user.role is not Role.RESEARCHER:
        yield f'role = "{user.role.value.replace("_", "-")}"'
    yield from _expires(user.access.expires)
    yield ""


def _on_board(access: Access) -> bool:
    return access.off_boarded_at is None


def _title(title: str) -> Iterator[str]:
    if title:
        # A title is one line of printable characters, which JSON writes as TOML does.
        yield f"title = {json.dumps(title, ensure_ascii=False)}"


def _expires(last_day: date | None) -> Iterator[str]:
    if last_day is not None:
        yield f"expires = {last_day.isoformat()}"
