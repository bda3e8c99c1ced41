"""GetOverview and ExplainOrganisation as their callers see them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC

import grpc
import pytest

from scheduler.rpc.convert.accounts import OPERATION_NAMES
from scheduler.v1 import cluster_service_pb2 as pb
from scheduler.v1 import policy_service_pb2 as policies
from tests.build import NOON, POOL, a_node, nodes
from tests.rpc.test_jobs import submitted
from tests.rpc.test_policies_and_cluster import a_report
from tests.rpc.world import SCRIPT, TIMEOUT_S, World, refused


async def overview(world: World, name: str = "saule") -> pb.GetOverviewResponse:
    request = pb.GetOverviewRequest()
    metadata = world.by(name)
    return await world.cluster.GetOverview(request, metadata=metadata, timeout=TIMEOUT_S)


async def explained(
    world: World, organisation: str, pool: str = "", name: str = "aigerim", language: str = "en"
) -> pb.ExplainOrganisationResponse:
    request = pb.ExplainOrganisationRequest(organisation_id=organisation, pool=pool)
    metadata = (*world.by(name), ("accept-language", language))
    return await world.cluster.ExplainOrganisation(request, metadata=metadata, timeout=TIMEOUT_S)


def figures(of: pb.OrganisationAccount) -> Iterator[pb.Figure]:
    left = list(of.figures)
    while left:
        figure = left.pop()
        left += figure.parts
        yield figure


async def test_one_look_tells_of_pools_shares_waits_cycles_and_policy(world: World) -> None:
    job = await submitted(world, "bolat")
    world.view.leads(1)
    world.view.cycle_ended(world.view.latest().policy, a_report())
    found = await overview(world)

    assert [(one.pool.name, one.nodes, one.nodes_down) for one in found.pools] == [(POOL, 8, 0)]
    assert [one.share.organisation_id for one in found.organisations] == ["steppe", "caspian"]
    assert [one.job_id for one in found.longest_waits] == [job.job_id]
    (cycle,) = found.cycles
    assert (cycle.number, cycle.started_jobs, cycle.HasField("gap")) == (7, 1, False)
    assert (found.policy.number, found.policy.text, found.leads) == (1, "", True)
    assert found.time.ToDatetime(UTC) == NOON
    assert not found.alerts


async def test_a_node_that_is_down_is_no_capacity_and_an_alert(world: World) -> None:
    cluster = world.view.latest().cluster
    assert cluster is not None
    machines = (*nodes(7), a_node("n8", available=False))
    world.view.backend_answered(replace(cluster, nodes=machines))
    world.view.cycle_ended(world.view.latest().policy, a_report())
    found = await overview(world)

    (pool,) = found.pools
    assert (pool.pool.capacity_gpus, pool.down_gpus, pool.nodes_down) == (56, 8, 1)
    assert [(one.kind, one.runbook) for one in found.alerts] == [
        ("nodes_unavailable", "docs/operators.md#tendiknodesunavailable")
    ]


async def test_proposals_that_wait_for_a_step_are_named(world: World) -> None:
    text = 'title = "more"\n[classes.universities]\nshare = 2\n[classes.startups]\n'
    request = policies.ProposePolicyRequest(text=text, base_number=1, why="more")
    await world.policies.ProposePolicy(request, metadata=world.by("saule"))
    gone = await world.policies.ProposePolicy(request, metadata=world.by("saule"))
    withdrawn = policies.WithdrawProposalRequest(number=gone.proposal.number, revision=1, why="no")
    await world.policies.WithdrawProposal(withdrawn, metadata=world.by("saule"))

    found = await overview(world)
    assert [(one.number, one.text) for one in found.open_proposals] == [(1, "")]


@pytest.mark.parametrize("name", ["aigerim", "alua"])
async def test_the_overview_names_jobs_and_is_for_cluster_admins(world: World, name: str) -> None:
    refusal = await refused(overview(world, name))

    assert refusal.code is grpc.StatusCode.PERMISSION_DENIED
    assert "see the overview of the cluster" in refusal.message


async def test_everybody_may_see_how_anybodys_gpus_follow_from_the_shares(world: World) -> None:
    await submitted(world, "bolat", script=SCRIPT.replace("--gpus=2", "--gpus=12"))
    answer = await explained(world, "caspian", name="aigerim")

    (account,) = answer.accounts
    assert (account.pool, account.entitled_gpus, account.wanted_gpus) == (POOL, 12.0, 12)
    assert account.follows[0] == "it may start 12 more GPUs by its entitlement"
    sums = {one.words: one.value for one in figures(account)}
    assert sums["GPUs to share"] == 64
    assert sums["can start at most, within its limits and what is free"] == 16
    assert {one.operation for one in figures(account)} <= {
        pb.FigureOperation.Value(name) for name in OPERATION_NAMES.values()
    }


async def test_a_limit_that_is_not_set_has_no_number(world: World) -> None:
    (account,) = (await explained(world, "steppe", POOL)).accounts

    (ceiling,) = (one for one in figures(account) if one.words == "ceiling")
    assert not ceiling.HasField("value")


async def test_operators_have_no_share_and_no_account(world: World) -> None:
    assert not (await explained(world, "operations")).accounts


@pytest.mark.parametrize(
    ("organisation", "pool", "missing"),
    [("nobody", "", ("organisation", "nobody")), ("steppe", "no/pool", ("pool", "no/pool"))],
)
async def test_what_nobody_knows_is_not_found(
    world: World, organisation: str, pool: str, missing: tuple[str, str]
) -> None:
    refusal = await refused(explained(world, organisation, pool))

    assert (refusal.code, refusal.resource) == (grpc.StatusCode.NOT_FOUND, missing)
