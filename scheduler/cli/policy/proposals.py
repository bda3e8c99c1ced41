"""`tendik policy propose` and what follows: a change of the policy that two people stand for."""

from __future__ import annotations

from typing import Any

import click

from scheduler.cli.client import Client, look_first
from scheduler.cli.files import read_text
from scheduler.cli.options import connected, format_option
from scheduler.cli.policy.files import (
    number_in_force,
    policy_fields,
    refusal,
    tell_changes,
    tell_warnings,
    validated,
)
from scheduler.cli.policy.records import POLICY, PROPOSAL
from scheduler.cli.render import Format, print_data, print_table
from scheduler.cli.table import Column, Row, Table
from scheduler.cli.terminal import note, say
from scheduler.cli.times import iso, local
from scheduler.texts import Said, said
from scheduler.v1 import policy_service_pb2 as v1
from scheduler.v1.policy_service_pb2_grpc import PolicyServiceStub

_WORDS: dict[int, Said] = {
    v1.PROPOSAL_STATE_PROPOSED: said("proposed"),
    v1.PROPOSAL_STATE_APPROVED: said("approved"),
    v1.PROPOSAL_STATE_SHADOWED: said("in shadow"),
    v1.PROPOSAL_STATE_CANARY: said("a canary"),
    v1.PROPOSAL_STATE_IN_FORCE: said("put in force"),
    v1.PROPOSAL_STATE_WITHDRAWN: said("withdrawn"),
    v1.PROPOSAL_STATE_ROLLED_BACK: said("rolled back"),
}
LOOK = look_first("tendik policy proposals")


@click.command()
@click.argument("file", metavar="FILE|-")
@click.option("--why", required=True, metavar="TEXT", help="Why the policy is to change.")
@click.option(
    "--base", type=click.IntRange(0), metavar="N", help="Refuse if another version is in force."
)
@format_option()
@connected
def propose(client: Client, file: str, why: str, base: int | None, form: Format) -> None:
    """Propose a policy file, for another admin to approve."""
    text = read_text(file)
    read_number = number_in_force(client) if base is None else base
    answer = validated(client, text)
    if answer.problems:
        raise refusal(answer, file)
    request = v1.ProposePolicyRequest(text=text, base_number=read_number, why=why)
    made = client.change(_stub(client).ProposePolicy, request, LOOK).proposal
    if form.for_programs:
        print_data(form, PROPOSAL, proposal_fields(made))
        return
    tell_changes(answer)
    tell_warnings(answer.warnings)
    say(
        said(
            "Proposed as {number}; another admin approves it with: tendik policy approve {number}",
            number=made.number,
        )
    )


@click.command()
@click.argument("number", type=click.IntRange(1), required=False)
@format_option()
@connected
def proposals(client: Client, number: int | None, form: Format) -> None:
    """List proposals, or show one with its file."""
    if number is None:
        found = client.call(_stub(client).ListProposals, v1.ListProposalsRequest()).proposals
        if form.for_programs:
            print_data(form, PROPOSAL, [proposal_fields(one) for one in found])
        else:
            print_table(Table(_COLUMNS, list(map(_row, found))), form)
        return
    one = get_proposal(client, number)
    if form.for_programs:
        print_data(form, PROPOSAL, proposal_fields(one) | {"text": one.text})
        return
    for step in one.steps:
        note(_step_told(step))
    if one.state == v1.PROPOSAL_STATE_CANARY:
        note(canary_told(one.canary))
    tell_changes(validated(client, one.text))
    click.echo(one.text, nl=not one.text.endswith("\n"))


@click.command()
@click.argument("number", type=click.IntRange(1))
@click.option(
    "--accept", multiple=True, metavar="KIND", help="Accept a kind of warning; may be repeated."
)
@click.option(
    "--revision", type=click.IntRange(1), metavar="N", help="Refuse if it is another one now."
)
@format_option()
@connected
def approve(
    client: Client, number: int, accept: tuple[str, ...], revision: int | None, form: Format
) -> None:
    """Sign a proposal that somebody else made."""
    one = get_proposal(client, number)
    answer = validated(client, one.text)
    if not form.for_programs:
        tell_changes(answer)
        tell_warnings(answer.warnings)
    request = v1.ApproveProposalRequest(
        number=number, revision=revision or one.revision, accept=accept
    )
    signed = client.change(_stub(client).ApproveProposal, request, LOOK).proposal
    done = said(
        "Approved proposal {number}; it comes into force with: tendik policy activate {number}",
        number=number,
    )
    tell_proposal(signed, done, form)


