"""TenantService: who may create whom, and what keeps organisations apart."""

from __future__ import annotations

import grpc
import pytest

from scheduler.identity import token_sha256
from scheduler.v1 import tenant_service_pb2 as pb
from tests.rpc.world import TIMEOUT_S, Metadata, Refusal, World, refused

DENIED = grpc.StatusCode.PERMISSION_DENIED
INVALID = grpc.StatusCode.INVALID_ARGUMENT
NOT_FOUND = grpc.StatusCode.NOT_FOUND
EXISTS = grpc.StatusCode.ALREADY_EXISTS


def a_user(user_id: str = "zarina", organisation: str = "steppe", **fields: object) -> pb.User:
    known = {"project_id": "main", "unix_account": user_id, **fields}
    return pb.User(user_id=user_id, organisation_id=organisation, **known)  # type: ignore[arg-type]  # any field


async def create(world: World, who: str, user: pb.User) -> pb.CreateUserResponse:
    request = pb.CreateUserRequest(user=user)
    return await world.tenants.CreateUser(request, metadata=world.by(who), timeout=TIMEOUT_S)


async def refused_user(world: World, who: str, user: pb.User) -> Refusal:
    before = world.store.users("")
    refusal = await refused(create(world, who, user))
    assert world.store.users("") == before
    return refusal


async def who_am_i(world: World, metadata: Metadata) -> pb.WhoAmIResponse:
    return await world.tenants.WhoAmI(pb.WhoAmIRequest(), metadata=metadata, timeout=TIMEOUT_S)


def bearer(token: str) -> Metadata:
    return (("authorization", f"Bearer {token}"),)


async def test_a_token_names_its_user_and_class(world: World) -> None:
    answer = await who_am_i(world, world.by("alua"))

    assert (answer.user.user_id, answer.user.role) == ("alua", pb.ROLE_ORGANISATION_ADMIN)
    assert answer.tenant_class == "universities"


async def test_a_new_user_gets_a_token_that_is_stored_only_as_a_hash(world: World) -> None:
    answer = await create(world, "alua", a_user())

    assert answer.token.startswith("tdk_")
    assert answer.user.role == pb.ROLE_RESEARCHER
    assert (await who_am_i(world, bearer(answer.token))).user.user_id == "zarina"
    stored = world.store.user_by_token(token_sha256(answer.token))
    assert stored is not None
    assert world.store.user_by_token(answer.token) is None


async def test_an_organisation_admin_may_appoint_another(world: World) -> None:
    answer = await create(world, "alua", a_user(role="ROLE_ORGANISATION_ADMIN"))

    assert answer.user.role == pb.ROLE_ORGANISATION_ADMIN


async def test_a_cluster_admin_builds_a_whole_organisation(world: World) -> None:
    admin = world.by("saule")
    organisation = pb.Organisation(
        organisation_id="river-agency", title="Өзен агенттігі", tenant_class="startups"
    )
    project = pb.Project(organisation_id="river-agency", project_id="floods", title="Floods")
    await world.tenants.CreateOrganisation(
        pb.CreateOrganisationRequest(organisation=organisation), metadata=admin
    )
    await world.tenants.CreateProject(pb.CreateProjectRequest(project=project), metadata=admin)
    await create(world, "saule", a_user(organisation="river-agency", project_id="floods"))

    listed = await world.tenants.ListOrganisations(pb.ListOrganisationsRequest(), metadata=admin)
    projects = await world.tenants.ListProjects(
        pb.ListProjectsRequest(organisation_id="river-agency"), metadata=admin
    )
    users = await world.tenants.ListUsers(
        pb.ListUsersRequest(organisation_id="river-agency"), metadata=admin
    )
    assert organisation in listed.organisations
    assert list(projects.projects) == [project]
    assert [user.user_id for user in users.users] == ["zarina"]


async def test_lists_default_to_the_callers_own_organisation(world: World) -> None:
    as_bolat = world.by("bolat")
    users = await world.tenants.ListUsers(pb.ListUsersRequest(), metadata=as_bolat)
    projects = await world.tenants.ListProjects(pb.ListProjectsRequest(), metadata=as_bolat)
    everybody = await world.tenants.ListUsers(pb.ListUsersRequest(), metadata=world.by("saule"))

    assert {user.user_id for user in users.users} == {"bolat", "dana"}
    assert {project.project_id for project in projects.projects} == {"main", "grippers"}
    assert len(everybody.users) == 6


async def rotate(world: World, who: str, user_id: str) -> str:
    answer = await world.tenants.RotateToken(
        pb.RotateTokenRequest(user_id=user_id), metadata=world.by(who), timeout=TIMEOUT_S
    )
    return answer.token


@pytest.mark.parametrize("who", ["aigerim", "alua", "saule"])
async def test_a_rotated_token_makes_the_old_one_void_at_once(world: World, who: str) -> None:
    await who_am_i(world, world.by("aigerim"))
    token = await rotate(world, who, "aigerim")

    assert (await who_am_i(world, bearer(token))).user.user_id == "aigerim"
    refusal = await refused(who_am_i(world, world.by("aigerim")))
    assert refusal.reason == "NOT_AUTHENTICATED"


