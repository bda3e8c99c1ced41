"""Budget messages, both ways."""

from __future__ import annotations

from datetime import datetime

from google.protobuf.timestamp_pb2 import Timestamp

from scheduler.domain.budgets.grants import Fund, Grant, GrantState, GrantStep
from scheduler.domain.budgets.ledger import Balance, Entry, EntryKind
from scheduler.rpc.convert.values import moment, names_by_member, timestamp
from scheduler.use_cases.budgets import FundStatus, LedgerPage, LedgerQuery
from scheduler.use_cases.grant_checks import WantedGrant
from scheduler.v1 import budget_service_pb2 as pb

STATE_NAMES = names_by_member(GrantState, "GRANT_STATE")
KIND_NAMES = names_by_member(EntryKind, "ENTRY_KIND")


def fund(message: pb.Fund) -> Fund:
    return Fund(message.fund_id, message.title, message.gpu_seconds, message.carry_over_percent)


def fund_message(status: FundStatus) -> pb.Fund:
    return pb.Fund(
        fund_id=status.fund.name,
        title=status.fund.title,
        gpu_seconds=status.fund.gpu_seconds,
        carry_over_percent=status.fund.carry_over,
        awarded_gpu_seconds=status.awarded,
        left_gpu_seconds=status.left,
    )


def wanted_grant(request: pb.RequestGrantRequest) -> WantedGrant:
    """Read what is asked for. Raises InvalidRequest for times that no calendar has."""
    return WantedGrant(
        fund=request.fund_id,
        organisation=request.organisation_id,
        project=request.project_id,
        gpu_seconds=request.gpu_seconds,
        starts=_moment_of(request.start_time, "start_time"),
        expires=_moment_of(request.expire_time, "expire_time"),
        order=request.order,
        why=request.why,
    )


def grant_message(grant: Grant) -> pb.Grant:
    return pb.Grant(
        number=grant.number,
        state=STATE_NAMES[grant.state],
        revision=grant.revision,
        fund_id=grant.fund,
        organisation_id=grant.organisation,
        project_id=grant.project,
        start_time=timestamp(grant.starts),
        expire_time=timestamp(grant.expires),
        order=grant.order,
        steps=map(_step, grant.steps),
        balance=_balance(grant.balance),
        warning_percent=grant.warning,
    )


def ledger_query(request: pb.ListBudgetEntriesRequest) -> LedgerQuery:
    """Read what is wanted of a ledger. Raises InvalidRequest for times that no calendar has."""
    return LedgerQuery(
        organisation=request.organisation_id,
        project=request.project_id,
        since=_moment_of(request.since_time, "since_time"),
        until=_moment_of(request.until_time, "until_time"),
        after_id=max(0, request.after_entry_id),
        limit=max(0, request.page_size),
    )


def entries_response(page: LedgerPage) -> pb.ListBudgetEntriesResponse:
    return pb.ListBudgetEntriesResponse(
        entries=map(_entry, page.entries), next_after_entry_id=page.next_after_id
    )


def _entry(entry: Entry) -> pb.BudgetEntry:
    return pb.BudgetEntry(
        entry_id=entry.entry_id,
        grant=entry.grant,
        kind=KIND_NAMES[entry.kind],
        amount_gpu_seconds=entry.amount,
        time=timestamp(entry.at),
        job_id=entry.job_id,
        attempt=entry.attempt,
        used_gpu_seconds=entry.gpu_seconds,
    )


def _step(step: GrantStep) -> pb.GrantStep:
    return pb.GrantStep(
        state=STATE_NAMES[step.state],
        by=step.by,
        time=timestamp(step.at),
        why=step.why,
        gpu_seconds=step.gpu_seconds,
    )


def _balance(balance: Balance) -> pb.GrantBalance:
    return pb.GrantBalance(
        awarded_gpu_seconds=balance.awarded,
        carried_in_gpu_seconds=balance.carried_in,
        carried_out_gpu_seconds=balance.carried_out,
        lapsed_gpu_seconds=balance.lapsed,
        held_gpu_seconds=balance.held,
        charged_gpu_seconds=balance.charged,
        granted_gpu_seconds=balance.granted,
        left_gpu_seconds=balance.left,
    )


def _moment_of(stamp: Timestamp, field: str) -> datetime | None:
    if not (stamp.seconds or stamp.nanos):
        return None
    return moment(stamp, field)
