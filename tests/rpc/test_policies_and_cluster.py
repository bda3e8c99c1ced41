"""PolicyService and ClusterService as their callers see them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from pathlib import Path

import grpc
import pytest

from scheduler.clock import ManualClock
from scheduler.domain.decisions import Allocation, SolverStatus, Start
from scheduler.domain.estimates import TrackRecord
from scheduler.domain.reasons import Reason as WaitReason
from scheduler.domain.records import CycleReport, OrganisationShare
from scheduler.domain.reservations.nodes import Hold
from scheduler.domain.reservations.reservation import Audience, Reservation, Window
from scheduler.use_cases.policy_checks import PolicyChecks
from scheduler.v1 import cluster_service_pb2 as cluster_pb
from scheduler.v1 import policy_service_pb2 as pb
from scheduler.view import LatestView
from tests.build import NOON, POOL, a_placement, a_wait, at
from tests.rpc.world import TIMEOUT_S, World, refused

FILE = Path(__file__).resolve().parents[2] / "policies" / "national-default.toml"
SHIPPED = FILE.read_text(encoding="utf-8")


async def apply(world: World, text: str, expected: int, who: str = "saule") -> pb.PolicyVersion:
    request = pb.ApplyPolicyRequest(text=text, expected_number=expected)
    answer = await world.policies.ApplyPolicy(request, metadata=world.by(who), timeout=TIMEOUT_S)
    return answer.policy


async def test_an_applied_policy_is_the_next_version_and_can_be_read(world: World) -> None:
    applied = await apply(world, SHIPPED, expected=1)
    as_aigerim = world.by("aigerim")
    current = await world.policies.GetPolicy(pb.GetPolicyRequest(), metadata=as_aigerim)
    first = await world.policies.GetPolicy(pb.GetPolicyRequest(number=1), metadata=as_aigerim)
    versions = await world.policies.ListPolicyVersions(
        pb.ListPolicyVersionsRequest(), metadata=as_aigerim
    )

    assert (applied.number, applied.applied_by, applied.text) == (2, "saule", SHIPPED)
    assert applied.apply_time.ToDatetime(NOON.tzinfo) == NOON
    assert current.policy == applied
    assert first.policy.number == 1
    assert [(policy.number, policy.text) for policy in versions.policies] == [(2, ""), (1, "")]


async def test_a_policy_on_top_of_another_version_is_refused(world: World) -> None:
    refusal = await refused(apply(world, SHIPPED, expected=0))

    assert (refusal.code, refusal.reason) == (grpc.StatusCode.ABORTED, "STALE_VERSION")
    assert {"expected": "0", "found": "1"}.items() <= refusal.metadata.items()
    assert len(world.store.policy_versions()) == 1


@pytest.mark.parametrize("who", ["aigerim", "alua"])
async def test_only_cluster_admins_apply_policies(world: World, who: str) -> None:
    refusal = await refused(apply(world, SHIPPED, expected=1, who=who))

    assert refusal.code is grpc.StatusCode.PERMISSION_DENIED
    assert len(world.store.policy_versions()) == 1


async def test_a_wrong_policy_is_refused_with_the_keys_path(world: World) -> None:
    refusal = await refused(apply(world, SHIPPED + "\n[nonsense]\nx = 1\n", expected=1))

    assert (refusal.code, refusal.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_POLICY")
    assert any("nonsense" in place for place in refusal.places)
    assert len(world.store.policy_versions()) == 1


async def test_a_policy_that_drops_a_class_in_use_is_refused(world: World) -> None:
    lines = SHIPPED.replace("startups", "ventures")
    refusal = await refused(apply(world, lines, expected=1))

    assert refusal.places == ("classes.startups",)
    assert "caspian" in refusal.violations[0].message


async def test_an_unknown_policy_version_is_not_found(world: World) -> None:
    request = pb.GetPolicyRequest(number=7)
    refusal = await refused(world.policies.GetPolicy(request, metadata=world.by("aigerim")))

    assert refusal.resource == ("policy version", "7")


async def test_validating_tells_problems_or_changes_and_stores_nothing(world: World) -> None:
    as_aigerim = world.by("aigerim")
    good = await world.policies.ValidatePolicy(
        pb.ValidatePolicyRequest(text=SHIPPED), metadata=as_aigerim
    )
    bad = await world.policies.ValidatePolicy(
        pb.ValidatePolicyRequest(text="nonsense = 1"), metadata=as_aigerim
    )

    assert not good.problems
    assert good.changes
    assert bad.problems
    assert not bad.changes
    assert len(world.store.policy_versions()) == 1


# The world has 64 GPUs in gpu/h200, and no other pool.
TOO_MUCH = """title = "too much"
[classes.universities]
floor_gpus = 65
[classes.startups]
ceiling_gpus = { "gpu/h20" = 8 }
"""


async def test_a_policy_that_does_not_fit_the_cluster_is_applied_with_warnings(
    world: World,
) -> None:
    as_saule = world.by("saule")
    tried = await world.policies.ValidatePolicy(
        pb.ValidatePolicyRequest(text=TOO_MUCH), metadata=as_saule
    )
    request = pb.ApplyPolicyRequest(text=TOO_MUCH, expected_number=1)
    applied = await world.policies.ApplyPolicy(request, metadata=as_saule)

    assert [warning.key for warning in applied.warnings] == [
        'classes.startups.ceiling_gpus."gpu/h20"',
        "classes.universities.floor_gpus",
        "classes.universities.floor_gpus",
    ]
    assert "line 5: is no pool of the cluster" in applied.warnings[0].message
    assert "line 3: floors in gpu/h200 add up to 65 GPUs" in applied.warnings[1].message
    assert tried.warnings == applied.warnings
    assert not tried.problems
    assert len(world.store.policy_versions()) == 2


async def test_before_the_cluster_was_read_a_policy_is_said_to_be_uncompared(world: World) -> None:
    unread = LatestView("none", world.view.latest().policy)
    checks = PolicyChecks(world.store, unread, ManualClock(NOON))

    (oddity, *_) = checks.oddities(TOO_MUCH, checks.parsed(TOO_MUCH))

    assert oddity.kind == "cluster_unread"
    assert "the cluster has not been read yet" in oddity.violation.message


def a_report() -> CycleReport:
    decisions = (Start(1, a_placement(4)), a_wait(2, WaitReason.OTHERS_FIRST))
    shares = (
        OrganisationShare(
            *("steppe", "universities", POOL, 32.0, 20, 24, 0, 4, 18.5),
            owed=4,
            owed_since=NOON,
            owed_until=at(180),
        ),
        OrganisationShare("caspian", "startups", POOL, 32.0, 36, 40, 4, 0, 30.0),
    )
    allocation = Allocation(decisions, "cp-sat", SolverStatus.OPTIMAL)
    report = CycleReport(7, NOON, 1, allocation, shares, {POOL: 64}, {POOL: 3}, duration_s=0.25)
    return replace(report, started_jobs=1, waiting_jobs=1).in_brief()


async def test_the_cluster_is_told_from_the_newest_view(world: World) -> None:
    world.view.cycle_ended(world.view.latest().policy, a_report())
    answer = await world.cluster.GetCluster(
        cluster_pb.GetClusterRequest(), metadata=world.by("bolat"), timeout=TIMEOUT_S
    )

    pool = answer.pools[0]
    assert (pool.name, pool.partition, pool.gpu_type) == (POOL, *POOL.split("/"))
    assert (pool.capacity_gpus, pool.held_gpus, pool.foreign_gpus, pool.wanted_gpus) == (
        64,
        56,
        3,
        64,
    )
    cycle = answer.last_cycle
    assert (cycle.number, cycle.status, cycle.started_jobs, cycle.waiting_jobs) == (
        7,
        "optimal",
        1,
        1,
    )
    assert (answer.backend, answer.backend_up) == ("simulated", True)


async def test_everybody_sees_everybodys_shares(world: World) -> None:
    world.view.cycle_ended(world.view.latest().policy, a_report())
    answer = await world.cluster.ListShares(
        cluster_pb.ListSharesRequest(), metadata=world.by("bolat"), timeout=TIMEOUT_S
    )

    assert [(share.organisation_id, share.held_gpus) for share in answer.shares] == [
        ("steppe", 20),
        ("caspian", 36),
    ]
    owed, owing = answer.shares
    assert (owed.owed_gpus, owed.owed_since_time.ToDatetime(UTC)) == (4, NOON)
    assert owed.owed_until_time.ToDatetime(UTC) == at(180)
    assert not owed.HasField("borrowed_until_time")
    assert not owing.HasField("owed_since_time")
    assert answer.policy_version == 1


async def test_everybody_sees_what_is_set_apart(world: World) -> None:
    course = Reservation(POOL, at(0), at(7200), Audience(organisation="steppe", project="vision"))
    held = Hold("course", course, (Window(at(0), at(7200)),), ("n1", "n2"), gpus=16)
    nothing = await world.cluster.ListReservations(
        cluster_pb.ListReservationsRequest(), metadata=world.by("bolat"), timeout=TIMEOUT_S
    )
    world.view.cycle_ended(world.view.latest().policy, replace(a_report(), holds=(held,)))
    answer = await world.cluster.ListReservations(
        cluster_pb.ListReservationsRequest(), metadata=world.by("bolat"), timeout=TIMEOUT_S
    )

    (told,) = answer.reservations
    assert (told.name, told.organisation_id, told.project_id) == ("course", "steppe", "vision")
    assert (told.start_time.ToDatetime(UTC), told.end_time.ToDatetime(UTC)) == (NOON, at(7200))
    assert (list(told.nodes), told.gpus, told.weekly) == (["n1", "n2"], 16, False)
    assert answer.time.ToDatetime(UTC) == NOON
    assert not nothing.reservations


async def test_everybody_sees_how_start_times_came_true(world: World) -> None:
    world.view.start_times_judged((TrackRecord("startups", 20, 11, 18),))
    answer = await world.cluster.ListTrackRecords(
        cluster_pb.ListTrackRecordsRequest(), metadata=world.by("bolat"), timeout=TIMEOUT_S
    )

    (record,) = answer.records
    assert (record.tenant_class, record.judged) == ("startups", 20)
    assert (record.within_p50, record.within_p90) == (11, 18)


async def test_before_the_first_cycle_only_capacities_are_told(world: World) -> None:
    as_bolat = world.by("bolat")
    answer = await world.cluster.GetCluster(cluster_pb.GetClusterRequest(), metadata=as_bolat)
    shares = await world.cluster.ListShares(cluster_pb.ListSharesRequest(), metadata=as_bolat)

    assert [pool.capacity_gpus for pool in answer.pools] == [64]
    assert not answer.HasField("last_cycle")
    assert not shares.shares