ROTATIONS = {
    "a researcher of a colleague's": ("aigerim", "arman", DENIED),
    "an organisation admin of another organisation's": ("alua", "bolat", NOT_FOUND),
    "an organisation admin of a cluster admin's": ("alua", "saule", NOT_FOUND),
    "anybody of nobody's": ("saule", "nobody-here", NOT_FOUND),
}


@pytest.mark.parametrize(("who", "whose", "code"), ROTATIONS.values(), ids=ROTATIONS.keys())
async def test_a_token_is_not_rotated_by(
    world: World, who: str, whose: str, code: grpc.StatusCode
) -> None:
    refusal = await refused(rotate(world, who, whose))

    assert refusal.code is code
    if whose in world.tokens:
        assert (await who_am_i(world, world.by(whose))).user.user_id == whose


async def test_an_admin_of_the_same_organisation_cannot_take_over_a_cluster_admin(
    world: World,
) -> None:
    await create(world, "saule", a_user("timur", role="ROLE_CLUSTER_ADMIN"))

    assert (await refused(rotate(world, "alua", "timur"))).code is DENIED


USERS = {
    "a researcher creates anybody": ("aigerim", a_user(), DENIED),
    "an organisation admin creates a cluster admin": (
        "alua",
        a_user(role="ROLE_CLUSTER_ADMIN"),
        DENIED,
    ),
    "an organisation admin touches another organisation": (
        "alua",
        a_user(organisation="caspian"),
        NOT_FOUND,
    ),
    "the organisation is unknown": ("saule", a_user(organisation="nowhere"), NOT_FOUND),
    "the project is unknown": ("saule", a_user(project_id="nowhere"), NOT_FOUND),
    "the project is another organisation's": ("alua", a_user(project_id="grippers"), NOT_FOUND),
    "the id is taken": ("alua", a_user("arman", unix_account="zarina"), EXISTS),
    "the id is no slug": ("alua", a_user("Zarina_1", unix_account="zarina"), INVALID),
    "the id is too long": ("alua", a_user("z" * 64, unix_account="zarina"), INVALID),
    "the account is root": ("alua", a_user(unix_account="root"), INVALID),
    "the account is Slurm's": ("alua", a_user(unix_account="slurm"), INVALID),
    "the account is empty": ("alua", a_user(unix_account=""), INVALID),
    "the account hides a newline": ("alua", a_user(unix_account="zarina\n"), INVALID),
    "the account is another organisation's": ("alua", a_user(unix_account="bolat"), INVALID),
    "the role is unknown": ("alua", a_user(role=99), INVALID),
}


@pytest.mark.parametrize(("who", "user", "code"), USERS.values(), ids=USERS.keys())
async def test_no_user_is_created_when(
    world: World, who: str, user: pb.User, code: grpc.StatusCode
) -> None:
    assert (await refused_user(world, who, user)).code is code


async def test_two_users_of_one_organisation_may_share_an_account(world: World) -> None:
    answer = await create(world, "alua", a_user(unix_account="aigerim"))

    assert answer.user.unix_account == "aigerim"


ORGANISATIONS = {
    "an organisation admin tries": ("alua", "new", "universities", DENIED),
    "the name is taken": ("saule", "steppe", "universities", EXISTS),
    "the name is no slug": ("saule", "-new", "universities", INVALID),
    "the class is not in the policy": ("saule", "new", "pirates", INVALID),
}


@pytest.mark.parametrize(
    ("who", "name", "tenant_class", "code"), ORGANISATIONS.values(), ids=ORGANISATIONS.keys()
)
async def test_no_organisation_is_created_when(
    world: World, who: str, name: str, tenant_class: str, code: grpc.StatusCode
) -> None:
    organisation = pb.Organisation(organisation_id=name, tenant_class=tenant_class)
    request = pb.CreateOrganisationRequest(organisation=organisation)
    refusal = await refused(world.tenants.CreateOrganisation(request, metadata=world.by(who)))

    assert refusal.code is code
    assert len(world.store.organisations()) == 3


PROJECTS = {
    "a researcher tries": ("aigerim", "steppe", "new", DENIED),
    "it is for another organisation": ("alua", "caspian", "new", NOT_FOUND),
    "the name is taken": ("alua", "steppe", "vision", EXISTS),
    "the name is no slug": ("alua", "steppe", "new project", INVALID),
}


@pytest.mark.parametrize(
    ("who", "organisation", "name", "code"), PROJECTS.values(), ids=PROJECTS.keys()
)
async def test_no_project_is_created_when(
    world: World, who: str, organisation: str, name: str, code: grpc.StatusCode
) -> None:
    project = pb.Project(organisation_id=organisation, project_id=name)
    request = pb.CreateProjectRequest(project=project)
    refusal = await refused(world.tenants.CreateProject(request, metadata=world.by(who)))

    assert refusal.code is code
    assert len(world.store.projects("steppe")) == 2
