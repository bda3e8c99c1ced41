"""Reservations of policy files, shipped and broken ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scheduler.domain.reservations.lint import ReservationLint, lint_reservations
from scheduler.domain.reservations.reservation import Audience, Reservation
from scheduler.policy_files import parse_policy
from tests.build import a_node
from tests.policies.test_policy_files import POLICIES, SHIPPED, read, refusals


def test_the_teaching_pool_keeps_students_small_and_reserves_their_lessons() -> None:
    _, policy = parse_policy(read(POLICIES / "teaching-pool.toml"))
    lesson, defence = policy.reservations.values()

    assert policy.limits_of_users("students").max_walltime_s == 3600
    assert policy.limits_of_users("students").max_job_gpus == 2
    assert (lesson.gpus, lesson.weekly, lesson.audience) == (16, True, Audience("students"))
    assert defence.audience == Audience(organisation="astana-university", project="defence")


def test_the_maintenance_window_is_for_nobody() -> None:
    _, policy = parse_policy(read(POLICIES / "maintenance-window.toml"))
    cooling, firmware = policy.reservations.values()

    assert cooling.is_maintenance
    assert firmware.is_maintenance
    assert firmware.node_names == ("gpu-03", "gpu-04")


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
@pytest.mark.parametrize("year", [2026, 2040])
def test_nothing_is_odd_about_the_shipped_reservations_but_that_they_end(
    path: Path, year: int
) -> None:
    _, policy = parse_policy(read(path))
    cluster = tuple(a_node(f"gpu-{n:02}", pool="alem/h200") for n in range(1, 9))

    now = datetime(year, 8, 1, tzinfo=UTC)
    odd = list(lint_reservations(policy, {"astana-university": "universities"}, cluster, now))

    kinds = [ReservationLint.ENDED] * len(policy.reservations) if year == 2040 else []
    assert [one.kind for one in odd] == kinds


RESERVED = """
title = "r"
[classes.students]
[reservations.lesson]
pool = "alem/h200"
gpus = 16
starts = 2026-09-01T09:00:00+05:00
ends = 2026-09-01T12:00:00+05:00
for_class = "students"
"""


def test_a_reservation_reaches_the_policy_in_utc() -> None:
    starts, ends = (datetime(2026, 9, 1, hour, tzinfo=UTC) for hour in (4, 7))
    lesson = Reservation("alem/h200", starts, ends, Audience("students"), gpus=16)
    weekly = 'every = "week"\nuntil = 2026-12-01T09:00:00Z\nduration = "3h"'

    assert parse_policy(RESERVED)[1].reservations == {"lesson": lesson}
    again = RESERVED.replace("ends = 2026-09-01T12:00:00+05:00", weekly)
    assert parse_policy(again)[1].reservations["lesson"] == replace(
        lesson, weekly=True, until=datetime(2026, 12, 1, 9, tzinfo=UTC)
    )


WRONG_RESERVATIONS = {
    'pool = "alem/h200"': {
        "": "line 4: reservations.lesson.pool: is missing; every reservation has a pool",
        'pool = "other"': "line 5: reservations.lesson.pool: must be one pool as partition/type",
    },
    "gpus = 16": {
        "": "line 4: reservations.lesson: needs one of gpus, nodes, node_names, whole_pool",
        "gpus = 16\nnodes = 2": "line 7: reservations.lesson.nodes: is given beside gpus; keep",
        "gpu = 16": "line 6: reservations.lesson.gpu: is not a key of this table; known: pool",
        "node_names = []": "line 6: reservations.lesson.node_names: names no node; name one",
        'node_names = ["a b"]': "line 6: reservations.lesson.node_names.0: must be a node as",
    },
    "starts = 2026-09-01T09:00:00+05:00": {
        "starts = 2026-09-01T09:00:00": "line 7: reservations.lesson.starts: has no offset, and is "
        "another time in another place; write it, such as 2026-09-01T09:00:00+05:00",
        "starts = 2026-09-01": "line 7: reservations.lesson.starts: must be a date and time with",
        "starts = 0001-01-01T00:00:00+05:00": "line 7: reservations.lesson.starts: must be in the",
        'starts = "soon"': "line 7: reservations.lesson.starts: must be a date and time with",
    },
    "ends = 2026-09-01T12:00:00+05:00": {
        "ends = 2026-09-01T03:59:59Z": "line 8: reservations.lesson.ends: is no later than starts",
        "": "line 4: reservations.lesson: needs one of ends, duration",
        'duration = "10s"': "line 8: reservations.lesson.duration: must be from 60s to",
        "ends = 9999-12-31T23:59:59-12:00": "line 8: reservations.lesson.ends: must be in the",
        'duration = "8d"\nevery = "week"': "line 8: reservations.lesson.duration: is more than a",
        'every = "month"\nduration = "1h"': "line 8: reservations.lesson.every: should be 'week'",
        'duration = "1h"\nuntil = 2027-01-01T00:00:00Z': "line 9: reservations.lesson.until: is",
        'duration = "1h"\nevery = "week"\nuntil = 2026-01-01T00:00:00Z': "line 10: "
        "reservations.lesson.until: is before starts",
    },
    'for_class = "students"': {
        'for_class = "student"': "line 9: reservations.lesson.for_class: 'student' is no class of "
        "this policy; did you mean students?",
        "": "line 4: reservations.lesson: needs one of for_class, for_organisation, maintenance",
        'for_class = "students"\nmaintenance = true': "line 10: reservations.lesson.maintenance: ",
        'maintenance = true\nfor_project = "x"': "line 10: reservations.lesson.for_project: is a",
    },
}


@pytest.mark.parametrize(
    ("line", "broken", "want"),
    [(line, *case) for line, cases in WRONG_RESERVATIONS.items() for case in cases.items()],
)
def test_a_broken_key_of_a_reservation_is_named(line: str, broken: str, want: str) -> None:
    assert line in RESERVED

    assert any(text.startswith(want) for text in refusals(RESERVED.replace(line, broken, 1)))
