"""`tendik reservations` shows what is set apart, when and for whom."""

from __future__ import annotations

import json

from tests.cli.conftest import Tendik
from tests.cli.service import Service


def test_live_and_upcoming_windows_are_shown_with_their_nodes(tendik: Tendik) -> None:
    head, course, cooling, students = tendik("reservations").stdout.splitlines()

    assert head.split() == [
        "RESERVATION",
        "STATE",
        "POOL",
        "GPUS",
        "FOR",
        "STARTS",
        "ENDS",
        "NODES",
    ]
    assert course.split()[:5] == ["course", "live", "alem/h200", "16", "steppe/vision"]
    assert course.endswith("gpu-03,gpu-04")
    assert cooling.split()[:5] == ["cooling", "upcoming", "alem/h200", "8", "maintenance"]
    assert students.split()[4] == "students"


def test_programs_are_told_for_whom_in_fields(tendik: Tendik) -> None:
    course, cooling, students = json.loads(tendik("reservations", "--format", "json").stdout)

    assert (course["organisation"], course["project"], course["tenant_class"]) == (
        "steppe",
        "vision",
        None,
    )
    assert (course["state"], course["weekly"], course["maintenance"]) == ("live", True, False)
    assert (cooling["state"], cooling["maintenance"]) == ("upcoming", True)
    assert students["tenant_class"] == "students"


def test_where_nothing_is_set_apart_that_is_said(tendik: Tendik, service: Service) -> None:
    service.reservations = []

    result = tendik("reservations")

    assert (result.stdout, result.stderr) == ("", "no reservation is live or comes\n")
