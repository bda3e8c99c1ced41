"""`tendik admin org|project|user off-board`: who leaves, and what becomes of their jobs."""

from __future__ import annotations

import click

from scheduler.cli.client import Client, look_first
from scheduler.cli.options import connected, format_option
from scheduler.cli.register import plan_fields, tell_steps
from scheduler.cli.register_records import REGISTER_PLAN
from scheduler.cli.render import Format, print_data
from scheduler.cli.terminal import note, say
from scheduler.texts import said
from scheduler.v1 import tenant_service_pb2 as v1
from scheduler.v1.tenant_service_pb2_grpc import TenantServiceStub

dry_run_option = click.option("--dry-run", is_flag=True, help="Only say what would be done.")


@click.command("off-board")
@click.argument("name", metavar="ORG")
@dry_run_option
@format_option()
@connected
def off_board_organisation(client: Client, name: str, dry_run: bool, form: Format) -> None:
    """End an organisation's access; what runs goes on, and its history is kept."""
    request = v1.OffBoardRequest(kind=v1.TENANT_KIND_ORGANISATION, name=name, validate_only=dry_run)
    _off_board(client, request, form)


@click.command("off-board")
@click.argument("name", metavar="PROJECT")
@click.option("--org", "organisation", default="", metavar="ORG", help="Yours unless named.")
@dry_run_option
@format_option()
@connected
def off_board_project(
    client: Client, name: str, organisation: str, dry_run: bool, form: Format
) -> None:
    """End a project; what runs goes on, and its history is kept."""
    request = v1.OffBoardRequest(
        kind=v1.TENANT_KIND_PROJECT,
        name=name,
        organisation_id=organisation,
        validate_only=dry_run,
    )
    _off_board(client, request, form)


@click.command("off-board")
@click.argument("name", metavar="USER")
@dry_run_option
@format_option()
@connected
def off_board_user(client: Client, name: str, dry_run: bool, form: Format) -> None:
    """End a user's access; what runs goes on, and all history is kept."""
    request = v1.OffBoardRequest(kind=v1.TENANT_KIND_USER, name=name, validate_only=dry_run)
    _off_board(client, request, form)


def _off_board(client: Client, request: v1.OffBoardRequest, form: Format) -> None:
    stub = TenantServiceStub(client.channel)
    if request.validate_only:
        done = client.call(stub.OffBoard, request)
    else:
        done = client.change(stub.OffBoard, request, look_first("tendik admin history"))
    if form.for_programs:
        print_data(form, REGISTER_PLAN, plan_fields(done.revision, done.steps))
        return
    if request.validate_only:
        note(said("a dry run: nothing is done"))
    tell_steps(done.steps, say)
