"""The command that replays a trace: what it takes, refuses, compares and writes."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path

import pytest

from loadtests.replay.__main__ import Wish, chosen, name_of, wish_of
from loadtests.replay.plots import draw_all
from loadtests.replay.report import figures_of, table_of, write_json
from loadtests.replay.runs import (
    BASELINES,
    FIRST_COME,
    SLURM_NAMES,
    TENDIK,
    TENDIK_RECALL,
    Plan,
    Run,
    run_baseline,
)
from scheduler.simulation.traces import COLUMNS

SMALL = Plan(chosen(Wish("twelve-overloaded", jobs=60)))


@pytest.fixture(scope="module")
def runs() -> list[Run]:
    """Runs of everything, the service's pretended by the lowest share first."""
    others = [run_baseline(SMALL, name) for name in BASELINES]
    own = [replace(others[-1], name=name) for name in (TENDIK, TENDIK_RECALL)]
    return [*own, *others]


def test_the_command_line_becomes_a_wish_and_a_name() -> None:
    wish = wish_of(["--trace", "x.csv.gz", "--load", "0.85", "--jobs", "9", "--cycle-s", "2.5"])

    assert wish == Wish("x.csv.gz", load=0.85, jobs=9, cycle_s=2.5)
    assert name_of("x", wish) == "x-load085-first9"
    with pytest.raises(SystemExit):
        wish_of(["--trace", "x", "--allocator", "magic"])
    assert name_of("x", Wish("x", recall=0.3, load=1)) == "x-load100-recall030"


def test_a_trace_is_cut_scaled_and_made_recallable_in_this_order(tmp_path: Path) -> None:
    path = tmp_path / "t.csv.gz"
    rows = [f"{n},{10 * n},40,2,,a,b,60,," for n in range(40)]
    path.write_bytes(gzip.compress("\n".join([",".join(COLUMNS), *rows]).encode()))
    workload = chosen(Wish(str(path), load=0.7, jobs=20, recall=0.5, capacity=8))

    assert (len(workload.jobs), workload.capacity_gpus) == (20, 8)
    assert workload.load == pytest.approx(0.7)
    assert 0 < sum(job.recallable for job in workload.jobs) < 20
    with pytest.raises(ValueError, match="t was taken on no known machine: say its --capacity"):
        chosen(Wish(str(path)))


def test_a_trace_that_is_not_there_is_refused_with_what_there_is() -> None:
    with pytest.raises(ValueError, match=r"nothing is no file .*one of small-jobs-and-a-gang"):
        chosen(Wish("nothing"))


def test_only_whole_real_traces_make_figures_and_only_as_logged_have_the_goals() -> None:
    assert Wish("x.csv.gz").makes_figures
    assert not Wish("x.csv.gz", jobs=5).makes_figures
    assert not Wish("twelve-overloaded").makes_figures
    assert not Wish("x.csv.gz", load=0.7).is_as_logged


def test_the_table_and_the_json_have_every_scheduler(runs: list[Run], tmp_path: Path) -> None:
    table = table_of(runs, "title")
    write_json(tmp_path / "results.json", {"title": "t"}, runs)

    assert table.row_count == len(runs) == len(BASELINES) + 2
    written = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert list(written["schedulers"]) == [run.name for run in runs]
    assert written["schedulers"][FIRST_COME]["slowdown_mean"] > 1


def test_figures_hold_each_measure_against_the_best_setting_of_that_measure(
    runs: list[Run],
) -> None:
    figures = {figure.name: figure for figure in figures_of("t", "", runs)}
    best = min(run.measures.slowdown_p95 for run in runs if run.name in SLURM_NAMES)

    assert len(figures) == 12
    assert figures["replay_t_slowdown_p95"].value == runs[0].measures.slowdown_p95 / best
    assert figures["replay_t_recall_longest_wait"].goal == "<= 1.3"
    sdsc = {figure.name: figure for figure in figures_of("s", "sdsc_sp2_1998", runs)}
    goals = [sdsc[f"replay_s{kind}_slowdown_mean"].goal for kind in ("_recall", "")]
    assert goals == ["<= 0.55", "<= 0.95"]


def test_every_picture_is_written(runs: list[Run], tmp_path: Path) -> None:
    paths = draw_all(runs, SMALL.yardstick, tmp_path, "title")

    assert [path.name for path in paths] == [
        "shares.png",
        "waits.png",
        "utilisation.png",
        "slowdowns.png",
    ]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in paths)
