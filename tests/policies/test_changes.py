"""A new policy is told in sentences: what changes, and for whom."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scheduler.domain.changes.differences import changes
from scheduler.domain.reservations.reservation import Audience, Reservation
from scheduler.domain.reservations.words import in_words, reservation_changes
from scheduler.policy_files import parse_policy
from tests.build import at

OLD = """
title = "old"
[classes.students]
[classes.universities]
floor_gpus = { "alem/h200" = 8 }
[organisations.x]
ceiling_gpus = 32
"""

CHANGES = {
    "nothing": ("", "", []),
    "a ceiling in every pool": (
        "ceiling_gpus = 32",
        "ceiling_gpus = 16",
        ["organisations.x: ceiling 32 -> 16 GPUs in every pool"],
    ),
    "a ceiling in one pool": (
        "ceiling_gpus = 32",
        'ceiling_gpus = { "alem/h200" = 8, other = 32 }',
        ["organisations.x: ceiling 32 -> 8 GPUs in alem/h200"],
    ),
    "a floor that goes": (
        'floor_gpus = { "alem/h200" = 8 }',
        "",
        ["classes.universities: floor 8 -> 0 GPUs in alem/h200"],
    ),
    "floors elsewhere": (
        '"alem/h200" = 8',
        '"alem/h200" = 8, other = 1',
        ["classes.universities: floor 0 -> 1 GPUs in every other pool"],
    ),
    "a class that goes": (
        "[classes.students]\n",
        "",
        ["classes.students: is removed; no organisation may be of it any more"],
    ),
    "a class that comes": (
        "[classes.students]",
        "[classes.students]\n[classes.startups]\nshare = 2\nborrowing_limit_gpus = 0",
        [
            "classes.startups: is new, with share 2",
            "classes.startups: borrowing limit no limit -> 0 GPUs in every pool",
        ],
    ),
    "a share": (
        "[classes.students]",
        "[classes.students]\nshare = 3",
        ["classes.students: share 1 -> 3"],
    ),
    "an organisation that loses its table": (
        "[organisations.x]\nceiling_gpus = 32",
        "",
        [
            "organisations.x: is not named any more; its class's default holds for it",
            "organisations.x: ceiling 32 -> no limit in every pool",
        ],
    ),
    "the default of organisations": (
        "[organisations.x]",
        "[organisations.default]\nfloor_gpus = 2\nlending_limit_gpus = 1\n[organisations.x]",
        [
            "organisations.default: floor 0 -> 2 GPUs in every pool",
            "organisations.default: lending limit no limit -> 1 GPUs in every pool",
        ],
    ),
    "rates, usage and limits": (
        'title = "old"',
        'title = "new"\nrates = { a100 = 0.5 }\nusage = { half_life = "1d", weight = 0 }\n'
        'user_limits = { max_held_gpus = 8, max_walltime = "90m" }',
        [
            "rates.a100: a GPU-hour counts 1 -> 0.5",
            "usage.half_life: 168h -> 24h for everybody",
            "usage.weight: 1 -> 0",
            "user_limits.max_held_gpus: no limit -> 8 for every user",
            "user_limits.max_walltime: 168h -> 1.5h for every user",
        ],
    ),
    "waits and recalls": (
        "[classes.students]",
        '[wait]\nguard = "2h"\nspare_places = "gangs"\n'
        '[recall]\nenabled = true\nnotice = "1m"\nmin_runtime = "2h"\n'
        'by = "shares"\n[order]\nown_jobs = "shortest"\n'
        "[classes.students]",
        [
            "recall: taking borrowed GPUs back is switched on",
            "wait.guard: 86400s -> 7200s",
            "recall.notice: 120s -> 60s",
            "recall.min_runtime: 3600s -> 7200s",
            "order.own_jobs: oldest -> shortest",
            "wait.spare_places: nobody -> gangs",
            "recall.by: entitlements -> shares",
        ],
    ),
    "a reservation that comes": (
        "[classes.students]",
        "[classes.students]\n"
        '[reservations.lesson]\npool = "alem/h200"\ngpus = 16\nstarts = 2026-09-01T09:00:00+05:00\n'
        'duration = "3h"\nevery = "week"\nfor_class = "students"',
        [
            "reservations.lesson: is new, 16 GPUs in alem/h200 for students each week from "
            "2026-09-01 04:00 to 2026-09-01 07:00 UTC",
        ],
    ),
}

LESSON = Reservation("alem/h200", at(0), at(7200), Audience("students"), nodes=2)
RESERVED = {
    "a change": (
        replace(LESSON, audience=Audience(organisation="x", project="y")),
        "reservations.lesson: was 2 whole nodes in alem/h200 for students from 2026-03-02 12:00 to "
        "2026-03-02 14:00 UTC; is 2 whole nodes in alem/h200 for x/y from 2026-03-02 12:00 to "
        "2026-03-02 14:00 UTC",
    ),
    "an end of the weeks": (
        replace(LESSON, nodes=0, node_names=("n1", "n2"), weekly=True, until=at(3600)),
        "reservations.lesson: was 2 whole nodes in alem/h200 for students from 2026-03-02 12:00 to "
        "2026-03-02 14:00 UTC; is the nodes n1, n2 in alem/h200 for students each week from "
        "2026-03-02 12:00 to 2026-03-02 14:00 UTC, until 2026-03-02 13:00 UTC",
    ),
    "its end": (
        None,
        "reservations.lesson: is removed; it was 2 whole nodes in alem/h200 for students from "
        "2026-03-02 12:00 to 2026-03-02 14:00 UTC",
    ),
    "nothing": (LESSON, None),
}


@pytest.mark.parametrize(("after", "want"), RESERVED.values(), ids=RESERVED.keys())
def test_what_becomes_of_a_reservation_is_told(after: Reservation | None, want: str | None) -> None:
    old, new = {"lesson": LESSON}, {"lesson": after} if after else {}

    assert list(reservation_changes(old, new)) == ([want] if want else [])


def test_maintenance_of_a_whole_pool_is_told_as_such() -> None:
    one = Reservation("alem/h200", at(0), at(7200))

    assert in_words(one) == (
        "the whole of alem/h200 for maintenance from 2026-03-02 12:00 to 2026-03-02 14:00 UTC"
    )


@pytest.mark.parametrize(("old", "new", "want"), CHANGES.values(), ids=CHANGES.keys())
def test_a_change_is_told(old: str, new: str, want: list[str]) -> None:
    _, before = parse_policy(OLD)
    _, after = parse_policy(OLD.replace(old, new, 1))

    assert list(changes(before, after)) == want


def test_the_first_policy_names_its_classes() -> None:
    _, policy = parse_policy(OLD)

    assert changes(None, policy) == (
        "this is the first policy; its classes are students, universities",
    )
