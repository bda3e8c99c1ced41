"""What the service tells of grants and their ledger, read for the rules that need no service."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC

from scheduler.cli.client import Client
from scheduler.domain.budgets.grants import Grant, GrantState, GrantStep
from scheduler.domain.budgets.ledger import Balance, Entry, EntryKind
from scheduler.v1 import budget_service_pb2 as v1
from scheduler.v1.budget_service_pb2_grpc import BudgetServiceStub

PAGE_ENTRIES = 1000


def budget_stub(client: Client) -> BudgetServiceStub:
    return BudgetServiceStub(client.channel)


def get_grant(client: Client, number: int) -> Grant:
    request = v1.GetGrantRequest(number=number)
    return grant_of(client.call(budget_stub(client).GetGrant, request).grant)


def get_grants(client: Client, organisation: str, project: str = "") -> list[Grant]:
    """Return the grants, newest first."""
    request = v1.ListGrantsRequest(organisation_id=organisation, project_id=project)
    answer = client.call(budget_stub(client).ListGrants, request)
    return list(map(grant_of, answer.grants))


def each_entry(client: Client, organisation: str, project: str) -> Iterator[Entry]:
    """Yield a project's whole ledger; a page is asked for when it is come to."""
    wanted = v1.ListBudgetEntriesRequest(
        organisation_id=organisation, project_id=project, page_size=PAGE_ENTRIES
    )
    while True:
        page = client.call(budget_stub(client).ListBudgetEntries, wanted)
        yield from map(_entry_of, page.entries)
        if not page.next_after_entry_id:
            return
        wanted.after_entry_id = page.next_after_entry_id


def grant_of(told: v1.Grant) -> Grant:
    """Return the grant that a message tells of."""
    sums = told.balance
    return Grant(
        number=told.number,
        fund=told.fund_id,
        organisation=told.organisation_id,
        project=told.project_id,
        starts=told.start_time.ToDatetime(UTC),
        expires=told.expire_time.ToDatetime(UTC),
        steps=tuple(map(_step_of, told.steps)),
        order=told.order,
        balance=Balance(
            awarded=sums.awarded_gpu_seconds,
            carried_in=sums.carried_in_gpu_seconds,
            carried_out=sums.carried_out_gpu_seconds,
            lapsed=sums.lapsed_gpu_seconds,
            held=sums.held_gpu_seconds,
            charged=sums.charged_gpu_seconds,
        ),
    )


def _step_of(told: v1.GrantStep) -> GrantStep:
    state = GrantState[v1.GrantState.Name(told.state).removeprefix("GRANT_STATE_")]
    return GrantStep(state, told.by, told.time.ToDatetime(UTC), told.why, told.gpu_seconds)


def _entry_of(told: v1.BudgetEntry) -> Entry:
    return Entry(
        grant=told.grant,
        kind=EntryKind[v1.EntryKind.Name(told.kind).removeprefix("ENTRY_KIND_")],
        amount=told.amount_gpu_seconds,
        at=told.time.ToDatetime(UTC),
        job_id=told.job_id,
        attempt=told.attempt,
        gpu_seconds=told.used_gpu_seconds,
        entry_id=told.entry_id,
    )
