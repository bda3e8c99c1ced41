"""`tendik policy`: the quota policy in force, its versions, and files that are to be."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

from scheduler.cli.client import Client, look_first
from scheduler.cli.errors import Problem, ServiceError
from scheduler.cli.exit_codes import ExitCode
from scheduler.cli.files import read_text, source_name
from scheduler.cli.options import connected, format_option
from scheduler.cli.policy.records import POLICY, VALIDATION
from scheduler.cli.reader_times import told_time
from scheduler.cli.render import Format, print_data, print_table
from scheduler.cli.table import Column, Row, Table
from scheduler.cli.terminal import note, say
from scheduler.cli.times import iso, local
from scheduler.texts import listed, said
from scheduler.v1 import policy_service_pb2 as v1
from scheduler.v1.policy_service_pb2_grpc import PolicyServiceStub


@click.command()
@click.option("--version", "number", default=0, metavar="N", help="Not the one in force.")
@format_option()
@connected
def show(client: Client, number: int, form: Format) -> None:
    """Write the policy's file, verbatim."""
    found = version_of(client, number)
    if form.for_programs:
        print_data(form, POLICY, policy_fields(found) | {"text": found.text})
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


@click.command()
@click.argument("file", metavar="FILE|-")
@format_option()
@connected
def lint(client: Client, file: str, form: Format) -> None:
    """Say what is wrong or odd about a policy file.

    A right one is told with what it would change for whom.
    """
    answer = validated(client, read_text(file))
    if form.for_programs:
        print_data(form, VALIDATION, _told(answer))
    elif not answer.problems:
        tell_changes(answer)
        tell_warnings(answer.warnings)
    if answer.problems:
        raise refusal(answer, file)


@click.command()
@click.argument("file", metavar="FILE|-")
@click.option(
    "--expected", type=click.IntRange(0), metavar="N", help="Refuse if another version is in force."
)
@format_option()
@connected
def apply(client: Client, file: str, expected: int | None, form: Format) -> None:
    """Put a file in force where one signature is enough."""
    text = read_text(file)
    read_number = number_in_force(client) if expected is None else expected
    answer = validated(client, text)
    if answer.problems:
        raise refusal(answer, file)
    request = v1.ApplyPolicyRequest(text=text, expected_number=read_number)
    stub = PolicyServiceStub(client.channel)
    made = client.change(stub.ApplyPolicy, request, look_first("tendik policy history"))
    if form.for_programs:
        warnings = _as_fields(made.warnings)
        print_data(form, POLICY, policy_fields(made.policy) | {"warnings": warnings})
        return
    tell_changes(answer)
    tell_warnings(made.warnings)
    say(said("Applied as version {number}", number=made.policy.number))


@click.command()
@format_option()
@connected
def history(client: Client, form: Format) -> None:
    """List the policies that were in force: who, when and why."""
    request = v1.ListPolicyVersionsRequest()
    found = client.call(PolicyServiceStub(client.channel).ListPolicyVersions, request).policies
    if form.for_programs:
        print_data(form, POLICY, [policy_fields(version) for version in found])
        return
    print_table(Table(_COLUMNS, list(map(_row, found))), form)


_COLUMNS = (
    Column(said("VERSION"), right=True),
    *map(Column, (said("APPLIED"), said("BY"), said("APPROVED BY"), said("TITLE"), said("WHY"))),
    Column("SHA-256", wide=True),
)


def _row(one: v1.PolicyVersion) -> Row:
    signed = one.applied_by, one.approved_by or "-"
    return (str(one.number), local(one.apply_time), *signed, one.title, one.why or "-", one.sha256)


def version_of(client: Client, number: int) -> v1.PolicyVersion:
    """Return a version with its text, the one in force for 0. Raises ServiceError."""
    request = v1.GetPolicyRequest(number=number)
    return client.call(PolicyServiceStub(client.channel).GetPolicy, request).policy


def number_in_force(client: Client) -> int:
    """Return the number of the version in force, 0 when there is none."""
    try:
        return version_of(client, 0).number
    except ServiceError as error:
        if error.exit_code == ExitCode.NOT_FOUND:
            return 0
        raise


def validated(client: Client, text: str) -> v1.ValidatePolicyResponse:
    """Return what the service finds in a policy file."""
    request = v1.ValidatePolicyRequest(text=text)
    return client.call(PolicyServiceStub(client.channel).ValidatePolicy, request)


def refusal(answer: v1.ValidatePolicyResponse, file: str) -> ServiceError:
    """Return the error of a wrong file."""
    problems = tuple(Problem(found.key, found.message) for found in answer.problems)
    refusal = ServiceError("", ExitCode.INVALID, "INVALID_POLICY", problems)
    return refusal.about(source_name(file))


def tell_changes(answer: v1.ValidatePolicyResponse) -> None:
    """Write what a file changes, a line each."""
    for change in answer.changes or [said("changes nothing against the version in force")]:
        say(listed(("- ", change), ""))


def tell_warnings(warnings: Iterable[v1.PolicyProblem]) -> None:
    """Write what is odd about a file as notes."""
    for found in warnings:
        note(
            said(
                "warning: {key}: {message} [{kind}]",
                key=found.key,
                message=found.message,
                kind=found.kind,
            )
        )


def _told(answer: v1.ValidatePolicyResponse) -> dict[str, Any]:
    return {
        "problems": _as_fields(answer.problems),
        "changes": list(answer.changes),
        "warnings": _as_fields(answer.warnings),
    }


def _as_fields(found: Iterable[v1.PolicyProblem]) -> list[dict[str, str]]:
    return [
        {"key": one.key, "message": one.message} | ({"kind": one.kind} if one.kind else {})
        for one in found
    ]


def policy_fields(version: v1.PolicyVersion) -> dict[str, Any]:
    """Return a version as programs read it."""
    return {
        "version": version.number,
        "title": version.title,
        "sha256": version.sha256,
        "applied_by": version.applied_by,
        "approved_by": version.approved_by or None,
        "proposal": version.proposal or None,
        "why": version.why or None,
        "apply_time": iso(version.apply_time),
    }
