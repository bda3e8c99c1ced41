"""The check of start times sees whether they were honest."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from loadtests.eta_check.plot import draw
from loadtests.eta_check.report import figure_of, table_of, verdicts, with_at_once, write_json
from loadtests.eta_check.watched import CLASSES, Judged, Outcome, dealt, run
from loadtests.eta_slurm import Told, told_in
from loadtests.eta_slurm import figure_of as slurm_figure_of
from loadtests.replay.runs import quiet
from scheduler.allocator.greedy import allocate_greedily
from scheduler.domain.estimates import JobSize
from scheduler.simulation.synthetic import twelve_overloaded


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    quiet()
    return run(twelve_overloaded(0).first(300), allocate_greedily, 0.0, lambda _: None)


def honest(count: int = 400) -> list[Judged]:
    """Return jobs of all classes of which nine in ten started within their P90."""
    return [
        Judged(
            *(CLASSES[number % 4], "< 1 % of the work", JobSize.SMALL),
            wait_s=500 if number // 4 % 10 == 0 else 60 + number % 7,
            p50_s=63,
            p90_s=100,
            by_walltimes_s=300,
        )
        for number in range(count)
    ]


def test_every_job_is_either_told_or_started_at_once(outcome: Outcome) -> None:
    assert len(outcome.judged) + sum(outcome.at_once.values()) == 300
    assert all(0 <= one.p50_s <= one.p90_s for one in outcome.judged)
    assert {one.tenant_class for one in outcome.judged} <= set(CLASSES)


def test_honest_start_times_hold() -> None:
    found = list(verdicts(honest()))
    figure = figure_of("made_up", found, Outcome(tuple(honest()), {}, 1.0, 1.0))

    assert (figure.value, figure.holds) == (90.0, True)
    assert found[0].error_s < found[0].error_by_walltimes_s


@pytest.mark.parametrize("factor", [0.6, 10.0], ids=["too early", "too wide"])
def test_planted_miscalibration_is_seen(factor: float) -> None:
    planted = [replace(one, p90_s=one.p90_s * factor) for one in honest()]

    assert not figure_of("x", list(verdicts(planted)), Outcome(tuple(planted), {}, 1.0, 1.0)).holds


def test_miscalibration_of_one_class_is_seen_behind_the_others() -> None:
    planted = [
        replace(one, p90_s=1000) if one.tenant_class == "students" else one for one in honest()
    ]
    found = list(verdicts(planted))

    assert found[0].holds
    assert not figure_of("x", found, Outcome(tuple(planted), {}, 1.0, 1.0)).holds


def test_miscalibration_of_what_is_told_anew_is_seen() -> None:
    planted = [replace(one, p90_s=63) for one in honest()]
    found = list(verdicts(honest(), planted))

    assert (found[0].holds, found[-1].group) == (True, "told anew")
    assert not figure_of("x", found, Outcome(tuple(honest()), {}, 1.0, 1.0, tuple(planted))).holds


def test_who_started_at_once_counts_beside_and_not_among_those_that_waited() -> None:
    assert with_at_once(Outcome(tuple(honest()), {"students": 600}, 1.0, 1.0)) == pytest.approx(
        0.96
    )


def test_a_trace_in_which_nobody_waits_says_so() -> None:
    with pytest.raises(ValueError, match="nobody waited"):
        list(verdicts([]))


def test_organisations_are_dealt_to_all_classes_alike() -> None:
    found = dealt({f"org{number}" for number in range(8)})

    assert sorted(found.values()) == sorted([*CLASSES, *CLASSES])


def test_everything_is_written(outcome: Outcome, tmp_path: Path) -> None:
    found = list(verdicts(outcome.judged))
    write_json(tmp_path / "x" / "results.json", {}, found, outcome)

    assert table_of(found, "title").row_count == len(found)
    assert draw(outcome.judged, tmp_path / "x.png", "title").stat().st_size > 10_000
    assert (tmp_path / "x" / "results.json").exists()


def test_squeues_start_times_are_read_and_unknown_ones_left_out() -> None:
    assert told_in("cut-001|1700000000\ncut-002|N/A\n") == [("cut-001", 1700000000)]


def test_errors_are_compared_for_the_jobs_that_both_told() -> None:
    slurm = {"a": Told(0, 100, 200), "b": Told(0, 10, 1000)}
    ours = {"a": Told(0, 150, 200), "c": Told(0, 0, 0)}
    figure = slurm_figure_of(slurm, ours, "title")

    assert (figure.value, figure.holds) == (50.0, True)
    assert "for 1 jobs" in figure.detail
