"""`tendik admin policy`: the quota policy in force, its versions, and new ones."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

from scheduler.cli.admin_records import POLICY, VALIDATION
from scheduler.cli.client import Client, look_first
from scheduler.cli.errors import Problem, ServiceError
from scheduler.cli.exit_codes import ExitCode
from scheduler.cli.files import read_text, source_name
from scheduler.cli.options import connected, format_option
from scheduler.cli.reader_times import told_time
from scheduler.cli.render import Format, print_data, print_table
from scheduler.cli.table import Column, Row, Table
from scheduler.cli.terminal import note, say
from scheduler.cli.times import iso, local
from scheduler.texts import listed, said
from scheduler.v1 import policy_service_pb2 as v1
from scheduler.v1.policy_service_pb2_grpc import PolicyServiceStub


@click.group()
def policy() -> None:
    """The quota policy: what equal means, in numbers."""


@policy.command()
@click.option("--version", "number", default=0, metavar="N", help="Not the one in force.")
@format_option()
@connected
def show(client: Client, number: int, form: Format) -> None:
    """Write the policy's file, verbatim."""
    found = _get(client, number)
    if form.for_programs:
        print_data(form, POLICY, _fields(found) | {"text": found.text})
        return
    note(
        said(
            "version {number}, applied {at} by {applied_by}",
            number=found.number,
            at=told_time(found.apply_time),
            applied_by=found.applied_by,
        )
    )
    click.echo(found.text, nl=not found.text.endswith("\n"))


@policy.command()
@click.argument("file", metavar="FILE|-")
@format_option()
@connected
def validate(client: Client, file: str, form: Format) -> None:
    """Say what is wrong with a policy file, and what it would change."""
    answer = _validated(client, read_text(file))
    if form.for_programs:
        print_data(form, VALIDATION, _told(answer))
    elif not answer.problems:
        _tell_changes(answer)
        _tell_warnings(answer.warnings)
    if answer.problems:
        raise _refusal(answer, file)


@policy.command()
@click.argument("file", metavar="FILE|-")
@click.option(
    "--expected", type=click.IntRange(0), metavar="N", help="Refuse if another version is in force."
)
@format_option()
@connected
def apply(client: Client, file: str, expected: int | None, form: Format) -> None:
    """Put a policy file in force from the next cycle on."""
    text = read_text(file)
    read_number = _number_in_force(client) if expected is None else expected
    answer = _validated(client, text)
    if answer.problems:
        raise _refusal(answer, file)
    request = v1.ApplyPolicyRequest(text=text, expected_number=read_number)
    stub = PolicyServiceStub(client.channel)
    made = client.change(stub.ApplyPolicy, request, look_first("tendik admin policy versions"))
    if form.for_programs:
        warnings = _as_fields(made.warnings)
        print_data(form, POLICY, _fields(made.policy) | {"warnings": warnings})
        return
    _tell_changes(answer)
    _tell_warnings(made.warnings)
    say(said("Applied as version {number}", number=made.policy.number))


@policy.command()
@format_option()
@connected
def versions(client: Client, form: Format) -> None:
    """List the policies that were in force, newest first."""
    request = v1.ListPolicyVersionsRequest()
    found = client.call(PolicyServiceStub(client.channel).ListPolicyVersions, request).policies
    if form.for_programs:
        print_data(form, POLICY, [_fields(version) for version in found])
        return
    print_table(Table(_COLUMNS, list(map(_row, found))), form)


_COLUMNS = (
    Column(said("VERSION"), right=True),
    *map(Column, (said("APPLIED"), said("BY"), said("TITLE"), "SHA-256")),
    Column(said("WHOLE SHA-256"), wide=True),
)


def _row(one: v1.PolicyVersion) -> Row:
    applied = local(one.apply_time)
    return (str(one.number), applied, one.applied_by, one.title, one.sha256[:12], one.sha256)


def _get(client: Client, number: int) -> v1.PolicyVersion:
    request = v1.GetPolicyRequest(number=number)
    return client.call(PolicyServiceStub(client.channel).GetPolicy, request).policy


def _number_in_force(client: Client) -> int:
    try:
        return _get(client, 0).number
    except ServiceError as error:
        if error.exit_code == ExitCode.NOT_FOUND:
            return 0
        raise


def _validated(client: Client, text: str) -> v1.ValidatePolicyResponse:
    request = v1.ValidatePolicyRequest(text=text)
    return client.call(PolicyServiceStub(client.channel).ValidatePolicy, request)


def _refusal(answer: v1.ValidatePolicyResponse, file: str) -> ServiceError:
    problems = tuple(Problem(found.key, found.message) for found in answer.problems)
    refusal = ServiceError("", ExitCode.INVALID, "INVALID_POLICY", problems)
    return refusal.about(source_name(file))


def _tell_changes(answer: v1.ValidatePolicyResponse) -> None:
    for change in answer.changes or [said("changes nothing against the version in force")]:
        say(listed(("- ", change), ""))


def _tell_warnings(warnings: Iterable[v1.PolicyProblem]) -> None:
    for found in warnings:
        note(said("warning: {key}: {message}", key=found.key, message=found.message))


def _told(answer: v1.ValidatePolicyResponse) -> dict[str, Any]:
    return {
        "problems": _as_fields(answer.problems),
        "changes": list(answer.changes),
        "warnings": _as_fields(answer.warnings),
    }


def _as_fields(found: Iterable[v1.PolicyProblem]) -> list[dict[str, str]]:
    return [{"key": one.key, "message": one.message} for one in found]


def _fields(version: v1.PolicyVersion) -> dict[str, Any]:
    return {
        "version": version.number,
        "title": version.title,
        "sha256": version.sha256,
        "applied_by": version.applied_by,
        "apply_time": iso(version.apply_time),
    }
