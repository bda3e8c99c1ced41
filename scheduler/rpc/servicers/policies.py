"""PolicyService over the use cases of policies."""

# ruff: noqa: N802 - the methods are named in the protos

from __future__ import annotations

import asyncio

import structlog

from scheduler.rpc.caller import current_caller
from scheduler.rpc.convert.policies import applied_response, policy_message, trial_response
from scheduler.service import Service
from scheduler.v1 import policy_service_pb2 as pb
from scheduler.v1 import policy_service_pb2_grpc as pb_grpc

log = structlog.get_logger()


class PolicyServicer(pb_grpc.PolicyServiceServicer):
    """Everybody may read and try policies; applying one is for cluster admins."""

    def __init__(self, service: Service) -> None:
        self._policies = service.policies

    async def GetPolicy(
        self, request: pb.GetPolicyRequest, _context: object
    ) -> pb.GetPolicyResponse:
        version = await asyncio.to_thread(self._policies.get, request.number)
        return pb.GetPolicyResponse(policy=policy_message(version))

    async def ValidatePolicy(
        self, request: pb.ValidatePolicyRequest, _context: object
    ) -> pb.ValidatePolicyResponse:
        return trial_response(await asyncio.to_thread(self._policies.validate, request.text))

    async def ApplyPolicy(
        self, request: pb.ApplyPolicyRequest, _context: object
    ) -> pb.ApplyPolicyResponse:
        applied = await asyncio.to_thread(
            self._policies.apply, current_caller(), request.text, request.expected_number
        )
        for found in applied.warnings:
            number = applied.version.number
            log.warning("policy_warning", number=number, key=found.field, message=found.message)
        return applied_response(applied)

    async def ListPolicyVersions(
        self, _request: pb.ListPolicyVersionsRequest, _context: object
    ) -> pb.ListPolicyVersionsResponse:
        versions = await asyncio.to_thread(self._policies.versions)
        return pb.ListPolicyVersionsResponse(
            policies=[policy_message(version, with_text=False) for version in versions]
        )
