"""The page of measured replays says who was the best, and how far the service is from it."""

from __future__ import annotations

from collections.abc import Mapping

from loadtests.replay.report import COLUMNS
from loadtests.replay.runs import FIRST_COME, SLURM_NAMES, TENDIK
from loadtests.replay.tables import summary, table


def a_row(**measures: float) -> Mapping[str, float]:
    return {column.name: 1.0 for column in COLUMNS} | {"recalls": 0} | measures


def test_the_best_of_a_column_is_bold_and_others_are_not() -> None:
    rows = {TENDIK: a_row(slowdown_mean=2, jain=0.9), FIRST_COME: a_row(slowdown_mean=3, jain=0.5)}

    lines = table("a trace", rows).splitlines()

    assert "| **2.00** |" in lines[-2]
    assert "| 3.00 |" in lines[-1]
    assert "| **0.900** |" in lines[-2]
    assert "| 0.500 |" in lines[-1]


def test_the_summary_compares_with_the_best_of_slurms_settings() -> None:
    settings = {name: a_row(slowdown_mean=8, jain=0.4) for name in SLURM_NAMES}
    settings[SLURM_NAMES[1]] = a_row(slowdown_mean=4, jain=0.8)
    rows = {
        TENDIK: a_row(slowdown_mean=2, jain=0.9, wait_max_s=30),
        FIRST_COME: a_row(wait_max_s=20),
        **settings,
    }

    (line,) = (line for line in summary({"a trace: 9 jobs": rows}).splitlines() if TENDIK in line)

    assert line.startswith(f"| a trace | {TENDIK} | 2.00 (0.50 ×) |")
    assert line.endswith("| 0.900 (0.800) | 1.50 × | +0.00 |")
