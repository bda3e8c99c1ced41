"""Jobs that grants must pay for, as their users see it."""

from __future__ import annotations

from dataclasses import replace

import grpc
import pytest

from scheduler.domain.budgets.grants import Fund
from scheduler.v1 import job_service_pb2 as pb
from tests.rpc.test_jobs import submitted
from tests.rpc.test_policies_and_cluster import a_report
from tests.rpc.world import SCRIPT, TIMEOUT_S, Refusal, World, refused
from tests.store.budgets import a_request_for, awarded

STARTUPS_PAY = ("startups",)


@pytest.fixture
def paying(world: World) -> World:
    """A world in which startups need grants, and a fund for them."""
    version = world.view.latest().policy
    policy = replace(version.policy, granted_classes=STARTUPS_PAY)
    world.view.cycle_ended(replace(version, policy=policy), a_report())
    world.store.add_fund(Fund("ai-fund", "AI Fund", 1_000_000))
    return world


def grant(world: World, gpu_seconds: int) -> None:
    request = a_request_for(gpu_seconds)
    awarded(world.store, replace(request, organisation="caspian"))


async def refusal(world: World, *, only_checked: bool = False) -> Refusal:
    request = pb.SubmitJobRequest(script=SCRIPT, validate_only=only_checked)
    by = world.by("bolat")
    return await refused(world.jobs.SubmitJob(request, metadata=by, timeout=TIMEOUT_S))


@pytest.mark.parametrize("only_checked", [True, False])
async def test_what_no_grant_covers_is_refused(paying: World, *, only_checked: bool) -> None:
    grant(paying, 3600)

    found = await refusal(paying, only_checked=only_checked)

    assert (found.code, found.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "BUDGET_EXCEEDED")
    assert found.message == (
        "project main has 1.00 GPU-hours left and this needs 2.00: "
        "what would fit: a walltime of 00:30:00 or 1 GPU instead"
    )


async def test_what_would_fit_is_taken(paying: World) -> None:
    grant(paying, 3600)

    await submitted(paying, "bolat", flags=["--time=00:30:00"])

    assert paying.store.grant(1).balance.left == 0


async def test_a_check_holds_nothing(paying: World) -> None:
    grant(paying, 7200)

    await submitted(paying, "bolat", validate_only=True)

    assert paying.store.grant(1).balance.held == 0


async def test_others_need_no_grant(paying: World) -> None:
    job = await submitted(paying, "aigerim")

    assert paying.store.job(job.job_id).funding is None