@click.command()
@click.argument("number", type=click.IntRange(1))
@click.option("--why", required=True, metavar="TEXT", help="Why it is given up.")
@format_option()
@connected
def withdraw(client: Client, number: int, why: str, form: Format) -> None:
    """Give a proposal up before it is in force."""
    revision = get_proposal(client, number).revision
    request = v1.WithdrawProposalRequest(number=number, revision=revision, why=why)
    gone = client.change(_stub(client).WithdrawProposal, request, LOOK).proposal
    tell_proposal(gone, said("Withdrew proposal {number}", number=number), form)


@click.command()
@click.option(
    "--to", type=click.IntRange(0), default=0, metavar="N", help="Not the one before this one."
)
@click.option("--why", required=True, metavar="TEXT", help="Why the policy is rolled back.")
@format_option()
@connected
def rollback(client: Client, to: int, why: str, form: Format) -> None:
    """Put a version in force again that was so before."""
    expected = number_in_force(client)
    request = v1.RollBackPolicyRequest(to_number=to, expected_number=expected, why=why)
    advice = look_first("tendik policy history")
    back = client.change(_stub(client).RollBackPolicy, request, advice).policy
    if form.for_programs:
        print_data(form, POLICY, policy_fields(back))
        return
    say(
        said(
            "Version {version} is in force from the next cycle on: {title}",
            version=back.number,
            title=back.title,
        )
    )


_COLUMNS = (
    Column(said("PROPOSAL"), right=True),
    *map(Column, (said("STATE"), said("SINCE"), said("BY"), said("TITLE"), said("WHY"))),
    Column(said("BASE"), right=True, wide=True),
    Column("SHA-256", wide=True),
)


def _row(one: v1.Proposal) -> Row:
    last = one.steps[-1]
    step = (_WORDS[last.state], local(last.time), last.by)
    why = one.steps[0].why
    return (str(one.number), *step, one.title, why, str(one.base_number), one.sha256)


def _step_told(step: v1.ProposalStep) -> Said:
    at = local(step.time)
    if not step.why:
        return said("{state} {at} by {by}", state=_WORDS[step.state], at=at, by=step.by)
    return said(
        "{state} {at} by {by}: {why}", state=_WORDS[step.state], at=at, by=step.by, why=step.why
    )


def canary_told(canary: v1.Canary) -> Said:
    """Return for whom a proposal is tried, and what follows."""
    classes, until = ", ".join(canary.classes), local(canary.until_time)
    return said(
        "it is tried on {classes} until {until}; it goes on until somebody activates it for all or "
        "rolls it back",
        classes=classes,
        until=until,
    )


def tell_proposal(one: v1.Proposal, done: Said, form: Format) -> None:
    if form.for_programs:
        print_data(form, PROPOSAL, proposal_fields(one))
    else:
        say(done)


def get_proposal(client: Client, number: int) -> v1.Proposal:
    request = v1.GetProposalRequest(number=number)
    return client.call(_stub(client).GetProposal, request).proposal


def _stub(client: Client) -> PolicyServiceStub:
    return PolicyServiceStub(client.channel)


def _state(state: v1.ProposalState) -> str:
    return v1.ProposalState.Name(state).removeprefix("PROPOSAL_STATE_")


def proposal_fields(one: v1.Proposal) -> dict[str, Any]:
    return {
        "proposal": one.number,
        "state": _state(one.state),
        "revision": one.revision,
        "base_version": one.base_number,
        "title": one.title,
        "sha256": one.sha256,
        "accepted": list(one.accepted),
        "canary": _canary(one.canary) if one.HasField("canary") else None,
        "steps": [
            {
                "state": _state(step.state),
                "by": step.by,
                "time": iso(step.time),
                "why": step.why,
            }
            for step in one.steps
        ],
    }


def _canary(canary: v1.Canary) -> dict[str, Any]:
    return {
        "classes": list(canary.classes),
        "until_time": iso(canary.until_time),
        "tolerated": [{"objective": one.objective, "most": one.most} for one in canary.tolerated],
    }
