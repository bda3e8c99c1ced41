"""Messages about stages of a proposal: what is wished, what came of it, and its trials."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from scheduler.domain.changes.objectives import Objective
from scheduler.domain.changes.proposals import Proposal, ProposalState
from scheduler.domain.changes.trial_summaries import Fared, TrialSummary
from scheduler.errors import InvalidRequest, Violation
from scheduler.rpc.convert.policies import STATES, policy_message, proposal_message
from scheduler.rpc.convert.values import timestamp
from scheduler.rpc.language import to_the_caller
from scheduler.texts import said
from scheduler.use_cases.stages import Staged, Wish
from scheduler.v1 import policy_service_pb2 as pb


def wish_of(request: pb.ActivateProposalRequest) -> Wish:
    """Raises InvalidRequest."""
    if request.shadow and request.canary_classes:
        message = said("it is compared, or tried on classes; say one of both")
        raise InvalidRequest(Violation("shadow", message))
    stage = ProposalState.IN_FORCE
    if request.shadow:
        stage = ProposalState.SHADOWED
    elif request.canary_classes:
        stage = ProposalState.CANARY
    usual = Wish()
    seconds = request.try_for.seconds if request.HasField("try_for") else None
    return Wish(
        stage,
        tuple(request.canary_classes),
        usual.try_for if seconds is None else _duration(seconds),
        dict(_tolerated(request)),
        frozenset(request.accept),
    )


def _duration(seconds: int) -> timedelta:
    try:
        return timedelta(seconds=seconds)
    except OverflowError:
        message = said("must be from a minute to 90 days")
        raise InvalidRequest(Violation("try_for", message)) from None


def _tolerated(request: pb.ActivateProposalRequest) -> Iterator[tuple[Objective, float]]:
    for one in request.tolerated:
        if one.objective not in set(Objective):
            known = ", ".join(Objective)
            message = said("no objective {name!r}; it is {known}", name=one.objective, known=known)
            raise InvalidRequest(Violation("tolerated", message))
        yield Objective(one.objective), one.most


def staged_response(staged: Staged) -> pb.ActivateProposalResponse:
    version = staged.version
    return pb.ActivateProposalResponse(
        proposal=proposal_message(staged.proposal),
        policy=policy_message(version) if version else None,
        not_tried=map(to_the_caller, staged.not_tried),
    )


def stages_response(proposal: Proposal, summaries: tuple[TrialSummary, ...]) -> pb.GetTrialResponse:
    return pb.GetTrialResponse(
        proposal=proposal_message(proposal, with_text=False), stages=map(_summary, summaries)
    )


def _summary(summary: TrialSummary) -> pb.StageSummary:
    return pb.StageSummary(
        stage=STATES[summary.stage],
        cycles=summary.cycles,
        since_time=timestamp(summary.since),
        until_time=timestamp(summary.until),
        starts=summary.starts,
        held_back=summary.held_back,
        recalled=summary.recalled,
        spared=summary.spared,
        barred=summary.barred,
        fared=map(_fared, summary.fared),
        measures=[pb.Measure(objective=one.objective, value=one.value) for one in summary.measures],
    )


def _fared(fared: Fared) -> pb.Fared:
    return pb.Fared(
        organisation_id=fared.organisation,
        tenant_class=fared.tenant_class,
        pool=fared.pool,
        held_gpus_before=fared.held_before,
        held_gpus_after=fared.held_after,
        entitled_gpus_before=fared.entitled_before,
        entitled_gpus_after=fared.entitled_after,
    )
