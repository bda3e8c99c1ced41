"""An approved change comes into force by stages: in shadow, for some classes, for all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import grpc
import pytest
import pytest_asyncio

from scheduler.clock import ManualClock
from scheduler.domain.alerts import AlertKind
from scheduler.domain.changes.proposals import ProposalState
from scheduler.domain.changes.trials import MOST_TRIALS, Trial
from scheduler.domain.records import NewJobs
from scheduler.domain.sbatch.reading import read_job
from scheduler.domain.tenants import Role, Tenant, User
from scheduler.errors import CanaryInForce
from scheduler.identity import Caller, new_token, token_sha256
from scheduler.policy_files import parse_policy
from scheduler.use_cases.overview import Overviews
from scheduler.use_cases.policies import Policies
from scheduler.use_cases.policy_checks import PolicyChecks
from scheduler.use_cases.receipts import Receipts
from scheduler.v1 import policy_service_pb2 as pb
from scheduler.v1.cluster_service_pb2 import GetOverviewRequest
from tests.build import NOON
from tests.exporters.world import a_report
from tests.rpc.test_proposals import EQUAL, MORE, approve, in_force, propose, roll_back
from tests.rpc.world import World, a_world, refused

CEILING = """title = "a ceiling"
[classes.universities]
[classes.startups]
ceiling_gpus = 16
[organisations.default]
floor_gpus = 2
lending_limit_gpus = 0
[usage]
weight = 0
"""
SHADOWED, CANARY = pb.PROPOSAL_STATE_SHADOWED, pb.PROPOSAL_STATE_CANARY


@pytest_asyncio.fixture
async def staged() -> AsyncIterator[World]:
    """A service of two cluster admins with a policy in force that says that all are equal."""
    async with a_world(signatures=2) as world:
        saule = next(user for user in world.store.users("") if user.name == "saule")
        token = world.tokens["daniyar"] = new_token()
        daniyar = User("daniyar", saule.organisation, saule.project, "daniyar", Role.CLUSTER_ADMIN)
        world.store.add_user(daniyar, token_sha256(token))
        await in_force(world, EQUAL, 1)
        yield world


async def an_approved(world: World, text: str = CEILING, base: int = 2) -> pb.Proposal:
    return await approve(world, await propose(world, text, base), who="daniyar")


async def activate(
    world: World, one: pb.Proposal, who: str = "saule", **how: Any
) -> pb.ActivateProposalResponse:
    request = pb.ActivateProposalRequest(number=one.number, revision=one.revision, **how)
    return await world.policies.ActivateProposal(request, metadata=world.by(who))


async def test_in_shadow_nothing_comes_into_force(staged: World) -> None:
    answer = await activate(staged, await an_approved(staged), shadow=True)

    assert answer.proposal.state == SHADOWED
    assert not answer.HasField("policy")
    assert staged.store.policy_versions()[0].number == 2


async def test_a_canary_is_a_version_that_says_of_the_class_what_is_new(staged: World) -> None:
    answer = await activate(staged, await an_approved(staged), canary_classes=["startups"])

    policy = parse_policy(answer.policy.text)[1]
    assert answer.proposal.state == CANARY
    assert answer.policy.why == "canary of proposal 2 for startups: startups wait too long"
    assert (answer.policy.number, answer.policy.proposal) == (3, 2)
    assert policy.classes["startups"].ceiling.other == 16
    assert policy.organisation("startups", "caspian").floor.other == 2
    assert policy.organisation("universities", "steppe").floor.other == 0
    assert policy.usage_weight == 1
    assert list(answer.not_tried) == [
        "organisations.default: floor 0 -> 2 GPUs in every pool",
        "organisations.default: lending limit no limit -> 0 GPUs in every pool",
        "usage.weight: 1 -> 0",
    ]


async def test_a_canary_keeps_its_terms(staged: World) -> None:
    borne = [pb.Tolerance(objective="idle", most=25)]
    how: Any = {"canary_classes": ["startups"], "try_for": timedelta(hours=2), "tolerated": borne}
    canary = (await activate(staged, await an_approved(staged), **how)).proposal.canary

    begun = staged.store.proposal(2).steps[-1].at
    assert canary.until_time.ToJsonString() == begun.replace("12:00:00+00:00", "14:00:00Z")
    assert {one.objective: one.most for one in canary.tolerated} == {
        "floors": 60,
        "entitlements": 10,
        "idle": 25,
    }


async def test_the_stages_lead_from_shadow_by_a_canary_to_all(staged: World) -> None:
    shadow = await activate(staged, await an_approved(staged), shadow=True)
    canary = await activate(staged, shadow.proposal, canary_classes=["startups"])

    whole = await activate(staged, canary.proposal)

    assert (whole.policy.number, whole.policy.text) == (4, CEILING)
    assert [step.state for step in whole.proposal.steps[2:]] == [
        SHADOWED,
        CANARY,
        pb.PROPOSAL_STATE_IN_FORCE,
    ]


async def test_from_a_canary_it_goes_back_to_what_was_before(staged: World) -> None:
    await activate(staged, await an_approved(staged), canary_classes=["startups"])

    back = await roll_back(staged, expected=3)

    assert (back.number, back.text) == (4, EQUAL)
    assert staged.store.proposal(2).state is ProposalState.ROLLED_BACK


async def test_rolling_back_what_was_a_canary_first_does_not_bring_the_canary_back(
    staged: World,
) -> None:
    canary = await activate(staged, await an_approved(staged), canary_classes=["startups"])
    await activate(staged, canary.proposal)

    back = await roll_back(staged, expected=4)

    assert (back.number, back.text) == (5, EQUAL)


async def test_another_proposal_does_not_come_into_force_over_a_canary(staged: World) -> None:
    """The canary's own would be neither tried nor taken back, and could be neither any more."""
    await activate(staged, await an_approved(staged), canary_classes=["startups"])
    other = await an_approved(staged, MORE, base=3)

    refusal = await refused(activate(staged, other))

    assert refusal.reason == "CANARY_IN_FORCE"
    assert staged.store.policy_versions()[0].number == 3
    await roll_back(staged, expected=3)
    assert staged.store.proposal(2).state is ProposalState.ROLLED_BACK


