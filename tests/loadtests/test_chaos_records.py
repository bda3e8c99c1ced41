"""Rounds add up over several runs, and a figure holds only if no job of ours fared badly."""

from __future__ import annotations

from pathlib import Path

from loadtests.chaos.faults import FAULTS, SHORT_CUT
from loadtests.chaos.judging import Outcome
from loadtests.chaos.records import Record, read_counts
from loadtests.chaos.report import figures_of
from loadtests.chaos.run import Plan


def a_record(*, lost: int = 0, touched: tuple[str, ...] = ()) -> Record:
    ours = {Outcome.ONCE: 6 - lost, Outcome.LOST: lost}
    naive = {Outcome.DOUBLED: 3, Outcome.LOST: 1}
    return Record("r0", "node died", 1, "2026-01-01", ours, naive, touched, (), ())


def test_rounds_of_two_runs_add_up(tmp_path: Path) -> None:
    for _ in range(2):
        a_record().append_to(tmp_path / "rounds.jsonl")

    counts = read_counts(tmp_path / "rounds.jsonl")["node died"]

    assert counts.rounds == 2
    assert counts.ours[Outcome.ONCE] == 12
    assert counts.naive[Outcome.DOUBLED] == 6


def test_no_file_means_no_rounds(tmp_path: Path) -> None:
    assert read_counts(tmp_path / "none") == {}


def test_a_lost_job_and_a_touched_stranger_are_told_by_the_figures(tmp_path: Path) -> None:
    a_record(lost=1, touched=("r0-stranger",)).append_to(tmp_path / "rounds.jsonl")

    figures = figures_of(read_counts(tmp_path / "rounds.jsonl"))

    broken = {figure.name for figure in figures if not figure.holds}
    assert broken == {"chaos_rounds", "chaos_lost_jobs", "chaos_strangers_touched"}


def test_a_record_is_clean_only_where_every_promise_was_kept() -> None:
    assert a_record().is_clean
    assert not a_record(lost=1).is_clean
    assert not a_record(touched=("r0-stranger",)).is_clean


def test_faults_take_turns_and_each_round_has_a_seed_of_its_own() -> None:
    plan = Plan(("slurmd killed", "node died"), rounds=3, seed=40)

    assert [plan.round(number)[:2] for number in range(3)] == [
        ("slurmd killed", 40),
        ("node died", 41),
        ("slurmd killed", 42),
    ]


def test_rounds_that_broke_off_go_on_where_they_stood() -> None:
    plan = Plan(("slurmd killed", "node died"), rounds=4, seed=40, first=1)

    assert [plan.round(number)[0] for number in plan.numbers] == [
        "node died",
        "slurmd killed",
        "node died",
    ]


def test_the_short_cut_plays_faults_that_exist() -> None:
    assert set(SHORT_CUT) <= set(FAULTS)
