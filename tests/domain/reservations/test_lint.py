"""What is odd about a policy's reservations is told by key, with the mend."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

import pytest

from scheduler.domain.policies import PerPool, Policy, Quota
from scheduler.domain.reservations.lint import ReservationLint, lint_reservations, unknown_projects
from scheduler.domain.reservations.reservation import Audience, Reservation
from tests.build import NOON, POOL, a_policy, at, nodes

STUDENTS = Audience("students")
ONE = Reservation(POOL, at(3600), at(7200), STUDENTS, nodes=2)
ORGANISATIONS = {"steppe": "universities"}


def told(**found: Reservation) -> list[tuple[StrEnum, tuple[str, ...]]]:
    policy = replace(a_policy(), reservations=found)
    odd = lint_reservations(policy, ORGANISATIONS, nodes(4), NOON)
    return [(one.kind, one.key[1:]) for one in odd]


Odd = tuple[dict[str, Reservation], list[tuple[StrEnum, tuple[str, ...]]]]
ODD: dict[str, Odd] = {
    "nothing odd": ({"a": ONE}, []),
    "ended": (
        {"a": replace(ONE, starts=at(-7200), ends=at(-3600))},
        [(ReservationLint.ENDED, ("a",))],
    ),
    "a weekly one from long ago": (
        {"a": replace(ONE, starts=at(-9e6), ends=at(-9e6 + 60), weekly=True)},
        [],
    ),
    "an organisation that is not registered": (
        {"a": replace(ONE, audience=Audience(organisation="stepe"))},
        [(ReservationLint.UNKNOWN_ORGANISATION, ("a", "for_organisation"))],
    ),
    "a pool that is not there": (
        {"a": replace(ONE, pool="gpu/h20")},
        [(ReservationLint.UNKNOWN_POOL, ("a", "pool"))],
    ),
    "a node that is not there": (
        {"a": replace(ONE, nodes=0, node_names=("n1", "n9"))},
        [(ReservationLint.UNKNOWN_NODE, ("a", "node_names"))],
    ),
    "a part of a node": (
        {"a": replace(ONE, nodes=0, gpus=12)},
        [(ReservationLint.PART_OF_A_NODE, ("a", "gpus"))],
    ),
    "more nodes than the pool has": (
        {"a": replace(ONE, nodes=5)},
        [(ReservationLint.OVER_RESERVED, ("a",))],
    ),
    "more GPUs than the pool has": (
        {"a": replace(ONE, nodes=0, gpus=33)},
        [(ReservationLint.OVER_RESERVED, ("a",))],
    ),
    "too much at one time": (
        {"a": ONE, "b": replace(ONE, nodes=3)},
        [(ReservationLint.OVER_RESERVED, ("b",))],
    ),
    "as much one after the other": (
        {"a": ONE, "b": replace(ONE, nodes=3, starts=at(7200), ends=at(9000))},
        [],
    ),
    "too much at one time weeks ahead": (
        {
            "a": replace(ONE, weekly=True),
            "b": replace(ONE, nodes=3, starts=at(14 * 86400), ends=at(15 * 86400)),
        },
        [(ReservationLint.OVER_RESERVED, ("b",))],
    ),
}


@pytest.mark.parametrize(("found", "want"), ODD.values(), ids=ODD.keys())
def test_what_is_odd_is_told_by_key(
    found: dict[str, Reservation], want: list[tuple[StrEnum, tuple[str, ...]]]
) -> None:
    assert told(**found) == want


STEPPE = Audience(organisation="steppe")
EIGHT = Quota(ceiling=PerPool(8))
CEILINGS = {
    "of the class": (STUDENTS, a_policy(classes={"students": EIGHT}), 1),
    "of the class, in another pool": (
        STUDENTS,
        a_policy(classes={"students": Quota(ceiling=PerPool(None, {"gpu/a100": 8}))}),
        0,
    ),
    "high enough": (STUDENTS, a_policy(classes={"students": Quota(ceiling=PerPool(16))}), 0),
    "of the organisation": (STEPPE, a_policy({"steppe": EIGHT}), 1),
    "of its class and its own": (
        STEPPE,
        a_policy({"steppe": EIGHT}, classes={"universities": EIGHT}),
        2,
    ),
}


@pytest.mark.parametrize(("audience", "policy", "findings"), CEILINGS.values(), ids=CEILINGS.keys())
def test_more_than_the_audience_may_hold_is_told(
    audience: Audience, policy: Policy, findings: int
) -> None:
    reserved = replace(policy, reservations={"a": replace(ONE, audience=audience)})

    odd = [one.kind for one in lint_reservations(reserved, ORGANISATIONS, nodes(4), NOON)]

    assert odd == [ReservationLint.OVER_CEILING] * findings


def test_every_kind_is_tested() -> None:
    assert {kind for _, want in ODD.values() for kind, _ in want} | {
        ReservationLint.OVER_CEILING,
        ReservationLint.UNKNOWN_PROJECT,
    } == set(ReservationLint)


def test_the_sentence_says_how_to_mend_it() -> None:
    policy = replace(a_policy(), reservations={"a": replace(ONE, pool="gpu/h20")})

    (odd,) = lint_reservations(policy, {}, nodes(4), NOON)

    assert odd.message == "gpu/h20 is no pool of this cluster; did you mean gpu/h200?"


def test_where_nothing_is_known_of_the_cluster_nothing_is_compared() -> None:
    policy = replace(a_policy(), reservations={"a": replace(ONE, pool="x/y", nodes=99)})

    assert list(lint_reservations(policy, {}, (), NOON)) == []


@pytest.mark.parametrize(
    ("organisation", "project", "odd"),
    [
        ("steppe", "speech", False),
        ("steppe", "speach", True),
        ("steppe", "", False),
        ("stranger", "speech", False),
    ],
)
def test_a_project_that_is_not_registered_is_told_where_its_organisation_is(
    organisation: str, project: str, odd: bool
) -> None:
    audience = Audience(organisation=organisation, project=project)
    policy = replace(a_policy(), reservations={"a": replace(ONE, audience=audience)})
    found = list(unknown_projects(policy, {"steppe": {"speech"}}))

    assert [(one.kind, one.key) for one in found] == [
        (ReservationLint.UNKNOWN_PROJECT, ("reservations", "a", "for_project"))
    ] * odd
    assert all("did you mean speech?" in str(one.message) for one in found)
