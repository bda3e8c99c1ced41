"""A change of the policy in force is proposed by one and approved by another, or refused."""

from __future__ import annotations

from collections.abc import AsyncIterator

import grpc
import pytest
import pytest_asyncio

from scheduler.clock import ManualClock
from scheduler.domain.tenants import Role, User
from scheduler.errors import NotAccepted
from scheduler.identity import Caller, new_token, token_sha256
from scheduler.use_cases.foreseeing import Foreseeing
from scheduler.use_cases.policy_checks import PolicyChecks
from scheduler.use_cases.proposals import Proposals
from scheduler.v1 import policy_service_pb2 as pb
from tests.build import NOON
from tests.rpc.world import World, a_world, refused

EQUAL = """title = "equal"
[classes.universities]
[classes.startups]
"""
MORE = """title = "more for startups"
[classes.universities]
[classes.startups]
share = 2
"""
TOO_MUCH = """title = "too much"
[classes.universities]
floor_gpus = 65
lending_limit_gpus = 0
[classes.startups]
"""
PROPOSED, APPROVED, IN_FORCE = (
    pb.PROPOSAL_STATE_PROPOSED,
    pb.PROPOSAL_STATE_APPROVED,
    pb.PROPOSAL_STATE_IN_FORCE,
)


@pytest_asyncio.fixture
async def signed_world() -> AsyncIterator[World]:
    """A service whose policy is changed by two: Saule and Daniyar are its cluster admins."""
    async with a_world(signatures=2) as world:
        saule = next(user for user in world.store.users("") if user.name == "saule")
        token = world.tokens["daniyar"] = new_token()
        daniyar = User("daniyar", saule.organisation, saule.project, "daniyar", Role.CLUSTER_ADMIN)
        world.store.add_user(daniyar, token_sha256(token))
        yield world


async def propose(world: World, text: str = MORE, base: int = 1, who: str = "saule") -> pb.Proposal:
    request = pb.ProposePolicyRequest(text=text, base_number=base, why="startups wait too long")
    answer = await world.policies.ProposePolicy(request, metadata=world.by(who))
    return answer.proposal


async def approve(world: World, proposal: pb.Proposal, *accept: str, who: str) -> pb.Proposal:
    request = pb.ApproveProposalRequest(
        number=proposal.number, revision=proposal.revision, accept=accept
    )
    return (await world.policies.ApproveProposal(request, metadata=world.by(who))).proposal


async def activate(
    world: World, proposal: pb.Proposal, who: str = "saule"
) -> pb.ActivateProposalResponse:
    request = pb.ActivateProposalRequest(number=proposal.number, revision=proposal.revision)
    return await world.policies.ActivateProposal(request, metadata=world.by(who))


async def roll_back(world: World, expected: int, to: int = 0) -> pb.PolicyVersion:
    request = pb.RollBackPolicyRequest(to_number=to, expected_number=expected, why="waits grew")
    answer = await world.policies.RollBackPolicy(request, metadata=world.by("saule"))
    return answer.policy


async def in_force(world: World, text: str, base: int) -> pb.PolicyVersion:
    """Bring a file into force as two people do."""
    proposal = await propose(world, text, base)
    return (await activate(world, await approve(world, proposal, who="daniyar"))).policy


async def test_a_policy_comes_into_force_with_two_signatures(signed_world: World) -> None:
    world = signed_world
    proposal = await propose(world)
    signed = await approve(world, proposal, who="daniyar")
    answer = await activate(world, signed)

    assert (proposal.state, signed.state, answer.proposal.state) == (PROPOSED, APPROVED, IN_FORCE)
    assert (answer.policy.number, answer.policy.text) == (2, MORE)
    assert (answer.policy.applied_by, answer.policy.approved_by) == ("saule", "daniyar")
    assert (answer.policy.why, answer.policy.proposal) == ("startups wait too long", 1)
    assert [step.by for step in answer.proposal.steps] == ["saule", "daniyar", "saule"]
    current = world.store.current_policy()
    assert current is not None
    assert current.number == 2


async def test_everybody_reads_proposals(signed_world: World) -> None:
    proposal = await propose(signed_world)
    by = signed_world.by("aigerim")
    listed = await signed_world.policies.ListProposals(pb.ListProposalsRequest(), metadata=by)
    read = await signed_world.policies.GetProposal(pb.GetProposalRequest(number=1), metadata=by)

    assert [(one.number, one.text) for one in listed.proposals] == [(1, "")]
    assert read.proposal == proposal


async def test_who_proposed_it_may_not_sign_it_again(signed_world: World) -> None:
    proposal = await propose(signed_world)

    refusal = await refused(approve(signed_world, proposal, who="saule"))

    assert (refusal.code, refusal.reason) == (grpc.StatusCode.PERMISSION_DENIED, "OWN_PROPOSAL")
    assert "ask another cluster admin" in refusal.metadata["mend"]


