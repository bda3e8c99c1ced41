"""`tendik admin org|project|user`: who may use the service."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypedDict, Unpack

import click

from scheduler.cli.admin_records import ORGANISATION, PROJECT, TOKEN, USER
from scheduler.cli.choices import OneOf
from scheduler.cli.client import Client, look_first
from scheduler.cli.fields import Record, Values
from scheduler.cli.login import access_fields, user_fields
from scheduler.cli.lookup import who_am_i
from scheduler.cli.off_boarding import (
    off_board_organisation,
    off_board_project,
    off_board_user,
)
from scheduler.cli.options import connected, format_option
from scheduler.cli.render import Format, print_data, print_table
from scheduler.cli.table import Column, Table
from scheduler.cli.terminal import note, say
from scheduler.texts import said
from scheduler.v1 import tenant_service_pb2 as v1
from scheduler.v1.tenant_service_pb2_grpc import TenantServiceStub

# Each role as it is typed, and its name in the API.
ROLES = {
    name.removeprefix("ROLE_").lower().replace("_", "-"): name
    for name, number in v1.Role.items()
    if number
}

ROTATE_AGAIN = said("It is not known whether the old token is void: it is safe to rotate it again.")


class Place(TypedDict):
    """Where a user belongs; an empty organisation is the caller's, an empty account the name."""

    organisation: str
    project: str
    unix_account: str
    expires: str


expires_option = click.option(
    "--expires", default="", metavar="DAY", help="The last day of access, UTC; else no end."
)


class Words(TypedDict):
    """What an organisation is called, and until when it may stay."""

    title: str
    expires: str


@click.group()
def org() -> None:
    """Organisations: the units whose access is equal."""


@org.command("create")
@click.argument("name", metavar="ORG")
@click.option("--class", "tenant_class", required=True, metavar="CLASS", help="A policy's class.")
@click.option("--title", default="", help="The name for people.")
@expires_option
@format_option()
@connected
def create_organisation(
    client: Client, name: str, tenant_class: str, form: Format, **words: Unpack[Words]
) -> None:
    """Register an organisation.

    One that was off-boarded comes back by it.
    """
    wanted = v1.Organisation(
        organisation_id=name,
        title=words["title"],
        tenant_class=tenant_class,
        access=v1.Access(expires=words["expires"]),
    )
    request = v1.CreateOrganisationRequest(organisation=wanted)
    advice = look_first("tendik admin org list")
    made = client.change(_stub(client).CreateOrganisation, request, advice).organisation
    if form.for_programs:
        print_data(form, ORGANISATION, _organisation(made))
    else:
        say(said("Created organisation {organisation}", organisation=made.organisation_id))


@org.command("list")
@format_option()
@connected
def list_organisations(client: Client, form: Format) -> None:
    """List the organisations."""
    request = v1.ListOrganisationsRequest()
    answer = client.call(_stub(client).ListOrganisations, request)
    _print(form, ORGANISATION, map(_organisation, answer.organisations))


@click.group()
def project() -> None:
    """Projects: pieces of an organisation's work."""


@project.command("create")
@click.argument("name", metavar="PROJECT")
@click.option("--org", "organisation", default="", metavar="ORG", help="Yours unless named.")
@click.option("--title", default="", help="The name for people.")
@expires_option
@format_option()
@connected
def create_project(
    client: Client, name: str, organisation: str, form: Format, **words: Unpack[Words]
) -> None:
    """Register a project of an organisation.

    One that was off-boarded comes back by it.
    """
    wanted = v1.Project(
        organisation_id=organisation or _own(client),
        project_id=name,
        title=words["title"],
        access=v1.Access(expires=words["expires"]),
    )
    request = v1.CreateProjectRequest(project=wanted)
    advice = look_first("tendik admin project list")
    made = client.change(_stub(client).CreateProject, request, advice).project
    if form.for_programs:
        print_data(form, PROJECT, _project(made))
    else:
        say(
            said(
                "Created project {project} of {organisation}",
                project=made.project_id,
                organisation=made.organisation_id,
            )
        )


