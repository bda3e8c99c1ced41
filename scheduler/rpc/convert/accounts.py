"""Accounts and their figures, as messages in the caller's language."""

from __future__ import annotations

from scheduler.domain.accounts.account import Account, Accounts
from scheduler.domain.accounts.arithmetic import Figure, Operation
from scheduler.rpc.convert.values import names_by_member, timestamp
from scheduler.rpc.language import to_the_caller
from scheduler.v1 import cluster_service_pb2 as pb

OPERATION_NAMES = names_by_member(Operation, "FIGURE_OPERATION")


def accounts_response(found: Accounts) -> pb.ExplainOrganisationResponse:
    return pb.ExplainOrganisationResponse(
        snapshot_time=timestamp(found.taken_at),
        policy_version=found.policy_version,
        organisation_id=found.organisation,
        accounts=map(_account, found.accounts),
    )


def _account(account: Account) -> pb.OrganisationAccount:
    return pb.OrganisationAccount(
        pool=account.pool,
        tenant_class=account.tenant_class,
        entitled_gpus=account.entitled,
        held_gpus=account.held,
        wanted_gpus=account.wanted,
        figures=map(_figure, account.figures),
        follows=map(to_the_caller, account.follows),
    )


def _figure(figure: Figure) -> pb.Figure:
    return pb.Figure(
        words=to_the_caller(figure.words),
        value=figure.value,
        unit=figure.unit.value,
        operation=OPERATION_NAMES[figure.operation],
        parts=map(_figure, figure.parts),
    )
