"""Writes docs/replays.md anew from what `make replay` left under build/replay/."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from loadtests.replay.report import COLUMNS, FOLDER, Column
from loadtests.replay.runs import FIRST_COME, SLURM_NAMES, TENDIK, TENDIK_RECALL

PAGE = FOLDER.parent.parent / "docs" / "replays.md"
HEAD = """\
# Replays, measured

Each table is one replay with every scheduler in it, made by `make replay TRACE=…` and written here
by `make replay-tables`. The best of each column is bold, whoever reached it. What the rows and
columns mean, and how to read them, is in [simulation.md](simulation.md). In *Tendik, recall* the
part of the jobs that the title names may be recalled; the others recall nothing.
"""

SUMMARY = """\
## Beside the best of eleven Slurm settings

In brackets: the service's value ÷ the best that any of the settings reaches in that measure (of
Jain's index that best itself). The longest wait is beside FCFS + EASY's, utilisation in points.

| replay | | slowdown mean | p95 | worst rho | Jain | longest wait | utilisation |
|---|---|---|---|---|---|---|---|"""

Rows = Mapping[str, Mapping[str, Any]]


def main() -> None:
    """Write the page from every replay of a trace, by its name."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in FOLDER.glob("*/results.json")]
    traces = [one for one in found if str(one["workload"]["trace"]).endswith(".csv.gz")]
    if not traces:
        sys.exit("make replay-tables: build/replay/ holds no replay of a trace")
    titled = {one["workload"]["title"]: one["schedulers"] for one in traces}
    tables = [table(title, titled[title]) for title in sorted(titled)]
    PAGE.write_text("\n".join([HEAD, summary(titled), *tables]), encoding="utf-8")


def summary(titled: Mapping[str, Rows]) -> str:
    """Return the service's runs beside the best that any of Slurm's settings reaches in each."""
    lines = [
        f"| {title.partition(':')[0]} | {own} | {' | '.join(_beside(own, titled[title]))} |"
        for title in sorted(titled)
        for own in (TENDIK, TENDIK_RECALL)
        if own in titled[title]
    ]
    return "\n".join([SUMMARY, *lines, ""])


def _beside(own: str, rows: Rows) -> Iterator[str]:
    row, slurm = rows[own], [rows[name] for name in SLURM_NAMES]
    for name in ("slowdown_mean", "slowdown_p95", "worst_rho"):
        best = min(float(other[name]) for other in slurm)
        yield f"{row[name]:,.2f} ({row[name] / best:.2f} ×)"
    yield f"{row['jain']:.3f} ({max(other['jain'] for other in slurm):.3f})"
    yield f"{row['wait_max_s'] / max(rows[FIRST_COME]['wait_max_s'], 1):.2f} ×"
    best = max(float(other["utilisation"]) for other in slurm)
    yield f"{(row['utilisation'] - best) * 100:+.2f}"


def table(title: str, rows: Rows) -> str:
    lines = [f"## {title}", "", f"| | {' | '.join(column.title for column in COLUMNS)} | recalls |"]
    lines.append("|---" * (len(COLUMNS) + 2) + "|")
    lines += [f"| {name} | {' | '.join(_cells(row, rows))} |" for name, row in rows.items()]
    return "\n".join([*lines, ""])


def _cells(row: Mapping[str, Any], rows: Rows) -> Iterator[str]:
    for column in COLUMNS:
        text = _text(column, row)
        yield f"**{text}**" if text == _best(column, rows) else text
    yield f"{row['recalls']:,}"


def _best(column: Column, rows: Rows) -> str:
    choose = max if column.more_is_better else min
    return _text(column, choose(rows.values(), key=lambda row: float(row[column.name])))


def _text(column: Column, row: Mapping[str, Any]) -> str:
    return f"{float(row[column.name]) * column.scale:,{column.form}}"


if __name__ == "__main__":
    main()
