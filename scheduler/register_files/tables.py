"""The tables and keys of a register file, as pydantic reads them strictly."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from scheduler.texts import Said, said

_NAME = r"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$"
_TITLE = r"^[^\x00-\x1f\x7f]*$"
_ACCOUNT = r"^[a-z_][a-z0-9_-]{0,31}$"
# What each pattern means to people.
PATTERNS: Mapping[str, Said] = {
    _NAME: said("must be lower-case letters, digits and hyphens, such as astana-university"),
    _TITLE: said("must be one line of text"),
    _ACCOUNT: said("must be a Unix account's name, such as aigerim"),
}
KEY_TAG = "[key]"

Name = Annotated[str, StringConstraints(pattern=_NAME)]
Title = Annotated[
    str,
    StringConstraints(pattern=_TITLE, max_length=200),
    Field(description="The name for people."),
]
Account = Annotated[str, StringConstraints(pattern=_ACCOUNT)]
LastDay = Annotated[
    date | None,
    Field(description="The last day of access, UTC, such as 2027-06-30. Default: no end."),
]


def _named(description: str) -> dict[str, JsonValue]:
    """Return the schema's words against keys of no known form."""
    return {"description": description, "additionalProperties": False}


class Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ProjectTable(Table):
    """A piece of the organisation's work."""

    title: Title = ""
    expires: LastDay = None


class MemberTable(Table):
    """A person or service of the organisation."""

    project: Annotated[Name, Field(description="What jobs are charged to unless they say.")]
    unix_account: Annotated[
        Account | None, Field(description="As whom jobs run. Default: the member's name.")
    ] = None
    role: Annotated[
        Literal["researcher", "organisation-admin", "cluster-admin"],
        Field(description="What the member may do."),
    ] = "researcher"
    expires: LastDay = None


class OrganisationTable(Table):
    """A member of a class; the unit whose access is equal."""

    title: Title = ""
    tenant_class: Annotated[
        Name, Field(alias="class", description="A class that the policy names.")
    ]
    expires: LastDay = None
    projects: Annotated[
        dict[Name, ProjectTable],
        Field(json_schema_extra=_named("The organisation's projects, by name.")),
    ] = {}
    members: Annotated[
        dict[Name, MemberTable],
        Field(json_schema_extra=_named("The organisation's people and services, by name.")),
    ] = {}


class RegisterFile(Table):
    """Who may use Tendik: organisations, their projects and their members."""

    organisations: Annotated[
        dict[Name, OrganisationTable],
        Field(min_length=1, json_schema_extra=_named("The organisations, by name.")),
    ]


def known_keys(path: tuple[str, ...]) -> list[str]:
    """Return the keys of the table at the path, in the order of the documentation."""
    return [field.alias or name for name, field in _table_at(path).model_fields.items()]


def _table_at(path: tuple[str, ...]) -> type[Table]:
    match path:
        case ():
            return RegisterFile
        case ("organisations", _):
            return OrganisationTable
        case ("organisations", _, "projects", _):
            return ProjectTable
        case _:
            return MemberTable


def register_json_schema() -> dict[str, object]:
    """Return the JSON Schema of register files, for editors."""
    schema = RegisterFile.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