async def test_a_file_of_one_signature_is_not_put_in_force_over_a_canary(staged: World) -> None:
    await activate(staged, await an_approved(staged), canary_classes=["startups"])
    clock, view = ManualClock(NOON), staged.view
    alone = Policies(staged.store, PolicyChecks(staged.store, view, clock), clock, signatures=1)
    (saule,) = (user for user in staged.store.users("") if user.name == "saule")

    with pytest.raises(CanaryInForce):
        alone.apply(Caller(saule, "operators"), MORE, expected=3)

    assert staged.store.policy_versions()[0].number == 3


async def test_a_canary_of_a_class_that_nobody_is_of_is_refused(staged: World) -> None:
    text = CEILING.replace("[organisations", "[classes.agencies]\nshare = 2\n[organisations", 1)

    signed = await approve(staged, await propose(staged, text, 2), "empty_class", who="daniyar")

    refusal = await refused(activate(staged, signed, canary_classes=["agencies"]))

    assert refusal.places == ("classes",)
    assert "no organisation is of agencies" in refusal.violations[0].message


async def test_rolling_back_twice_brings_no_canary_of_what_came_before(staged: World) -> None:
    canary = await activate(staged, await an_approved(staged), canary_classes=["startups"])
    await activate(staged, canary.proposal)
    await in_force(staged, MORE, 4)
    await roll_back(staged, expected=5)

    back = await roll_back(staged, expected=6)

    assert (back.number, back.text) == (7, EQUAL)


