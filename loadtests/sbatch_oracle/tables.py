"""Writes the tables of docs/sbatch.md from those that the reader uses."""

from __future__ import annotations

import re

from loadtests.stack import ROOT
from scheduler.domain.sbatch.environment import variables_table
from scheduler.domain.sbatch.options import options_table

GUIDE = ROOT / "docs" / "sbatch.md"


def with_tables(guide: str) -> str:
    """Return the guide with the tables of this version between their marks."""
    for name, table in (("variables", variables_table()), ("options", options_table())):
        start, end = re.search(rf"<!-- {name}: .* -->\n", guide), f"<!-- end of {name} -->"
        if start is None:
            raise ValueError(f"{GUIDE.name} has no place for the table of {name}")
        before, after = guide[: start.end()], guide[guide.index(end) :]
        guide = f"{before}\n{table.strip()}\n\n{after}"
    return guide


def main() -> None:
    """Write both tables anew."""
    GUIDE.write_text(with_tables(GUIDE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
