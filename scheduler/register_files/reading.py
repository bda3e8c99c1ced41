"""A register file's text, read strictly into the domain's entries."""

from __future__ import annotations

from scheduler.domain.register import Register
from scheduler.domain.tenants import Access, Organisation, Project, Role, User
from scheduler.errors import InvalidRegister
from scheduler.policy_files import Form, Path, read_tables
from scheduler.register_files.tables import (
    KEY_TAG,
    PATTERNS,
    MemberTable,
    RegisterFile,
    known_keys,
)
from scheduler.texts import Said, said


def parse_register(text: str) -> Register:
    """Return who the file says may use the service. Raises InvalidRegister naming every wrong key.

    Everybody whom it names is to be on board, whoever was off-boarded before as well.
    """
    file = read_tables(text, RegisterFile, _FORM, InvalidRegister)
    tables = file.organisations.items()
    return Register(
        tuple(
            Organisation(name, table.title, table.tenant_class, Access(table.expires))
            for name, table in tables
        ),
        tuple(
            Project(organisation, name, project.title, Access(project.expires))
            for organisation, table in tables
            for name, project in table.projects.items()
        ),
        tuple(
            _user(organisation, name, member)
            for organisation, table in tables
            for name, member in table.members.items()
        ),
    )


def _user(organisation: str, name: str, member: MemberTable) -> User:
    return User(
        name,
        organisation,
        member.project,
        member.unix_account or name,
        Role(member.role.replace("-", "_")),
        Access(member.expires),
    )


def _missing(_path: Path) -> Said:
    return said("is missing; an organisation has a class, and a member has a project")


_FORM = Form(
    known_keys,
    PATTERNS,
    missing=_missing,
    too_few={
        "organisations": said("needs at least one table, such as [organisations.astana-university]")
    },
    too_deep=said("is nested too deeply; a register has four levels of tables"),
    tags=(KEY_TAG,),
)