@project.command("list")
@click.option("--org", "organisation", default="", metavar="ORG", help="Yours unless named.")
@format_option()
@connected
def list_projects(client: Client, organisation: str, form: Format) -> None:
    """List an organisation's projects."""
    request = v1.ListProjectsRequest(organisation_id=organisation)
    answer = client.call(_stub(client).ListProjects, request)
    _print(form, PROJECT, map(_project, answer.projects))


@click.group()
def user() -> None:
    """Users: people and services with a token."""


@user.command("create")
@click.argument("name", metavar="USER")
@click.option("--org", "organisation", default="", metavar="ORG", help="Yours unless named.")
@click.option("--project", required=True, metavar="PROJECT", help="Charged unless one is named.")
@click.option("--unix-account", default="", metavar="ACCOUNT", help="Runs the jobs; else USER.")
@click.option("--role", type=OneOf(list(ROLES)), default="researcher", show_default=True)
@expires_option
@format_option()
@connected
def create_user(client: Client, name: str, role: str, form: Format, **place: Unpack[Place]) -> None:
    """Register a user; the token is written to standard output, this once.

    Who was off-boarded comes back by it, with a new token.
    """
    wanted = v1.User(
        user_id=name,
        organisation_id=place["organisation"] or _own(client),
        project_id=place["project"],
        unix_account=place["unix_account"] or name,
        role=ROLES[role],
        access=v1.Access(expires=place["expires"]),
    )
    request = v1.CreateUserRequest(user=wanted)
    answer = client.change(_stub(client).CreateUser, request, look_first("tendik admin user list"))
    made = said(
        "Created user {name} of {organisation}", name=name, organisation=answer.user.organisation_id
    )
    _hand_over(form, answer.token, user_fields(answer.user), made)


@user.command("list")
@click.option("--org", "organisation", default="", metavar="ORG", help="Only of this one.")
@format_option()
@connected
def list_users(client: Client, organisation: str, form: Format) -> None:
    """List the users that you may see, or an organisation's."""
    request = v1.ListUsersRequest(organisation_id=organisation)
    answer = client.call(_stub(client).ListUsers, request)
    _print(form, USER, map(user_fields, answer.users))


@user.command("rotate-token")
@click.argument("name", metavar="USER")
@format_option()
@connected
def rotate_token(client: Client, name: str, form: Format) -> None:
    """Make a user's token void and write the new one to standard output."""
    request = v1.RotateTokenRequest(user_id=name)
    answer = client.change(_stub(client).RotateToken, request, ROTATE_AGAIN)
    _hand_over(
        form, answer.token, {"user": name}, said("The old token of {name} is void", name=name)
    )


org.add_command(off_board_organisation)
project.add_command(off_board_project)
user.add_command(off_board_user)


def _stub(client: Client) -> TenantServiceStub:
    return TenantServiceStub(client.channel)


def _own(client: Client) -> str:
    return who_am_i(client).user.organisation_id


def _organisation(made: v1.Organisation) -> dict[str, Any]:
    return {
        "organisation": made.organisation_id,
        "tenant_class": made.tenant_class,
        "title": made.title,
        **access_fields(made.access),
    }


def _project(made: v1.Project) -> dict[str, Any]:
    return {
        "project": made.project_id,
        "organisation": made.organisation_id,
        "title": made.title,
        **access_fields(made.access),
    }


def _hand_over(form: Format, token: str, fields: Values, sentence: str) -> None:
    """Write the token alone, so that it can go into a file; it is never shown again."""
    if form.for_programs:
        print_data(form, TOKEN, {**fields, "token": token})
        return
    note(said("{sentence}; the token below is shown only this once", sentence=sentence))
    click.echo(token)


def _print(form: Format, record: Record, things: Iterable[Values]) -> None:
    found = list(things)
    if form.for_programs:
        print_data(form, record, found)
    elif not found:
        note(said("none yet"))
    else:
        keys = [key for key in found[0] if any(thing[key] is not None for thing in found)]
        heads = [Column(key.replace("_", " ").upper()) for key in keys]
        rows = [["-" if thing[key] is None else str(thing[key]) for key in keys] for thing in found]
        print_table(Table(heads, rows))
