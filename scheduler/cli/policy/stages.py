"""`tendik policy activate` and `trial`: a change comes into force, by stages or at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import click
from google.protobuf.duration_pb2 import Duration

from scheduler.cli.client import Client
from scheduler.cli.language import spoken
from scheduler.cli.options import connected, format_option
from scheduler.cli.policy.proposals import (
    LOOK,
    canary_told,
    get_proposal,
    proposal_fields,
    tell_proposal,
)
from scheduler.cli.policy.records import TRIAL
from scheduler.cli.render import Format, print_data, print_table
from scheduler.cli.table import Column, Row, Table
from scheduler.cli.terminal import note, say
from scheduler.cli.times import Span, iso, local
from scheduler.texts import Said, listed, said
from scheduler.v1 import policy_service_pb2 as v1
from scheduler.v1.policy_service_pb2_grpc import PolicyServiceStub

_OBJECTIVES: dict[str, Said] = {
    "floors": said("minutes that a floor is missed"),
    "entitlements": said("points that somebody's part of the entitlement falls"),
    "idle": said("percent of a pool that stand idle and would be used"),
}


class _Borne(click.ParamType[v1.Tolerance]):
    """An objective of a canary and what is borne of it: "idle=20"."""

    name = "objective=number"

    def convert(self, value: Any, param: Any, ctx: Any) -> v1.Tolerance:
        if isinstance(value, v1.Tolerance):
            return value
        objective, _, most = value.partition("=")
        if objective not in _OBJECTIVES or not most.replace(".", "", 1).isdecimal():
            known = ", ".join(_OBJECTIVES)
            wrong = said("{value!r} is not NAME=NUMBER of one of {known}", value=value, known=known)
            self.fail(spoken(wrong), param, ctx)
        return v1.Tolerance(objective=objective, most=float(most))


@click.command()
@click.argument("number", type=click.IntRange(1))
@click.option("--shadow", is_flag=True, help="Only decide beside the one in force, and compare.")
@click.option("--canary", default="", metavar="CLASS,…", help="Only for these classes.")
@click.option(
    "--for", "try_for", type=Span(), default="6h", show_default=True, help="How long a canary is."
)
@click.option(
    "--tolerate",
    type=_Borne(),
    multiple=True,
    metavar="NAME=NUMBER",
    help="What is borne of a canary: floors, entitlements, idle; may be repeated.",
)
@click.option(
    "--accept", multiple=True, metavar="KIND", help="Accept a kind of warning; may be repeated."
)
@format_option()
@connected
def activate(
    client: Client,
    *,
    number: int,
    shadow: bool,
    canary: str,
    try_for: timedelta,
    tolerate: tuple[v1.Tolerance, ...],
    accept: tuple[str, ...],
    form: Format,
) -> None:
    """Put an approved proposal in force, by stages or at once.

    In shadow it decides nothing: each cycle's jobs are also decided under it, and what differs is
    told by `tendik policy trial`. A canary is in force for some classes; it is rolled back by
    itself when access becomes less equal than is borne, and never goes further by itself.
    """
    if shadow and canary:
        raise click.UsageError(spoken(said("--shadow and --canary exclude each other")))
    request = v1.ActivateProposalRequest(
        number=number,
        revision=get_proposal(client, number).revision,
        shadow=shadow,
        canary_classes=[name.strip() for name in canary.split(",") if name.strip()],
        tolerated=tolerate,
        accept=accept,
    )
    if canary:
        request.try_for.CopyFrom(Duration(seconds=int(try_for.total_seconds())))
    answer = client.change(PolicyServiceStub(client.channel).ActivateProposal, request, LOOK)
    tell_proposal(answer.proposal, _done(answer), form)
    if not form.for_programs and canary:
        note(canary_told(answer.proposal.canary))
        for change in answer.not_tried:
            note(said("not tried before it is in force for all: {change}", change=change))


def _done(answer: v1.ActivateProposalResponse) -> Said:
    number = answer.proposal.number
    match answer.proposal.state:
        case v1.PROPOSAL_STATE_SHADOWED:
            return said(
                "Proposal {number} is in shadow; what it would do is told by: "
                "tendik policy trial {number}",
                number=number,
            )
        case v1.PROPOSAL_STATE_CANARY:
            return said(
                "Version {version} is in force from the next cycle on, for {classes} alone",
                version=answer.policy.number,
                classes=", ".join(answer.proposal.canary.classes),
            )
        case _:
            return said(
                "Version {version} is in force from the next cycle on",
                version=answer.policy.number,
            )


@click.command()
@click.argument("number", type=click.IntRange(1))
@format_option()
@connected
def trial(client: Client, number: int, form: Format) -> None:
    """Say what a proposal came to in shadow and as a canary.

    Each snapshot was decided twice: without the proposal, and with it.
    """
    stub = PolicyServiceStub(client.channel)
    found = client.call(stub.GetTrial, v1.GetTrialRequest(number=number))
    if form.for_programs:
        print_data(form, TRIAL, _fields(found))
        return
    for stage in found.stages:
        _tell(stage, found.proposal.canary)
        print_table(Table(_COLUMNS, list(map(_row, stage.fared))), form)
    if not found.stages:
        note(said("it was not tried yet, or only just now"))


def _tell(stage: v1.StageSummary, canary: v1.Canary) -> None:
    times = {"since": local(stage.since_time), "until": local(stage.until_time)}
    if stage.stage == v1.PROPOSAL_STATE_SHADOWED:
        say(said("in shadow: {cycles} cycles, {since} to {until}", cycles=stage.cycles, **times))
    else:
        told = {"classes": ", ".join(canary.classes), "cycles": stage.cycles, **times}
        say(said("a canary for {classes}: {cycles} cycles, {since} to {until}", **told))
    for line in _differences(stage, canary):
        say(listed(("- ", line), ""))


def _differences(stage: v1.StageSummary, canary: v1.Canary) -> Iterator[Said]:
    yield said(
        "jobs that start sooner or only with it: {starts}; later or not at all: {held_back}",
        starts=stage.starts,
        held_back=stage.held_back,
    )
    yield said(
        "running jobs that are recalled only with it: {recalled}; only without it: {spared}",
        recalled=stage.recalled,
        spared=stage.spared,
    )
    if stage.barred:
        yield said("waiting jobs that pass a limit of it: {barred}", barred=stage.barred)
    borne = {one.objective: one.most for one in canary.tolerated}
    for one in stage.measures:
        yield said(
            "{name}: {value:.1f} {words}; up to {most:g} are borne",
            name=one.objective,
            value=one.value,
            words=_OBJECTIVES.get(one.objective, Said()),
            most=borne.get(one.objective, 0.0),
        )


_COLUMNS = (
    *map(Column, (said("ORGANISATION"), said("CLASS"), said("POOL"))),
    *(Column(name, right=True) for name in (said("HELD"), said("WITH IT"))),
    *(Column(name, right=True) for name in (said("ENTITLED"), said("WITH IT"))),
)


def _row(one: v1.Fared) -> Row:
    gpus = (
        one.held_gpus_before,
        one.held_gpus_after,
        one.entitled_gpus_before,
        one.entitled_gpus_after,
    )
    return (one.organisation_id, one.tenant_class, one.pool, *(f"{n:.1f}" for n in gpus))


def _fields(found: v1.GetTrialResponse) -> dict[str, Any]:
    proposal = proposal_fields(found.proposal)
    top = {name: proposal[name] for name in ("proposal", "state", "canary")}
    return {**top, "stages": list(map(_stage, found.stages))}


def _stage(stage: v1.StageSummary) -> dict[str, Any]:
    return {
        "stage": v1.ProposalState.Name(stage.stage).removeprefix("PROPOSAL_STATE_"),
        "cycles": stage.cycles,
        "since_time": iso(stage.since_time),
        "until_time": iso(stage.until_time),
        "starts": stage.starts,
        "held_back": stage.held_back,
        "recalled": stage.recalled,
        "spared": stage.spared,
        "barred": stage.barred,
        "fared": list(map(_fared, stage.fared)),
        "measures": [{"objective": one.objective, "value": one.value} for one in stage.measures],
    }


def _fared(one: v1.Fared) -> dict[str, Any]:
    return {
        "organisation": one.organisation_id,
        "tenant_class": one.tenant_class,
        "pool": one.pool,
        "held_gpus_before": one.held_gpus_before,
        "held_gpus_after": one.held_gpus_after,
        "entitled_gpus_before": one.entitled_gpus_before,
        "entitled_gpus_after": one.entitled_gpus_after,
    }
