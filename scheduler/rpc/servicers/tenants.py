"""TenantService over the use cases of tenants."""

# ruff: noqa: N802 - the methods are named in the protos

from __future__ import annotations

import asyncio

from scheduler.rpc.caller import current_caller
from scheduler.rpc.convert import register as convert_register
from scheduler.rpc.convert import tenants as convert
from scheduler.service import Service
from scheduler.v1 import tenant_service_pb2 as pb
from scheduler.v1 import tenant_service_pb2_grpc as pb_grpc


class TenantServicer(pb_grpc.TenantServiceServicer):
    """Every method but WhoAmI reads or writes the store, in a thread."""

    def __init__(self, service: Service) -> None:
        self._tenants = service.tenants
        self._registers = service.registers

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

    async def GetRegister(
        self, _request: pb.GetRegisterRequest, _context: object
    ) -> pb.GetRegisterResponse:
        text, revision = await asyncio.to_thread(self._registers.show, current_caller())
        return pb.GetRegisterResponse(text=text, revision=revision)

    async def PlanRegister(
        self, request: pb.PlanRegisterRequest, _context: object
    ) -> pb.PlanRegisterResponse:
        plan = await asyncio.to_thread(
            self._registers.plan, current_caller(), request.text, request.off_board
        )
        return convert_register.plan_message(plan)

    async def ApplyRegister(
        self, request: pb.ApplyRegisterRequest, _context: object
    ) -> pb.ApplyRegisterResponse:
        done = await asyncio.to_thread(
            self._registers.apply,
            current_caller(),
            request.text,
            request.off_board,
            request.expected_revision,
        )
        return pb.ApplyRegisterResponse(
            steps=map(convert_register.step_message, done.plan.steps),
            revision=done.revision,
            tokens=convert_register.token_messages(done.tokens),
        )

    async def OffBoard(self, request: pb.OffBoardRequest, _context: object) -> pb.OffBoardResponse:
        done = await asyncio.to_thread(
            self._registers.off_board,
            current_caller(),
            convert_register.kind(request.kind),
            request.organisation_id,
            request.name,
            request.validate_only,
        )
        steps = map(convert_register.step_message, done.plan.steps)
        return pb.OffBoardResponse(steps=steps, revision=done.revision)

    async def ListTenantChanges(
        self, request: pb.ListTenantChangesRequest, _context: object
    ) -> pb.ListTenantChangesResponse:
        found = await asyncio.to_thread(
            self._registers.history,
            current_caller(),
            request.name,
            request.before_number,
            request.page_size,
        )
        return pb.ListTenantChangesResponse(changes=map(convert_register.change_message, found))
