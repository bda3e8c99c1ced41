"""What a policy says of a cluster or of tenants that are not so is told by key, with the mend."""

from __future__ import annotations

from fractions import Fraction

import pytest

from scheduler.domain.changes.warnings import PolicyWarning, WarningKind, policy_warnings
from scheduler.domain.cluster import ClusterState
from scheduler.domain.policies import PerPool, Policy, Quota
from tests.build import NOON, a_node, a_pool

POOLS = ("alem/h200", "alem/a100")
NODES = tuple(a_node(f"{pool}-{n}", pool=pool, gpus=8) for pool in POOLS for n in (1, 2))
CLUSTER = ClusterState(tuple(map(a_pool, POOLS)), NODES, (), NOON)
ONE_DOWN = ClusterState(
    CLUSTER.pools, (a_node("down", pool=POOLS[0], gpus=8, available=False), *NODES[1:]), (), NOON
)
ORGANISATIONS = {"steppe": "universities", "nomad": "universities", "caspian": "startups"}


PLAIN = Quota()


def a_policy(universities: Quota = PLAIN, usual: Quota = PLAIN, **organisations: Quota) -> Policy:
    classes = {"universities": universities, "startups": Quota()}
    return Policy(classes, organisation_default=usual, organisations=organisations)


def floor(gpus: int, pool: str = POOLS[0]) -> Quota:
    return Quota(floor=PerPool(0, {pool: gpus}))


def told(policy: Policy, cluster: ClusterState = CLUSTER) -> list[PolicyWarning]:
    return list(policy_warnings(policy, cluster, ORGANISATIONS))


def test_a_policy_that_fits_is_told_nothing() -> None:
    policy = a_policy(floor(16), usual=Quota(ceiling=PerPool(8, {POOLS[1]: 4})), steppe=floor(8))

    assert told(policy) == []


UNKNOWN = {
    "a pool of a class's floor": (
        a_policy(floor(4, "alem/h20")),
        ("classes", "universities", "floor_gpus", "alem/h20"),
        "is no pool of the cluster; pools: alem/h200, alem/a100; did you mean alem/h200?",
    ),
    "a pool of every organisation's ceiling": (
        a_policy(usual=Quota(ceiling=PerPool(8, {"old/k80": 4}))),
        ("organisations", "default", "ceiling_gpus", "old/k80"),
        "is no pool of the cluster; pools: alem/h200, alem/a100",
    ),
    "a GPU type with a rate": (
        Policy({"universities": Quota()}, rates={"h2000": Fraction(2)}),
        ("rates", "h2000"),
        "no pool has GPUs of this type; types: a100, h200; did you mean h200?",
    ),
    "an organisation": (
        a_policy(stepe=Quota()),
        ("organisations", "stepe"),
        "is not registered; organisations: caspian, nomad, steppe; did you mean steppe?",
    ),
}


@pytest.mark.parametrize(("policy", "key", "message"), UNKNOWN.values(), ids=UNKNOWN.keys())
def test_what_is_not_there_is_named(policy: Policy, key: tuple[str, ...], message: str) -> None:
    (warning,) = told(policy)

    assert (warning.key, warning.message) == (key, message)
    assert warning.kind.value.startswith("unknown_")


def test_floors_over_capacity_name_who_has_them() -> None:
    (warning,) = told(a_policy(floor(10), usual=floor(7)))

    assert warning.kind is WarningKind.FLOORS_OVER_CAPACITY
    assert warning.key == ("organisations", "default", "floor_gpus")
    assert warning.message == (
        "floors in alem/h200 add up to 21 GPUs (universities 14, startups 7), the pool has 16;"
        " lower them, or they are met in part only"
    )


def test_a_node_that_is_down_makes_a_lesser_warning() -> None:
    assert told(a_policy(floor(16))) == []

    (warning,) = told(a_policy(floor(16)), ONE_DOWN)

    assert warning.kind is WarningKind.FLOORS_OVER_NODES_UP
    assert warning.key == ("classes", "universities", "floor_gpus")
    assert "only 8 of its 16 are up" in warning.message


def test_a_ceiling_below_the_floors_under_it_is_told() -> None:
    universities = Quota(ceiling=PerPool(None, {POOLS[0]: 6}))
    (warning,) = told(a_policy(universities, steppe=floor(4), nomad=floor(3)))

    assert warning.kind is WarningKind.FLOORS_OVER_CEILING
    assert warning.key == ("classes", "universities", "ceiling_gpus")
    assert "6 in alem/h200 is less than the floors of its organisations, 7" in warning.message
