"""TenantService over the use cases of tenants."""

# ruff: noqa: N802 - the methods are named in the protos

from __future__ import annotations

import asyncio

from scheduler.rpc.caller import current_caller
from scheduler.rpc.convert import tenants as convert
from scheduler.service import Service
from scheduler.v1 import tenant_service_pb2 as pb
from scheduler.v1 import tenant_service_pb2_grpc as pb_grpc


class TenantServicer(pb_grpc.TenantServiceServicer):
    """Every method but WhoAmI reads or writes the store, in a thread."""

    def __init__(self, service: Service) -> None:
        self._tenants = service.tenants

    async def CreateOrganisation(
        self, request: pb.CreateOrganisationRequest, _context: object
    ) -> pb.CreateOrganisationResponse:
        wanted = convert.organisation(request.organisation)
        made = await asyncio.to_thread(self._tenants.create_organisation, current_caller(), wanted)
        return pb.CreateOrganisationResponse(organisation=convert.organisation_message(made))

    async def ListOrganisations(
        self, _request: pb.ListOrganisationsRequest, _context: object
    ) -> pb.ListOrganisationsResponse:
        found = await asyncio.to_thread(self._tenants.organisations)
        return pb.ListOrganisationsResponse(organisations=map(convert.organisation_message, found))

    async def CreateProject(
        self, request: pb.CreateProjectRequest, _context: object
    ) -> pb.CreateProjectResponse:
        wanted = convert.project(request.project)
        made = await asyncio.to_thread(self._tenants.create_project, current_caller(), wanted)
        return pb.CreateProjectResponse(project=convert.project_message(made))

    async def ListProjects(
        self, request: pb.ListProjectsRequest, _context: object
    ) -> pb.ListProjectsResponse:
        found = await asyncio.to_thread(
            self._tenants.projects, current_caller(), request.organisation_id
        )
        return pb.ListProjectsResponse(projects=map(convert.project_message, found))

    async def CreateUser(
        self, request: pb.CreateUserRequest, _context: object
    ) -> pb.CreateUserResponse:
        wanted = convert.user(request.user)
        made, token = await asyncio.to_thread(self._tenants.create_user, current_caller(), wanted)
        return pb.CreateUserResponse(user=convert.user_message(made), token=token)

    async def ListUsers(
        self, request: pb.ListUsersRequest, _context: object
    ) -> pb.ListUsersResponse:
        found = await asyncio.to_thread(
            self._tenants.users, current_caller(), request.organisation_id
        )
        return pb.ListUsersResponse(users=map(convert.user_message, found))

    async def RotateToken(
        self, request: pb.RotateTokenRequest, _context: object
    ) -> pb.RotateTokenResponse:
        token = await asyncio.to_thread(
            self._tenants.rotate_token, current_caller(), request.user_id
        )
        return pb.RotateTokenResponse(token=token)

    async def WhoAmI(self, _request: pb.WhoAmIRequest, _context: object) -> pb.WhoAmIResponse:
        caller = current_caller()
        return pb.WhoAmIResponse(
            user=convert.user_message(caller.user), tenant_class=caller.tenant_class
        )
