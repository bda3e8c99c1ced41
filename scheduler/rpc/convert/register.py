"""Messages of the register as a whole, both ways."""

from __future__ import annotations

from collections.abc import Mapping

from scheduler.domain.register import (
    Change,
    ChangeRecord,
    kind_of,
    organisation_of,
    step_in_words,
)
from scheduler.domain.tenants import Kind
from scheduler.errors import InvalidRequest, Violation
from scheduler.rpc.convert.values import members_by_number, names_by_member, timestamp
from scheduler.rpc.language import to_the_caller
from scheduler.texts import said
from scheduler.use_cases.registers import Concerned, Plan
from scheduler.v1 import tenant_service_pb2 as pb

CHANGE_NAMES = names_by_member(Change, "TENANT_CHANGE_KIND")
KIND_NAMES = names_by_member(Kind, "TENANT_KIND")
KINDS_BY_NUMBER = members_by_number(KIND_NAMES, pb.TenantKind)


def kind(number: int) -> Kind:
    """Read which kind of entry is meant. Raises InvalidRequest."""
    found = KINDS_BY_NUMBER.get(number)
    if found is None:
        names = ", ".join(KIND_NAMES.values())
        message = said("{number} is no kind of entry; use {names}", number=number, names=names)
        raise InvalidRequest(Violation("kind", message))
    return found


def plan_message(plan: Plan) -> pb.PlanRegisterResponse:
    return pb.PlanRegisterResponse(steps=map(step_message, plan.steps), revision=plan.revision)


def step_message(concerned: Concerned) -> pb.RegisterStep:
    step = concerned.step
    return pb.RegisterStep(
        what=CHANGE_NAMES[step.what],
        kind=KIND_NAMES[kind_of(step.after)],
        organisation_id=organisation_of(step.after),
        name=step.after.name,
        differences=step.differences,
        words=to_the_caller(step_in_words(step)),
        pending_jobs=concerned.pending_jobs,
        running_jobs=concerned.running_jobs,
    )


def token_messages(tokens: Mapping[str, str]) -> list[pb.UserToken]:
    return [pb.UserToken(user_id=name, token=token) for name, token in sorted(tokens.items())]


def change_message(change: ChangeRecord) -> pb.TenantChange:
    return pb.TenantChange(
        number=change.number,
        time=timestamp(change.at),
        by=change.by,
        what=CHANGE_NAMES[change.what],
        kind=KIND_NAMES[change.kind],
        organisation_id=change.organisation,
        name=change.name,
        differences=change.differences,
    )
