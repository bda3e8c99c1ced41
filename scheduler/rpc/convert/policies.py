"""Policy messages."""

from __future__ import annotations

from datetime import datetime

from scheduler.domain.policies import PolicyVersion
from scheduler.errors import Violation
from scheduler.rpc.convert.values import timestamp
from scheduler.rpc.language import to_the_caller
from scheduler.texts import listed, said
from scheduler.use_cases.policies import Applied, Trial
from scheduler.v1 import policy_service_pb2 as pb


def policy_message(version: PolicyVersion, *, with_text: bool = True) -> pb.PolicyVersion:
    return pb.PolicyVersion(
        number=version.number,
        title=version.name,
        sha256=version.sha256,
        text=version.text if with_text else "",
        applied_by=version.applied_by,
        apply_time=timestamp(datetime.fromisoformat(version.applied_at)),
    )


def trial_response(trial: Trial) -> pb.ValidatePolicyResponse:
    return pb.ValidatePolicyResponse(
        problems=map(_problem, trial.problems),
        changes=map(to_the_caller, trial.changes),
        warnings=map(_problem, trial.warnings),
    )


def applied_response(applied: Applied) -> pb.ApplyPolicyResponse:
    return pb.ApplyPolicyResponse(
        policy=policy_message(applied.version), warnings=map(_problem, applied.warnings)
    )


def _problem(found: Violation) -> pb.PolicyProblem:
    return pb.PolicyProblem(key=found.field, message=_with_line(found))


def _with_line(wrong: Violation) -> str:
    if not wrong.line:
        return to_the_caller(wrong.message)
    return to_the_caller(listed((said("line {line}", line=wrong.line), wrong.message), ": "))
