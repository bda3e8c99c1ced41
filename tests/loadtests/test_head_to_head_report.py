"""The comparison says who is better, and by how much, and draws it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from loadtests.head_to_head.plot import busy_gpus, draw
from loadtests.head_to_head.report import CONTESTS, as_table, figures_of, measured, write_json
from scheduler.simulation.finished import FinishedJob


def a_schedule(*starts_s: float) -> Sequence[FinishedJob]:
    """Return gangs of 32 GPUs for 20 s that two organisations submit in turn, all at second 0."""
    return [
        FinishedJob(f"j{n}", f"org{n % 2}", "u", 32, 0, start_s, start_s + 20, 20)
        for n, start_s in enumerate(starts_s)
    ]


RUNS = {"slurm-alone": a_schedule(0, 30, 60, 90), "tendik": a_schedule(0, 0, 20, 20)}


def test_a_better_schedule_reaches_its_goals() -> None:
    figures = {figure.name: figure for figure in figures_of(measured(RUNS), "tendik", "a test")}
    assert len(figures) == len(CONTESTS)
    assert figures["head_to_head_gang_wait_mean"].value == 10 / 45
    assert figures["head_to_head_gang_wait_mean"].holds
    assert figures["head_to_head_worst_lag"].value < 1


def test_a_worse_schedule_does_not_hold() -> None:
    swapped = {"slurm-alone": RUNS["tendik"], "tendik": RUNS["slurm-alone"]}
    figures = {figure.name: figure for figure in figures_of(measured(swapped), "tendik", "a test")}
    assert not figures["head_to_head_gang_wait_mean"].holds
    assert "45 against 10;" in figures["head_to_head_gang_wait_mean"].detail


def test_figures_with_recall_have_names_of_their_own() -> None:
    with_recall = {**RUNS, "tendik-recall": RUNS["tendik"]}
    names = {figure.name for figure in figures_of(measured(with_recall), "tendik-recall", "a test")}
    assert "head_to_head_recall_undelivered" in names


def test_an_equal_schedule_is_not_better() -> None:
    same = {"slurm-alone": RUNS["tendik"], "tendik": RUNS["tendik"]}
    assert not any(figure.holds for figure in figures_of(measured(same), "tendik", "a test"))


def test_the_table_has_a_column_for_each_run() -> None:
    console = Console(record=True, width=160)
    console.print(as_table(measured(RUNS), "a test"))
    text = console.export_text()
    assert "slurm-alone" in text
    assert "mean wait of gangs" in text


def test_busy_gpus_are_the_mean_of_each_window() -> None:
    assert busy_gpus(RUNS["slurm-alone"], end_s=45) == [32, 32, 0, 32, 32]


def test_the_results_are_written_and_drawn(tmp_path: Path) -> None:
    write_json(measured(RUNS), "a test", tmp_path / "found.json")
    draw(RUNS, "a test", tmp_path / "found.png")
    assert '"gang_wait_mean_s": 45.0' in (tmp_path / "found.json").read_text(encoding="utf-8")
    assert (tmp_path / "found.png").read_bytes().startswith(b"\x89PNG")