async def test_a_canary_that_was_taken_back_does_not_come_back_by_one_signature(
    staged: World,
) -> None:
    """It would be in force with nobody to judge it, whatever was found of it."""
    await activate(staged, await an_approved(staged), canary_classes=["startups"])
    await roll_back(staged, expected=3)

    refusal = await refused(roll_back(staged, expected=4, to=3))

    assert (refusal.code, refusal.places) == (grpc.StatusCode.INVALID_ARGUMENT, ("to_number",))
    assert staged.store.policy_versions()[0].number == 4


@pytest.mark.parametrize("why", ["a\x00b", "\x1b[2J", "\x9b2J"])
async def test_a_reason_has_nothing_that_terminals_obey(staged: World, why: str) -> None:
    request = pb.ProposePolicyRequest(text=CEILING, base_number=2, why=why)

    refusal = await refused(staged.policies.ProposePolicy(request, metadata=staged.by("saule")))

    assert (refusal.code, refusal.places) == (grpc.StatusCode.INVALID_ARGUMENT, ("why",))


async def test_what_is_in_shadow_can_be_withdrawn(staged: World) -> None:
    shadow = (await activate(staged, await an_approved(staged), shadow=True)).proposal
    request = pb.WithdrawProposalRequest(number=2, revision=shadow.revision, why="31 fewer starts")

    gone = await staged.policies.WithdrawProposal(request, metadata=staged.by("saule"))

    assert gone.proposal.state == pb.PROPOSAL_STATE_WITHDRAWN


WRONG_CANARIES = {
    "a class that is not there": (CEILING, ["students"], "no class 'students'"),
    "what holds for the whole cluster": (
        EQUAL.replace("equal", "slow") + '[usage]\nhalf_life = "1d"\n',
        ["startups"],
        "compare it with --shadow",
    ),
    "the shadow as well": (CEILING, ["startups"], "say one of both"),
}


@pytest.mark.parametrize("name", WRONG_CANARIES)
async def test_a_canary_that_tries_nothing_is_refused(staged: World, name: str) -> None:
    text, classes, told = WRONG_CANARIES[name]
    one = await an_approved(staged, text)

    refusal = await refused(
        activate(staged, one, canary_classes=classes, shadow=name == "the shadow as well")
    )

    assert refusal.code is grpc.StatusCode.INVALID_ARGUMENT
    assert told in refusal.violations[0].message
    assert staged.store.policy_versions()[0].number == 2


@pytest.mark.parametrize(
    "how",
    [
        {"try_for": timedelta(0)},
        {"try_for": timedelta(days=91)},
        {"tolerated": [pb.Tolerance(objective="idel", most=1)]},
        {"tolerated": [pb.Tolerance(objective="idle", most=-1)]},
        {"tolerated": [pb.Tolerance(objective="idle", most=float("nan"))]},
    ],
)
async def test_terms_that_cannot_be_meant_are_refused(staged: World, how: Any) -> None:
    one = await an_approved(staged)

    refusal = await refused(activate(staged, one, canary_classes=["startups"], **how))

    assert refusal.code is grpc.StatusCode.INVALID_ARGUMENT


def submit(world: World, gpus: int) -> None:
    spec = read_job(f"#!/bin/bash\n#SBATCH --gpus={gpus}\nsleep 60\n", ()).spec
    tenant = Tenant("startups", "caspian", "main", "bolat")
    world.store.add_jobs([NewJobs(tenant, "bolat", spec, "", "", NOON)])


async def test_what_became_harmful_since_keeps_it_out_of_force(staged: World) -> None:
    one = await an_approved(staged)
    submit(staged, gpus=24)

    for classes in ([], ["startups"]):
        refusal = await refused(activate(staged, one, canary_classes=classes))
        assert refusal.reason == "FINDINGS_NOT_ACCEPTED"
        assert refusal.places == ("forecast",)
        assert refusal.violations[0].message == (
            "forecast: 1 waiting job passes a limit even on an idle cluster, and waits "
            "for ever; GPUs: caspian 24 [bars_jobs]"
        )
    assert (await activate(staged, one, shadow=True)).proposal.state == SHADOWED


