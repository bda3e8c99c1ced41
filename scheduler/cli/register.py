"""`tendik admin register|history`: who may use the service as one file, and who changed it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import TypedDict, Unpack

import click

from scheduler.cli.client import Client, look_first
from scheduler.cli.fields import Values
from scheduler.cli.files import private_file, read_text
from scheduler.cli.options import connected, format_option
from scheduler.cli.register_records import REGISTER, REGISTER_CHANGE, REGISTER_PLAN
from scheduler.cli.render import Format, print_data, print_table
from scheduler.cli.table import Column, Row, Table
from scheduler.cli.terminal import note, say
from scheduler.cli.times import iso, local
from scheduler.texts import Said, entry, listed, said
from scheduler.v1 import tenant_service_pb2 as v1
from scheduler.v1.tenant_service_pb2_grpc import TenantServiceStub

off_board_option = click.option(
    "--off-board", is_flag=True, help="Who is not listed in an organisation of the file leaves."
)


class How(TypedDict):
    """How a file is applied; without `expected` to the register as it is now."""

    off_board: bool
    expected: int | None
    tokens: Path | None


@click.group()
def register() -> None:
    """Who may use the service, as one file."""


@register.command()
@format_option()
@connected
def show(client: Client, form: Format) -> None:
    """Write the register as a file: all who are on board."""
    found = client.call(_stub(client).GetRegister, v1.GetRegisterRequest())
    if form.for_programs:
        print_data(form, REGISTER, {"revision": found.revision, "text": found.text})
        return
    note(said("revision {revision}", revision=found.revision))
    click.echo(found.text, nl=not found.text.endswith("\n"))


@register.command()
@click.argument("file", metavar="FILE|-")
@off_board_option
@format_option()
@connected
def diff(client: Client, file: str, off_board: bool, form: Format) -> None:
    """Say what a register file would change; changes nothing."""
    plan = _plan(client, read_text(file), off_board)
    if form.for_programs:
        print_data(form, REGISTER_PLAN, plan_fields(plan.revision, plan.steps))
        return
    note(said("against revision {revision}", revision=plan.revision))
    tell_steps(plan.steps, say)


@register.command()
@click.argument("file", metavar="FILE|-")
@off_board_option
@click.option(
    "--expected", type=click.IntRange(0), metavar="N", help="Refuse if it is not this revision."
)
@click.option(
    "--tokens",
    type=click.Path(path_type=Path),
    metavar="NEW-FILE",
    help="Write new users' tokens here (mode 0600), not to the screen.",
)
@format_option()
@connected
def apply(client: Client, file: str, form: Format, **how: Unpack[How]) -> None:
    """Make the register say what a file says, all of it or nothing.

    New users' tokens are written to standard output, this once, a line each.
    """
    text = read_text(file)
    plan = _plan(client, text, how["off_board"])
    request = v1.ApplyRegisterRequest(
        text=text,
        off_board=how["off_board"],
        expected_revision=plan.revision if how["expected"] is None else how["expected"],
    )
    tokens = how["tokens"]
    with private_file(tokens) if tokens else nullcontext() as kept:
        advice = look_first("tendik admin history")
        done = client.change(_stub(client).ApplyRegister, request, advice)
        if kept:
            kept.write(_lines(done.tokens))
    _tell(done, form, shown=tokens is None)


@click.command()
@click.argument("name", default="")
@format_option()
@connected
def history(client: Client, name: str, form: Format) -> None:
    """List who changed the register, newest first, or only what was done to NAME."""
    request = v1.ListTenantChangesRequest(name=name)
    found = client.call(_stub(client).ListTenantChanges, request).changes
    if form.for_programs:
        print_data(form, REGISTER_CHANGE, [_change_fields(change) for change in found])
    elif found:
        print_table(Table(_COLUMNS, list(map(_row, found))), form)
    else:
        note(said("none yet"))


def _stub(client: Client) -> TenantServiceStub:
    return TenantServiceStub(client.channel)


def _plan(client: Client, text: str, off_board: bool) -> v1.PlanRegisterResponse:
    request = v1.PlanRegisterRequest(text=text, off_board=off_board)
    return client.call(_stub(client).PlanRegister, request)


def _tell(done: v1.ApplyRegisterResponse, form: Format, shown: bool) -> None:
    """Tokens stand alone on standard output, so that they can go into a file."""
    if form.for_programs:
        tokens = [{"user": one.user_id, "token": one.token} for one in done.tokens]
        more = {"tokens": tokens} if shown else {}
        print_data(form, REGISTER_PLAN, plan_fields(done.revision, done.steps) | more)
        return
    has_tokens = shown and bool(done.tokens)
    tell_steps(done.steps, note if has_tokens else say)
    note(said("the register is of revision {revision} now", revision=done.revision))
    if has_tokens:
        note(said("the tokens below are shown only this once"))
        click.echo(_lines(done.tokens), nl=False)


def _lines(tokens: Iterable[v1.UserToken]) -> str:
    return "".join(f"{one.user_id} {one.token}\n" for one in tokens)


def tell_steps(steps: Iterable[v1.RegisterStep], tell: Callable[[str], None]) -> None:
    """Tell each step in words, with what becomes of jobs."""
    for step in steps:
        tell(listed(("- ", step.words, _of_jobs(step)), ""))
    if not steps:
        tell(said("changes nothing: the register says so already"))


def _of_jobs(step: v1.RegisterStep) -> Said:
    if not (step.pending_jobs or step.running_jobs):
        return Said()
    if step.what == v1.TENANT_CHANGE_KIND_OFF_BOARDED:
        return said(
            " (waiting jobs that are cancelled: {pending}; running jobs that go on: {running})",
            pending=step.pending_jobs,
            running=step.running_jobs,
        )
    return said(
        " (waiting jobs that are held back: {pending}; running jobs that go on: {running})",
        pending=step.pending_jobs,
        running=step.running_jobs,
    )


def plan_fields(revision: int, steps: Iterable[v1.RegisterStep]) -> dict[str, object]:
    """Return what is done to the register as programs read it."""
    return {"revision": revision, "steps": list(map(_step_fields, steps))}


def _step_fields(step: v1.RegisterStep) -> Values:
    return {
        **_entry_fields(step),
        "words": step.words,
        "pending_jobs": step.pending_jobs,
        "running_jobs": step.running_jobs,
    }


def _change_fields(change: v1.TenantChange) -> Values:
    return {
        "number": change.number,
        "time": iso(change.time),
        "by": change.by,
        **_entry_fields(change),
    }


def _entry_fields(one: v1.RegisterStep | v1.TenantChange) -> Values:
    return {
        "what": v1.TenantChangeKind.Name(one.what).removeprefix("TENANT_CHANGE_KIND_"),
        "kind": v1.TenantKind.Name(one.kind).removeprefix("TENANT_KIND_"),
        "organisation": one.organisation_id,
        "name": one.name,
        "differences": list(one.differences),
    }


_COLUMNS = (
    Column(said("CHANGE"), right=True),
    *map(Column, (said("WHEN"), said("BY"), said("WHAT"), said("OF"))),
    Column(said("DIFFERENCES"), least=20),
)
_WHAT = {
    v1.TENANT_CHANGE_KIND_CREATED: said("created"),
    v1.TENANT_CHANGE_KIND_CHANGED: said("changed"),
    v1.TENANT_CHANGE_KIND_OFF_BOARDED: said("off-boarded"),
    v1.TENANT_CHANGE_KIND_RE_BOARDED: said("re-boarded"),
    v1.TENANT_CHANGE_KIND_TOKEN_REPLACED: said("token replaced"),
}
_OF_KIND = {
    v1.TENANT_KIND_ORGANISATION: entry("organisation {name}"),
    v1.TENANT_KIND_PROJECT: entry("project {name} of {organisation}"),
    v1.TENANT_KIND_USER: entry("user {name} of {organisation}"),
}


def _row(change: v1.TenantChange) -> Row:
    of = said(_OF_KIND[change.kind], name=change.name, organisation=change.organisation_id)
    return (
        str(change.number),
        local(change.time),
        change.by,
        _WHAT[change.what],
        of,
        ", ".join(change.differences) or "-",
    )
