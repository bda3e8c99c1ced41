"""BudgetService over the use cases of budgets."""

# ruff: noqa: N802 - the methods are named in the protos

from __future__ import annotations

import asyncio
from typing import Protocol

from scheduler.rpc.caller import current_caller
from scheduler.rpc.convert import budgets as convert
from scheduler.service import Service
from scheduler.use_cases.budgets import Decision
from scheduler.v1 import budget_service_pb2 as pb
from scheduler.v1 import budget_service_pb2_grpc as pb_grpc


class _Deciding(Protocol):
    """What requests for a step of a grant have in common."""

    number: int
    revision: int
    why: str


class BudgetServicer(pb_grpc.BudgetServiceServicer):
    """Every method reads or writes the store, in a thread."""

    def __init__(self, service: Service) -> None:
        self._budgets = service.budgets

    async def CreateFund(
        self, request: pb.CreateFundRequest, _context: object
    ) -> pb.CreateFundResponse:
        wanted = convert.fund(request.fund)
        made = await asyncio.to_thread(self._budgets.create_fund, current_caller(), wanted)
        return pb.CreateFundResponse(fund=convert.fund_message(made))

    async def ListFunds(
        self, _request: pb.ListFundsRequest, _context: object
    ) -> pb.ListFundsResponse:
        found = await asyncio.to_thread(self._budgets.funds)
        return pb.ListFundsResponse(funds=map(convert.fund_message, found))

    async def RequestGrant(
        self, request: pb.RequestGrantRequest, _context: object
    ) -> pb.RequestGrantResponse:
        wanted = convert.wanted_grant(request)
        made = await asyncio.to_thread(self._budgets.request, current_caller(), wanted)
        return pb.RequestGrantResponse(grant=convert.grant_message(made))

    async def ListGrants(
        self, request: pb.ListGrantsRequest, _context: object
    ) -> pb.ListGrantsResponse:
        found = await asyncio.to_thread(
            self._budgets.grants, current_caller(), request.organisation_id, request.project_id
        )
        return pb.ListGrantsResponse(grants=map(convert.grant_message, found))

    async def GetGrant(self, request: pb.GetGrantRequest, _context: object) -> pb.GetGrantResponse:
        found = await asyncio.to_thread(self._budgets.get, current_caller(), request.number)
        return pb.GetGrantResponse(grant=convert.grant_message(found))

    async def ReviewGrant(
        self, request: pb.ReviewGrantRequest, _context: object
    ) -> pb.ReviewGrantResponse:
        decision = Decision(request.number, request.revision, request.comment)
        taken = await asyncio.to_thread(
            self._budgets.review, current_caller(), decision, request.gpu_seconds
        )
        return pb.ReviewGrantResponse(grant=convert.grant_message(taken))

    async def AwardGrant(
        self, request: pb.AwardGrantRequest, _context: object
    ) -> pb.AwardGrantResponse:
        taken = await asyncio.to_thread(
            self._budgets.award, current_caller(), _decision(request), request.gpu_seconds
        )
        return pb.AwardGrantResponse(grant=convert.grant_message(taken))

    async def DeclineGrant(
        self, request: pb.DeclineGrantRequest, _context: object
    ) -> pb.DeclineGrantResponse:
        taken = await asyncio.to_thread(self._budgets.decline, current_caller(), _decision(request))
        return pb.DeclineGrantResponse(grant=convert.grant_message(taken))

    async def WithdrawGrant(
        self, request: pb.WithdrawGrantRequest, _context: object
    ) -> pb.WithdrawGrantResponse:
        taken = await asyncio.to_thread(
            self._budgets.withdraw, current_caller(), _decision(request)
        )
        return pb.WithdrawGrantResponse(grant=convert.grant_message(taken))

    async def CloseGrant(
        self, request: pb.CloseGrantRequest, _context: object
    ) -> pb.CloseGrantResponse:
        taken = await asyncio.to_thread(self._budgets.close, current_caller(), _decision(request))
        return pb.CloseGrantResponse(grant=convert.grant_message(taken))

    async def ListBudgetEntries(
        self, request: pb.ListBudgetEntriesRequest, _context: object
    ) -> pb.ListBudgetEntriesResponse:
        query = convert.ledger_query(request)
        page = await asyncio.to_thread(self._budgets.entries, current_caller(), query)
        return convert.entries_response(page)


def _decision(request: _Deciding) -> Decision:
    return Decision(request.number, request.revision, request.why)
