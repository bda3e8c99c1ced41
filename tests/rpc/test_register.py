"""TenantService: the register as one file, who leaves, who may do it, and who did."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import grpc
import pytest

from scheduler.clock import ManualClock
from scheduler.domain.tenants import Role, User
from scheduler.v1 import job_service_pb2 as jobs
from scheduler.v1 import tenant_service_pb2 as pb
from tests.build import NOON
from tests.rpc.world import SCRIPT, Metadata, Refusal, World, a_world, refused

STEPPE = """
[organisations.steppe]
title = "Steppe University"
class = "universities"
[organisations.steppe.projects.main]
title = "Main"
[organisations.steppe.projects.speech]
expires = 2026-12-31
[organisations.steppe.members.alua]
project = "main"
role = "organisation-admin"
[organisations.steppe.members.aigerim]
project = "main"
[organisations.steppe.members.zarina]
project = "speech"
unix_account = "zarina2"
"""


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture
async def own(clock: ManualClock) -> AsyncIterator[World]:
    """Yield a world whose clock the test moves."""
    async with a_world(clock) as made:
        yield made


def bearer(token: str) -> Metadata:
    return (("authorization", f"Bearer {token}"),)


async def plan(world: World, who: str, text: str, off_board: bool = False) -> list[str]:
    request = pb.PlanRegisterRequest(text=text, off_board=off_board)
    answer = await world.tenants.PlanRegister(request, metadata=world.by(who))
    return [step.words for step in answer.steps]


async def apply(
    world: World, who: str, text: str, off_board: bool = False, expected: int | None = None
) -> pb.ApplyRegisterResponse:
    revision = world.store.register().revision if expected is None else expected
    request = pb.ApplyRegisterRequest(text=text, off_board=off_board, expected_revision=revision)
    return await world.tenants.ApplyRegister(request, metadata=world.by(who))


async def off_board(
    world: World, who: str, kind: pb.TenantKind, name: str, dry_run: bool = False
) -> pb.OffBoardResponse:
    request = pb.OffBoardRequest(kind=kind, name=name, validate_only=dry_run)
    return await world.tenants.OffBoard(request, metadata=world.by(who))


async def submit(world: World, metadata: Metadata, project: str = "") -> jobs.SubmitJobResponse:
    request = jobs.SubmitJobRequest(script=SCRIPT, project=project)
    return await world.jobs.SubmitJob(request, metadata=metadata)


async def refused_caller(world: World, metadata: Metadata) -> Refusal:
    return await refused(world.tenants.WhoAmI(pb.WhoAmIRequest(), metadata=metadata))


async def test_what_is_shown_applies_without_a_change(world: World) -> None:
    shown = await world.tenants.GetRegister(pb.GetRegisterRequest(), metadata=world.by("saule"))

    assert "[organisations.caspian.members.dana]" in shown.text
    assert await plan(world, "saule", shown.text, off_board=True) == []


async def test_a_file_is_applied_once_and_a_second_time_changes_nothing(world: World) -> None:
    told = await plan(world, "saule", STEPPE, off_board=True)
    done = await apply(world, "saule", STEPPE, off_board=True)

    assert [step.words for step in done.steps] == told
    assert told == [
        "create project speech of steppe: expires: 2026-12-31",
        "create user zarina of steppe: project: speech, unix_account: zarina2, role: researcher",
        "off-board user arman of steppe",
        "off-board project vision of steppe",
    ]
    assert done.revision == 4
    again = await apply(world, "saule", STEPPE, off_board=True)
    assert (list(again.steps), again.revision, list(again.tokens)) == ([], 4, [])


async def test_a_new_members_token_is_answered_once_and_works(world: World) -> None:
    (token,) = (await apply(world, "saule", STEPPE)).tokens
    answer = await world.tenants.WhoAmI(pb.WhoAmIRequest(), metadata=bearer(token.token))

    assert (token.user_id, answer.user.user_id) == ("zarina", "zarina")
    assert world.store.user_by_token(token.token) is None


async def test_of_two_who_read_the_same_register_the_second_is_refused(world: World) -> None:
    await apply(world, "saule", STEPPE, expected=0)
    refusal = await refused(apply(world, "saule", STEPPE, expected=0))

    assert (refusal.code, refusal.reason) == (grpc.StatusCode.ABORTED, "STALE_VERSION")


WRONG = {
    "a class that no policy names": ('class = "universities"', 'class = "banks"', "no class"),
    "a project that is not there": ('project = "speech"', 'project = "x"', "no project 'x'"),
    "a system account": ('"zarina2"', '"root"', "system account"),
    "another organisation's account": ('"zarina2"', '"dana"', "another organisation"),
    "another organisation's user": ("members.zarina", "members.dana", "another organisation"),
    "an unknown key": ("unix_account", "account", "is not a key"),
}


@pytest.mark.parametrize(("old", "new", "says"), WRONG.values(), ids=WRONG.keys())
async def test_a_wrong_file_is_refused_with_its_lines_and_changes_nothing(
    world: World, old: str, new: str, says: str
) -> None:
    before = world.store.register()
    refusal = await refused(apply(world, "saule", STEPPE.replace(old, new, 1)))

    assert (refusal.code, refusal.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_REGISTER")
    assert re.search(r"^script:\d+ organisations\.steppe", refusal.places[0])
    assert says in str(refusal.violations[0].message)
    assert world.store.register() == before


async def test_an_organisations_admin_applies_the_own_organisation_and_no_other(
    world: World,
) -> None:
    shown = await world.tenants.GetRegister(pb.GetRegisterRequest(), metadata=world.by("alua"))
    assert "caspian" not in shown.text
    assert len((await apply(world, "alua", STEPPE)).steps) == 2

    theirs = STEPPE.replace("steppe", "caspian")
    assert (await refused(plan(world, "alua", theirs))).code is grpc.StatusCode.NOT_FOUND
    renamed = STEPPE.replace("Steppe University", "Steppe")
    assert (await refused(plan(world, "alua", renamed))).reason == "NOT_PERMITTED"
    mighty = STEPPE.replace('project = "speech"', 'project = "speech"\nrole = "cluster-admin"')
    assert (await refused(plan(world, "alua", mighty))).reason == "NOT_PERMITTED"
    assert (await refused(plan(world, "aigerim", STEPPE))).reason == "NOT_PERMITTED"


async def test_who_was_off_boarded_is_told_so_and_whom_to_ask(world: World) -> None:
    done = await off_board(world, "alua", pb.TENANT_KIND_USER, "aigerim")
    refusal = await refused_caller(world, world.by("aigerim"))

    assert [step.words for step in done.steps] == ["off-board user aigerim of steppe"]
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.PERMISSION_DENIED, "ACCESS_ENDED")
    assert refusal.message == (
        f"user aigerim was off-boarded on {NOON.date()}; ask alua, who can administer steppe"
    )
    assert list((await off_board(world, "alua", pb.TENANT_KIND_USER, "aigerim")).steps) == []


async def test_all_of_an_off_boarded_organisation_are_refused_and_come_back_with_it(
    world: World,
) -> None:
    await off_board(world, "saule", pb.TENANT_KIND_ORGANISATION, "steppe")
    refusal = await refused_caller(world, world.by("alua"))
    assert "organisation steppe was off-boarded" in refusal.message
    assert refusal.message.endswith("ask the operators of the cluster")

    back = pb.Organisation(
        organisation_id="steppe", title="Steppe University", tenant_class="universities"
    )
    request = pb.CreateOrganisationRequest(organisation=back)
    await world.tenants.CreateOrganisation(request, metadata=world.by("saule"))
    answer = await world.tenants.WhoAmI(pb.WhoAmIRequest(), metadata=world.by("alua"))
    assert answer.user.user_id == "alua"


async def test_a_user_comes_back_by_being_created_again_with_a_new_token(world: World) -> None:
    await off_board(world, "alua", pb.TENANT_KIND_USER, "aigerim")
    user = pb.User(
        user_id="aigerim", organisation_id="steppe", project_id="main", unix_account="aigerim"
    )
    request = pb.CreateUserRequest(user=user)
    answer = await world.tenants.CreateUser(request, metadata=world.by("alua"))

    assert (await refused_caller(world, world.by("aigerim"))).reason == "NOT_AUTHENTICATED"
    me = await world.tenants.WhoAmI(pb.WhoAmIRequest(), metadata=bearer(answer.token))
    assert me.user.user_id == "aigerim"
    assert (await refused(world.tenants.CreateUser(request, metadata=world.by("alua")))).code is (
        grpc.StatusCode.ALREADY_EXISTS
    )


async def test_a_dry_run_counts_the_jobs_and_changes_nothing(world: World) -> None:
    await submit(world, world.by("aigerim"))
    answer = await off_board(world, "alua", pb.TENANT_KIND_USER, "aigerim", dry_run=True)

    (step,) = answer.steps
    assert (step.pending_jobs, step.running_jobs) == (1, 0)
    assert world.store.register().revision == 0


async def test_the_last_cluster_admin_stays(world: World) -> None:
    for kind, name in ((pb.TENANT_KIND_USER, "saule"), (pb.TENANT_KIND_ORGANISATION, "operations")):
        refusal = await refused(off_board(world, "saule", kind, name))
        assert "no cluster admin" in refusal.message


async def test_an_organisations_admin_off_boards_nobody_elsewhere(world: World) -> None:
    for name in ("bolat", "saule", "nobody-at-all"):
        refusal = await refused(off_board(world, "alua", pb.TENANT_KIND_USER, name))
        assert refusal.code is grpc.StatusCode.NOT_FOUND
    refusal = await refused(off_board(world, "alua", pb.TENANT_KIND_ORGANISATION, "steppe"))
    assert refusal.reason == "NOT_PERMITTED"


async def test_nothing_is_submitted_under_a_project_that_has_ended(
    own: World, clock: ManualClock
) -> None:
    await apply(own, "saule", STEPPE)
    clock.advance(timedelta(days=2000).total_seconds())
    refusal = await refused(submit(own, own.by("aigerim"), project="speech"))

    assert refusal.reason == "ACCESS_ENDED"
    assert refusal.message == (
        "the access of project speech ended with 2026-12-31; ask alua, who can administer steppe"
    )
    assert (await submit(own, own.by("aigerim"))).jobs


async def test_nothing_is_submitted_under_an_own_project_that_was_off_boarded(
    world: World,
) -> None:
    await submit(world, world.by("aigerim"))
    await off_board(world, "alua", pb.TENANT_KIND_PROJECT, "main")
    refusal = await refused(submit(world, world.by("aigerim")))

    assert refusal.message.startswith("project main was off-boarded")
    listed = await world.jobs.ListJobs(jobs.ListJobsRequest(), metadata=world.by("aigerim"))
    assert len(listed.jobs) == 1


async def test_a_users_last_day_ends_the_access(own: World, clock: ManualClock) -> None:
    text = STEPPE.replace('project = "speech"', 'project = "main"\nexpires = 2026-12-31')
    (token,) = (await apply(own, "saule", text)).tokens
    clock.advance(timedelta(days=2000).total_seconds())

    refusal = await refused_caller(own, bearer(token.token))
    assert refusal.message.startswith("the access of user zarina ended with 2026-12-31; ask alua")


async def test_history_says_who_made_whom_a_cluster_admin(world: World) -> None:
    user = pb.User(
        user_id="timur",
        organisation_id="operations",
        project_id="main",
        unix_account="timur",
        role=pb.ROLE_CLUSTER_ADMIN,
    )
    await world.tenants.CreateUser(pb.CreateUserRequest(user=user), metadata=world.by("saule"))
    await off_board(world, "alua", pb.TENANT_KIND_USER, "aigerim")

    async def history(who: str, name: str = "") -> list[tuple[str, str, int]]:
        request = pb.ListTenantChangesRequest(name=name)
        found = await world.tenants.ListTenantChanges(request, metadata=world.by(who))
        return [(one.by, one.name, one.what) for one in found.changes]

    made = ("saule", "timur", pb.TENANT_CHANGE_KIND_CREATED)
    left = ("alua", "aigerim", pb.TENANT_CHANGE_KIND_OFF_BOARDED)
    assert await history("saule") == [left, made]
    assert await history("saule", "timur") == [made]
    assert await history("alua") == [left]
    assert await history("dana") == []
    assert (await refused(history("aigerim"))).reason == "ACCESS_ENDED"
    assert (await refused(history("arman"))).reason == "NOT_PERMITTED"


async def test_the_operators_own_entry_can_be_changed_though_its_account_is_the_systems(
    world: World,
) -> None:
    admin = User("root", "operations", "main", "nobody", Role.CLUSTER_ADMIN)
    world.store.add_user(admin, "no token of root")
    shown = await world.tenants.GetRegister(pb.GetRegisterRequest(), metadata=world.by("saule"))
    text = shown.text.replace(
        'unix_account = "nobody"', 'unix_account = "nobody"\nexpires = 2099-01-01'
    )

    assert await plan(world, "saule", text) == [
        "change user root of operations: expires: - -> 2099-01-01"
    ]
