"""What verification finds: nothing wrong in a true receipt, and by name what a forger changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings

from scheduler.deciders import decide_again, decider
from scheduler.domain.snapshot import Snapshot
from scheduler.receipts.sealing import Opened, opened
from scheduler.receipts.verify import Check, Verdict, verify
from tests.allocator.worlds import worlds
from tests.receipts.cycles import (
    BY_SOLVER,
    a_cycle,
    a_file,
    cycles_of,
    forged,
    written,
)


@pytest.fixture(scope="module")
def receipts(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    folder = tmp_path_factory.mktemp("receipts")
    cycles = (a_cycle(1, 8, 4), a_cycle(2), a_cycle(3), a_cycle(4, 16, 2), a_cycle(5, 3, 1, 8))
    return written(folder, *cycles)


def verdict(content: bytes, before: bytes | None = None) -> Verdict:
    return verify(content, opened(before) if before else None, decide_again)


def wrong(found: Verdict) -> dict[Check, str]:
    return {one.check: " ".join(one.words) for one in found.findings if not one.holds}


def test_a_true_receipt_holds_in_everything(receipts: list[bytes]) -> None:
    assert cycles_of(receipts) == [1, 4, 5]
    for number, content in enumerate(receipts):
        found = verdict(content, receipts[number - 1] if number else None)
        assert wrong(found) == {}
        assert [one.check for one in found.findings] == list(Check)


@settings(max_examples=25, deadline=None)
@given(snapshot=worlds())
def test_the_solver_decides_again_alike(
    snapshot: Snapshot, tmp_path_factory: pytest.TempPathFactory
) -> None:
    (content,) = written(tmp_path_factory.mktemp("receipts"), snapshot, made=BY_SOLVER)

    assert wrong(verdict(content)) == {}


def other_place(outcome: Any) -> None:
    outcome["allocation"]["decisions"][0]["placement"]["nodes"] = ["n3"]


def start_taken_away(outcome: Any) -> None:
    del outcome["allocation"]["decisions"][0]


def better_bound(outcome: Any) -> None:
    outcome["allocation"]["status"] = "optimal"


def another_floor(snapshot: Any) -> None:
    snapshot["policy"]["organisation_default"]["ceiling"]["other"] = 1


def more_entitled(entitlements: Any) -> None:
    entitlements[0]["before"] += 1


def another_version(snapshot: Any) -> None:
    snapshot["policy_version"] = 7


# What a forger changes, sealed with care, and what gives it away.
FORGERIES: Mapping[str, tuple[str, Callable[[Any], None], Mapping[Check, str]]] = {
    "the place of a start": (
        "outcome",
        other_place,
        {Check.DECISIONS: "allocation.decisions[0].placement.nodes[0]: the receipt has 'n3'"},
    ),
    "a start that is gone": (
        "outcome",
        start_taken_away,
        {Check.AUDIT: "pending but not decided", Check.DECISIONS: "decisions[0]"},
    ),
    "a proof that was none": ("outcome", better_bound, {Check.DECISIONS: "allocation.status"}),
    "a number of the policy": (
        "snapshot",
        another_floor,
        {Check.AUDIT: "ceiling 1", Check.DECISIONS: "decisions", Check.ENTITLEMENTS: "before"},
    ),
    "an entitlement": ("entitlements", more_entitled, {Check.ENTITLEMENTS: "[0].before"}),
    "the policy's version": ("snapshot", another_version, {Check.PARTS: "policy_version"}),
}


@pytest.mark.parametrize(("part", "change", "told"), FORGERIES.values(), ids=FORGERIES.keys())
def test_a_careful_forgery_does_not_replay(
    receipts: list[bytes], part: str, change: Callable[[Any], None], told: Mapping[Check, str]
) -> None:
    found = wrong(verdict(forged(receipts[0], part, change)))

    assert set(found) == set(told)
    assert [check for check, words in told.items() if words not in found[check]] == []


@pytest.mark.parametrize(("part", "change", "told"), FORGERIES.values(), ids=FORGERIES.keys())
def test_a_forged_part_is_not_the_one_that_was_sealed(
    receipts: list[bytes], part: str, change: Callable[[Any], None], told: Mapping[Check, str]
) -> None:
    found = wrong(verdict(forged(receipts[0], part, change, sealed=False)))

    assert f"the {part} is not what was sealed" in found[Check.PARTS]


@pytest.mark.parametrize(("part", "change", "told"), FORGERIES.values(), ids=FORGERIES.keys())
def test_the_next_receipt_gives_a_forgery_away(
    receipts: list[bytes], part: str, change: Callable[[Any], None], told: Mapping[Check, str]
) -> None:
    found = wrong(verdict(receipts[1], before=forged(receipts[0], part, change)))

    assert "does not follow the receipt of cycle 1" in found[Check.CHAIN]


def test_a_missing_receipt_leaves_a_gap_in_the_chain(receipts: list[bytes]) -> None:
    found = wrong(verdict(receipts[2], before=receipts[0]))

    assert "one between them is missing" in found[Check.CHAIN]


def test_an_altered_link_of_an_idle_cycle_breaks_the_chain(receipts: list[bytes]) -> None:
    whole: Opened = opened(receipts[1])
    first, *others = whole.since
    since = (replace(first, policy_version=9), *others)
    found = wrong(verdict(a_file(whole.parts, whole.link, since), before=receipts[0]))

    assert len(whole.since) == 2
    assert "cycle 3 does not follow that of cycle 2" in found[Check.CHAIN]


def test_a_single_receipt_says_what_it_follows(receipts: list[bytes]) -> None:
    chain = {one.check: one.words for one in verdict(receipts[1]).findings}[Check.CHAIN]

    assert "over 2 cycles without one" in chain[0]


OTHER_DECIDERS = {"another one": ("name", "simplex"), "other limits": ("arguments", {"tabu": 3})}


@pytest.mark.parametrize(("field", "value"), OTHER_DECIDERS.values(), ids=OTHER_DECIDERS.keys())
def test_an_allocator_that_is_not_known_here_is_said(
    receipts: list[bytes], field: str, value: object
) -> None:
    content = forged(receipts[0], "decider", lambda part: part.update({field: value}))

    assert "cannot be replayed" in wrong(verdict(content))[Check.DECISIONS]


def test_a_decider_carries_every_argument_and_version() -> None:
    assert {"seed", "workers"} <= decider("cp-sat").arguments.keys()
    assert {"tendik", "ortools"} <= decider("cp-sat").versions.keys()
