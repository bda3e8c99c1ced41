"""PolicyService over the use cases of policies."""

# ruff: noqa: N802 - the methods are named in the protos

from __future__ import annotations

import asyncio

import structlog

from scheduler.rpc.caller import current_caller
from scheduler.rpc.convert.past_jobs import past_job_query, past_jobs_response
from scheduler.rpc.convert.policies import (
    applied_response,
    forecast_response,
    policy_message,
    proposal_message,
    validation_response,
)
from scheduler.rpc.convert.stages import staged_response, stages_response, wish_of
from scheduler.service import Service
from scheduler.v1 import policy_service_pb2 as pb
from scheduler.v1 import policy_service_pb2_grpc as pb_grpc

log = structlog.get_logger()


class PolicyServicer(pb_grpc.PolicyServiceServicer):
    """Everybody may read and try policies; changing them is for cluster admins."""

    def __init__(self, service: Service) -> None:
        self._policies = service.policies
        self._proposals = service.proposals
        self._stages = service.stages
        self._trials = service.trials
        self._foreseeing = service.foreseeing
        self._past_jobs = service.past_jobs

    async def GetPolicy(
        self, request: pb.GetPolicyRequest, _context: object
    ) -> pb.GetPolicyResponse:
        version = await asyncio.to_thread(self._policies.get, request.number)
        return pb.GetPolicyResponse(policy=policy_message(version))

    async def ValidatePolicy(
        self, request: pb.ValidatePolicyRequest, _context: object
    ) -> pb.ValidatePolicyResponse:
        return validation_response(await asyncio.to_thread(self._policies.validate, request.text))

    async def ForecastPolicy(
        self, request: pb.ForecastPolicyRequest, _context: object
    ) -> pb.ForecastPolicyResponse:
        foreseen = await self._foreseeing.foresee(current_caller(), request.text)
        return forecast_response(foreseen)

    async def ApplyPolicy(
        self, request: pb.ApplyPolicyRequest, _context: object
    ) -> pb.ApplyPolicyResponse:
        applied = await asyncio.to_thread(
            self._policies.apply, current_caller(), request.text, request.expected_number
        )
        for found in applied.oddities:
            number = applied.version.number
            wrong = found.violation
            log.warning("policy_warning", number=number, key=wrong.field, message=wrong.message)
        return applied_response(applied)

    async def ListPolicyVersions(
        self, _request: pb.ListPolicyVersionsRequest, _context: object
    ) -> pb.ListPolicyVersionsResponse:
        versions = await asyncio.to_thread(self._policies.versions)
        return pb.ListPolicyVersionsResponse(
            policies=[policy_message(version, with_text=False) for version in versions]
        )

    async def ProposePolicy(
        self, request: pb.ProposePolicyRequest, _context: object
    ) -> pb.ProposePolicyResponse:
        made = await asyncio.to_thread(
            self._proposals.propose,
            current_caller(),
            request.text,
            request.base_number,
            request.why,
        )
        return pb.ProposePolicyResponse(proposal=proposal_message(made))

    async def GetProposal(
        self, request: pb.GetProposalRequest, _context: object
    ) -> pb.GetProposalResponse:
        found = await asyncio.to_thread(self._proposals.get, request.number)
        return pb.GetProposalResponse(proposal=proposal_message(found))

    async def ListProposals(
        self, _request: pb.ListProposalsRequest, _context: object
    ) -> pb.ListProposalsResponse:
        found = await asyncio.to_thread(self._proposals.all)
        return pb.ListProposalsResponse(
            proposals=[proposal_message(one, with_text=False) for one in found]
        )

    async def ApproveProposal(
        self, request: pb.ApproveProposalRequest, _context: object
    ) -> pb.ApproveProposalResponse:
        signed = await self._proposals.approve(
            current_caller(), request.number, request.revision, frozenset(request.accept)
        )
        return pb.ApproveProposalResponse(proposal=proposal_message(signed))

    async def WithdrawProposal(
        self, request: pb.WithdrawProposalRequest, _context: object
    ) -> pb.WithdrawProposalResponse:
        taken = await asyncio.to_thread(
            self._proposals.withdraw,
            current_caller(),
            request.number,
            request.revision,
            request.why,
        )
        return pb.WithdrawProposalResponse(proposal=proposal_message(taken))

    async def ActivateProposal(
        self, request: pb.ActivateProposalRequest, _context: object
    ) -> pb.ActivateProposalResponse:
        wish = wish_of(request)
        caller = current_caller()
        staged = await self._stages.activate(caller, request.number, request.revision, wish)
        return staged_response(staged)

    async def RollBackPolicy(
        self, request: pb.RollBackPolicyRequest, _context: object
    ) -> pb.RollBackPolicyResponse:
        version = await asyncio.to_thread(
            self._stages.roll_back,
            current_caller(),
            request.to_number,
            request.expected_number,
            request.why,
        )
        return pb.RollBackPolicyResponse(policy=policy_message(version))

    async def GetTrial(self, request: pb.GetTrialRequest, _context: object) -> pb.GetTrialResponse:
        proposal = await asyncio.to_thread(self._proposals.get, request.number)
        found = await asyncio.to_thread(self._trials.summaries, request.number)
        return stages_response(proposal, found)

    async def ListPastJobs(
        self, request: pb.ListPastJobsRequest, _context: object
    ) -> pb.ListPastJobsResponse:
        query = past_job_query(request)
        page = await asyncio.to_thread(self._past_jobs.page, current_caller(), query)
        return past_jobs_response(page)
