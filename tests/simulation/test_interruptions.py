"""What strikes a replica comes at the call that it waits for."""

from __future__ import annotations

from scheduler.simulation.proof.faults import FAULTS
from scheduler.simulation.proof.interruptions import CHANGES, Interruption, moment_of
from scheduler.simulation.proof.temper import NARROW


def moments() -> list[str]:
    """Return the moments of some calls of a tick."""
    calls: list[tuple[str, list[object]]] = [
        ("live_changes", [7]),
        ("answer", ["scontrol", "--details", "--oneliner", "show", "node"]),
        ("answer", ["squeue", "--noheader"]),
        ("apply", [(), 1]),
        ("apply", [("a move",), 1]),
        ("ask", ["scontrol", "update", "JobId=101"]),
        ("answer", ["scancel", "101"]),
    ]
    return [moment_of(call, arguments) for call, arguments in calls]


def struck(interruption: Interruption) -> int:
    """Return before which of the calls it comes."""
    return [interruption.is_due(moment) for moment in moments()].index(True)


def test_an_interruption_comes_at_the_so_manieth_call() -> None:
    assert struck(Interruption(lambda: None, 3)) == 2


def test_an_interruption_waits_for_its_moment_and_a_write_of_nothing_is_none() -> None:
    assert struck(Interruption(lambda: None, 1, "apply")) == 4
    assert struck(Interruption(lambda: None, 1, "scontrol update")) == 5


def test_what_changes_something_is_a_moment_by_its_name() -> None:
    assert {"apply", "scontrol update", "scancel"} <= set(moments()) & set(CHANGES)


def test_narrow_schedules_hold_faults_that_exist() -> None:
    assert set(NARROW) <= FAULTS.keys()