async def test_without_a_second_signature_nothing_comes_into_force(signed_world: World) -> None:
    proposal = await propose(signed_world)

    refusal = await refused(activate(signed_world, proposal))

    assert (refusal.code, refusal.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "NOT_A_STEP")
    assert len(signed_world.store.policy_versions()) == 1


async def test_one_signature_does_not_change_a_policy_in_force(signed_world: World) -> None:
    request = pb.ApplyPolicyRequest(text=MORE, expected_number=1)
    by = signed_world.by("saule")

    refusal = await refused(signed_world.policies.ApplyPolicy(request, metadata=by))

    assert (refusal.code, refusal.reason) == (
        grpc.StatusCode.FAILED_PRECONDITION,
        "NEEDS_PROPOSAL",
    )
    assert "tendik policy propose" in refusal.metadata["mend"]


async def test_what_is_odd_is_accepted_by_name_or_keeps_it_out(signed_world: World) -> None:
    proposal = await propose(signed_world, TOO_MUCH)

    refusal = await refused(approve(signed_world, proposal, who="daniyar"))
    some = await refused(approve(signed_world, proposal, "floors_over_capacity", who="daniyar"))
    kinds = ("floors_over_capacity", "loses_share")
    signed = await approve(signed_world, proposal, *kinds, who="daniyar")

    assert (refusal.code, refusal.reason) == (
        grpc.StatusCode.FAILED_PRECONDITION,
        "FINDINGS_NOT_ACCEPTED",
    )
    assert "add up to 65 GPUs" in refusal.violations[0].message
    assert some.places == ("forecast",)
    assert "caspian 16.0 -> 0.0" in some.violations[0].message
    assert some.violations[0].message.endswith(" [loses_share]")
    assert list(signed.accepted) == list(kinds)
    assert (await activate(signed_world, signed)).policy.number == 2


async def test_a_project_that_nobody_registered_is_odd_in_a_reservation(
    signed_world: World,
) -> None:
    lesson = """[reservations.lesson]
pool = "alem/h200"
nodes = 1
starts = 2126-09-01T09:00:00Z
duration = "3h"
for_organisation = "steppe"
for_project = "maim"
"""
    refusal = await refused(
        approve(signed_world, await propose(signed_world, MORE + lesson), who="daniyar")
    )

    assert refusal.places[-1] == "script:11 reservations.lesson.for_project"
    assert "did you mean main?" in refusal.violations[-1].message


async def test_what_was_odd_before_needs_nobody_to_accept_it_again(signed_world: World) -> None:
    proposal = await propose(signed_world, TOO_MUCH)
    kinds = ("floors_over_capacity", "loses_share")
    signed = await approve(signed_world, proposal, *kinds, who="daniyar")
    await activate(signed_world, signed)

    policy = await in_force(signed_world, TOO_MUCH.replace("too much", "still"), 2)

    assert policy.number == 3


async def test_of_two_proposals_on_one_version_the_second_is_stale(signed_world: World) -> None:
    first, second, third = [await propose(signed_world, text) for text in (MORE, EQUAL, EQUAL)]
    signed = await approve(signed_world, second, who="daniyar")
    await activate(signed_world, await approve(signed_world, first, who="daniyar"))

    refusal = await refused(activate(signed_world, signed))
    unsigned = await refused(approve(signed_world, third, who="daniyar"))
    late = await refused(propose(signed_world, EQUAL, base=1))

    for one in (refusal, unsigned, late):
        assert (one.code, one.reason) == (grpc.StatusCode.ABORTED, "STALE_VERSION")
    assert signed_world.store.proposal(2).steps[-1].state == "approved"


async def test_two_admins_at_once_cannot_lose_an_edit(signed_world: World) -> None:
    proposal = await propose(signed_world)
    await approve(signed_world, proposal, who="daniyar")
    request = pb.WithdrawProposalRequest(number=1, revision=proposal.revision, why="no")

    refusal = await refused(
        signed_world.policies.WithdrawProposal(request, metadata=signed_world.by("saule"))
    )

    assert refusal.reason == "STALE_VERSION"


async def test_a_withdrawn_proposal_is_over(signed_world: World) -> None:
    proposal = await propose(signed_world)
    request = pb.WithdrawProposalRequest(number=1, revision=1, why="found a better way")
    by = signed_world.by("saule")
    gone = (await signed_world.policies.WithdrawProposal(request, metadata=by)).proposal

    refusal = await refused(approve(signed_world, gone, who="daniyar"))

    assert gone.steps[-1].why == "found a better way"
    assert refusal.reason == "NOT_A_STEP"
    assert proposal.number == gone.number


