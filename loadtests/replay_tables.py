"""Writes docs/replays.md anew from what `make replay` left under build/replay/."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from loadtests.replay import FOLDER
from loadtests.replay_report import COLUMNS, Column

PAGE = FOLDER.parent.parent / "docs" / "replays.md"
HEAD = """\
# Replays, measured

Each table is one replay with every scheduler in it, made by `make replay TRACE=…` and written here
by `make replay-tables`. The best of each column is bold, whoever reached it. What the rows and
columns mean, and how to read them, is in [simulation.md](simulation.md). In *Tendik, recall* the
part of the jobs that the title names may be recalled; the others recall nothing.
"""

Rows = Mapping[str, Mapping[str, Any]]


def main() -> None:
    """Write the page from every replay of a trace, by its name."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in FOLDER.glob("*/results.json")]
    traces = [one for one in found if str(one["workload"]["trace"]).endswith(".csv.gz")]
    if not traces:
        sys.exit("make replay-tables: build/replay/ holds no replay of a trace")
    tables = [_table(one["workload"]["title"], one["schedulers"]) for one in traces]
    PAGE.write_text("\n".join([HEAD, *sorted(tables)]), encoding="utf-8")


def _table(title: str, rows: Rows) -> str:
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