async def test_what_a_shadow_showed_keeps_it_out_of_force_until_it_is_accepted(
    staged: World,
) -> None:
    shadow = (await activate(staged, await an_approved(staged), shadow=True)).proposal
    trial = Trial(2, ProposalState.SHADOWED, 1, NOON, (), {}, recalled=(7,))
    staged.store.keep_trial(trial, MOST_TRIALS, 0)

    for classes in ([], ["startups"]):
        refusal = await refused(activate(staged, shadow, canary_classes=classes))
        assert refusal.reason == "FINDINGS_NOT_ACCEPTED"
        assert refusal.violations[0].message.endswith(" [recalled_in_shadow]")
    answer = await activate(staged, shadow, who="daniyar", accept=["recalled_in_shadow"])

    assert (answer.policy.number, list(answer.proposal.accepted)) == (3, ["recalled_in_shadow"])


async def test_it_is_accepted_by_somebody_else_than_its_author(staged: World) -> None:
    one = await an_approved(staged)
    submit(staged, gpus=24)

    own = await refused(activate(staged, one, accept=["bars_jobs"]))
    answer = await activate(staged, one, who="daniyar", accept=["bars_jobs"])

    assert own.reason == "OWN_PROPOSAL"
    assert (answer.policy.number, list(answer.proposal.accepted)) == (3, ["bars_jobs"])


async def test_a_trial_that_has_not_begun_is_empty(staged: World) -> None:
    shadow = await activate(staged, await an_approved(staged), shadow=True)
    request = pb.GetTrialRequest(number=shadow.proposal.number)

    found = await staged.policies.GetTrial(request, metadata=staged.by("aigerim"))

    assert found.proposal.state == SHADOWED
    assert list(found.stages) == []


async def test_a_trial_of_no_proposal_is_not_found(staged: World) -> None:
    request = pb.GetTrialRequest(number=9)

    refusal = await refused(staged.policies.GetTrial(request, metadata=staged.by("aigerim")))

    assert refusal.code is grpc.StatusCode.NOT_FOUND


async def test_what_is_on_trial_is_part_of_the_overview(staged: World) -> None:
    shadowed = (await activate(staged, await an_approved(staged), shadow=True)).proposal
    assert await on_overview(staged) == [(2, SHADOWED)]

    await activate(staged, shadowed, canary_classes=["startups"])
    assert await on_overview(staged) == [(2, CANARY)]


async def test_a_canary_that_is_over_and_not_judged_is_told_of(staged: World) -> None:
    one = await an_approved(staged)
    await activate(staged, one, canary_classes=["startups"], try_for=timedelta(minutes=1))
    assert await on_overview(staged) == [(2, CANARY)]
    (saule,) = (user for user in staged.store.users("") if user.name == "saule")
    clock = ManualClock(NOON)
    overviews = Overviews(staged.store, staged.view, Receipts(None), clock)

    def told() -> set[AlertKind]:
        found = overviews.now(Caller(saule, "operators")).alerts
        return {alert.kind for alert in found} - {AlertKind.NO_CYCLE}

    before = told()
    clock.advance(3600)

    assert (before, told()) == (set(), {AlertKind.CANARY_OVER, AlertKind.CANARY_NOT_JUDGED})


async def on_overview(world: World) -> list[tuple[int, pb.ProposalState]]:
    """Return the proposals that whoever looks is told of, once the engine has the new policy."""
    in_force = world.store.current_policy()
    assert in_force is not None
    world.view.cycle_ended(in_force, a_report())
    found = await world.cluster.GetOverview(GetOverviewRequest(), metadata=world.by("saule"))
    return [(one.number, one.state) for one in found.open_proposals]