@pytest.mark.parametrize("who", ["aigerim", "alua"])
async def test_only_cluster_admins_propose(signed_world: World, who: str) -> None:
    refusal = await refused(propose(signed_world, who=who))

    assert refusal.code is grpc.StatusCode.PERMISSION_DENIED


async def test_a_proposal_needs_a_right_file_and_a_reason(signed_world: World) -> None:
    by = signed_world.by("saule")
    wrong = await refused(propose(signed_world, "titel = 1"))
    request = pb.ProposePolicyRequest(text=MORE, base_number=1, why="  ")
    silent = await refused(signed_world.policies.ProposePolicy(request, metadata=by))

    assert wrong.reason == "INVALID_POLICY"
    assert (silent.reason, silent.places) == ("INVALID_REQUEST", ("why",))
    assert signed_world.store.proposals() == ()


async def test_rolling_back_brings_what_was_before(signed_world: World) -> None:
    world = signed_world
    await in_force(world, EQUAL, 1)
    await in_force(world, MORE, 2)

    back = await roll_back(world, expected=3)

    assert (back.number, back.text, back.why, back.approved_by) == (4, EQUAL, "waits grew", "")
    assert world.store.proposal(2).steps[-1].state == "rolled_back"


async def test_rolling_back_again_does_not_bring_back_what_was_rolled_back(
    signed_world: World,
) -> None:
    world = signed_world
    await in_force(world, EQUAL, 1)
    await in_force(world, MORE, 2)
    await roll_back(world, expected=3)

    refusal = await refused(roll_back(world, expected=4, to=9))
    # The first version of this world has no file that could be read again.
    first = await refused(roll_back(world, expected=4))

    assert refusal.resource == ("policy version", "9")
    assert first.reason == "INVALID_POLICY"


async def test_every_rolling_back_goes_further_back(signed_world: World) -> None:
    world = signed_world
    ceiling = EQUAL + "ceiling_gpus = 16\n"
    for base, text in enumerate((EQUAL, MORE, ceiling), 1):
        await in_force(world, text, base)

    back = [(await roll_back(world, expected=expected)).text for expected in (4, 5)]
    refusal = await refused(roll_back(world, expected=6))

    assert back == [MORE, EQUAL]
    # The first version of this world has no file that could be read again.
    assert refusal.reason == "INVALID_POLICY"


async def test_behind_the_same_file_in_force_anew_what_was_rolled_back_is_passed_over(
    signed_world: World,
) -> None:
    world = signed_world
    ceiling = EQUAL + "ceiling_gpus = 16\n"
    for base, text in enumerate((ceiling, EQUAL, MORE), 1):
        await in_force(world, text, base)
    await roll_back(world, expected=4)
    await in_force(world, EQUAL, 5)

    back = await roll_back(world, expected=6)

    assert (back.number, back.text) == (7, ceiling)


async def test_what_nothing_foresees_is_accepted_as_that_or_not_signed(signed_world: World) -> None:
    store, view, clock = signed_world.store, signed_world.view, ManualClock(NOON)
    await propose(signed_world)
    checks = PolicyChecks(store, view, clock)
    blind = Proposals(store, checks, Foreseeing(store, view, clock, checks, None), clock)
    daniyar = Caller(next(one for one in store.users("") if one.name == "daniyar"), "operators")

    with pytest.raises(NotAccepted, match=r"\[not_foreseen\]"):
        await blind.approve(daniyar, 1, 1, frozenset())
    signed = await blind.approve(daniyar, 1, 1, frozenset({"not_foreseen"}))

    assert signed.accepted == {"not_foreseen"}


async def test_rolling_back_what_somebody_else_changed_is_refused(signed_world: World) -> None:
    await in_force(signed_world, EQUAL, 1)

    refusal = await refused(roll_back(signed_world, expected=1, to=1))

    assert refusal.reason == "STALE_VERSION"


async def test_rolling_back_to_what_is_in_force_is_told_so(signed_world: World) -> None:
    await in_force(signed_world, EQUAL, 1)

    refusal = await refused(roll_back(signed_world, expected=2, to=2))

    assert refusal.places == ("to_number",)
    assert "is in force already" in refusal.violations[0].message
    assert len(signed_world.store.policy_versions()) == 2


async def test_what_a_file_would_do_is_told_to_those_who_may_propose(signed_world: World) -> None:
    request = pb.ForecastPolicyRequest(text=MORE)
    by = signed_world.by("saule")
    told = await signed_world.policies.ForecastPolicy(request, metadata=by)
    refusal = await refused(
        signed_world.policies.ForecastPolicy(request, metadata=signed_world.by("aigerim"))
    )

    assert told.base_number == 1
    assert "classes.startups: share 1 -> 2" in told.changes
    assert {one.organisation_id for one in told.standings} >= {"caspian"}
    assert refusal.code is grpc.StatusCode.PERMISSION_DENIED
