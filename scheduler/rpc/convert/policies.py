"""Policy messages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from scheduler.domain.changes.forecast import Affected, Standing
from scheduler.domain.changes.proposals import Canary, Proposal, ProposalState, Step
from scheduler.domain.policies import PolicyVersion
from scheduler.domain.stored_words import known_again
from scheduler.errors import Violation
from scheduler.rpc.convert.values import timestamp
from scheduler.rpc.language import to_the_caller
from scheduler.texts import listed, said
from scheduler.use_cases.foreseeing import Foreseen
from scheduler.use_cases.policies import Applied, Trial
from scheduler.use_cases.policy_checks import Oddity
from scheduler.v1 import policy_service_pb2 as pb


def policy_message(version: PolicyVersion, *, with_text: bool = True) -> pb.PolicyVersion:
    return pb.PolicyVersion(
        number=version.number,
        title=version.name,
        sha256=version.sha256,
        text=version.text if with_text else "",
        applied_by=version.applied_by,
        apply_time=timestamp(datetime.fromisoformat(version.applied_at)),
        why=_stored(version.why),
        approved_by=version.approved_by,
        proposal=version.proposal,
    )


def proposal_message(proposal: Proposal, *, with_text: bool = True) -> pb.Proposal:
    return pb.Proposal(
        number=proposal.number,
        state=STATES[proposal.state],
        revision=proposal.revision,
        base_number=proposal.base,
        title=proposal.title,
        sha256=proposal.sha256,
        text=proposal.text if with_text else "",
        steps=map(_step, proposal.steps),
        accepted=sorted(proposal.accepted),
        canary=_canary(proposal.canary) if proposal.canary else None,
    )


def _canary(canary: Canary) -> pb.Canary:
    return pb.Canary(
        classes=canary.classes,
        until_time=timestamp(datetime.fromisoformat(canary.until)),
        tolerated=[
            pb.Tolerance(objective=objective, most=most)
            for objective, most in canary.tolerated.items()
        ],
    )


def forecast_response(foreseen: Foreseen) -> pb.ForecastPolicyResponse:
    forecast = foreseen.forecast
    return pb.ForecastPolicyResponse(
        snapshot_time=timestamp(forecast.taken_at),
        base_number=foreseen.in_force.number,
        changes=map(to_the_caller, foreseen.changes),
        standings=map(_standing, forecast.standings),
        starts=map(_affected, forecast.starts),
        held_back=map(_affected, forecast.held_back),
        recalled=map(_affected, forecast.recalled),
        spared=map(_affected, forecast.spared),
        barred=map(_affected, forecast.barred),
    )


def _standing(standing: Standing) -> pb.PolicyStanding:
    return pb.PolicyStanding(
        organisation_id=standing.organisation,
        tenant_class=standing.tenant_class,
        pool=standing.pool,
        held_gpus=standing.held,
        wanted_gpus=standing.wanted,
        entitled_gpus_before=standing.entitled_before,
        entitled_gpus_after=standing.entitled_after,
        even_gpus_before=standing.even_before,
        even_gpus_after=standing.even_after,
        over_gpus=standing.over,
    )


def _affected(job: Affected) -> pb.AffectedJob:
    tenant = job.tenant
    return pb.AffectedJob(
        job_id=job.job_id,
        organisation_id=tenant.organisation,
        user_id=tenant.user,
        gpus=job.gpus,
    )


def _step(step: Step) -> pb.ProposalStep:
    when = timestamp(datetime.fromisoformat(step.at))
    why = _stored(step.why)
    return pb.ProposalStep(state=STATES[step.state], by=step.by, time=when, why=why)


def _stored(text: str) -> str:
    """Return why something was done: in a person's words, or in ours and the reader's language."""
    return to_the_caller(known_again(text))


STATES: Mapping[ProposalState, pb.ProposalState] = {
    ProposalState.PROPOSED: pb.PROPOSAL_STATE_PROPOSED,
    ProposalState.APPROVED: pb.PROPOSAL_STATE_APPROVED,
    ProposalState.SHADOWED: pb.PROPOSAL_STATE_SHADOWED,
    ProposalState.CANARY: pb.PROPOSAL_STATE_CANARY,
    ProposalState.IN_FORCE: pb.PROPOSAL_STATE_IN_FORCE,
    ProposalState.WITHDRAWN: pb.PROPOSAL_STATE_WITHDRAWN,
    ProposalState.ROLLED_BACK: pb.PROPOSAL_STATE_ROLLED_BACK,
}


def validation_response(trial: Trial) -> pb.ValidatePolicyResponse:
    return pb.ValidatePolicyResponse(
        problems=map(_problem, trial.problems),
        changes=map(to_the_caller, trial.changes),
        warnings=map(_warning, trial.oddities),
    )


def applied_response(applied: Applied) -> pb.ApplyPolicyResponse:
    return pb.ApplyPolicyResponse(
        policy=policy_message(applied.version), warnings=map(_warning, applied.oddities)
    )


def _problem(found: Violation) -> pb.PolicyProblem:
    return pb.PolicyProblem(key=found.field, message=_with_line(found))


def _warning(found: Oddity) -> pb.PolicyProblem:
    place, message = found.violation.field, _with_line(found.violation)
    return pb.PolicyProblem(key=place, message=message, kind=found.kind)


def _with_line(wrong: Violation) -> str:
    if not wrong.line:
        return to_the_caller(wrong.message)
    return to_the_caller(listed((said("line {line}", line=wrong.line), wrong.message), ": "))
