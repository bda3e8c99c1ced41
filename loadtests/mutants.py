"""Plant each listed defect in a copy of the tree and see whether the tests find it."""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from queue import Queue

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from loadtests.figures import Figure
from tests.mutants.listing import ROOT, Mutant, all_mutants

COPIES = ROOT / "build" / "mutants"
COPIED = ("scheduler", "exporters", "policies", "loadtests", "tests", "pyproject.toml")
WORKERS = 2
# The whole subset takes about a minute when nothing is found; an endless loop is found by this.
TIME_LIMIT_S = 300
GOAL = 0.95
FAILED = re.compile(r"^FAILED (.+?)(?: - .*)?$", re.MULTILINE)
LEFT_OUT = (
    # A world that is still broken would look like a find as soon as a defect lets it pass.
    "tests/fairness/test_generated_worlds.py::test_a_world_that_broke_a_promise_keeps_it_now",
    # That a rule is gone must be noticed by its harm, not by a count.
    "tests/allocator/test_rules.py::test_every_rule_has_its_case",
)
OPTIONS = (
    "-x",
    "-q",
    "--no-header",
    "--tb=no",
    "-p",
    "no:cacheprovider",
    "--hypothesis-seed=0",
    *(f"--deselect={test}" for test in LEFT_OUT),
)


class Fate(StrEnum):
    """What became of a defect."""

    CAUGHT = "caught"
    TIMED_OUT = "caught by the time limit"
    SURVIVED = "survived"
    UNSURE = "found by a test that fails without it"
    DOES_NOT_RUN = "does not run"


FOUND = frozenset({Fate.CAUGHT, Fate.TIMED_OUT})


@dataclass(frozen=True, slots=True)
class Verdict:
    mutant: Mutant
    fate: Fate
    by: str = ""


def a_copy(number: int) -> Path:
    """Return a fresh copy of what the tests need."""
    folder = COPIES / str(number)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    skipped = shutil.ignore_patterns("__pycache__", "*.pyc")
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=skipped)
        else:
            shutil.copy2(source, folder / name)
    return folder


def run_tests(folder: Path, tests: Sequence[str]) -> tuple[int, str]:
    """Return pytest's exit code and output; -1 when the time limit ended it."""
    command = [sys.executable, "-B", "-m", "pytest", *OPTIONS, *tests]
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=TIME_LIMIT_S, check=False
        )
    except subprocess.TimeoutExpired:
        return -1, ""
    return done.returncode, done.stdout


def tried(folder: Path, mutant: Mutant) -> Verdict:
    """Plant the defect, run its tests, and take it out again."""
    path = folder / mutant.file
    text = path.read_text(encoding="utf-8")
    path.write_text(mutant.planted(text), encoding="utf-8")
    try:
        code, output = run_tests(folder, mutant.tests)
    finally:
        path.write_text(text, encoding="utf-8")
    found = FAILED.search(output)
    by = found.group(1) if found else ""
    # A find must be the defect's doing: what fails on the sound tree too has found nothing.
    if code == 1 and run_tests(folder, [by])[0] != 0:
        return Verdict(mutant, Fate.UNSURE, by)
    fates = {-1: Fate.TIMED_OUT, 0: Fate.SURVIVED, 1: Fate.CAUGHT}
    return Verdict(mutant, fates.get(code, Fate.DOES_NOT_RUN), by)


def sound(folder: Path, mutants: Iterable[Mutant]) -> None:
    """Refuse to go on where the tests fail without any defect: then all would look caught."""
    for tests in dict.fromkeys(mutant.tests for mutant in mutants):
        code, output = run_tests(folder, tests)
        if code != 0:
            raise SystemExit(f"without a defect the tests fail: {' '.join(tests)}\n{output}")


def try_all(mutants: Sequence[Mutant], workers: int) -> list[Verdict]:
    copies: Queue[Path] = Queue()
    for number in range(workers):
        copies.put(a_copy(number))
    first = copies.get()
    sound(first, mutants)
    copies.put(first)

    def one(mutant: Mutant) -> Verdict:
        folder = copies.get()
        try:
            return tried(folder, mutant)
        finally:
            copies.put(folder)

    columns = (TextColumn("defects"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with ThreadPoolExecutor(workers) as pool, Progress(*columns) as progress:
        bar = progress.add_task("defects", total=len(mutants))
        verdicts = {}
        for task in as_completed([pool.submit(one, mutant) for mutant in mutants]):
            verdict = task.result()
            verdicts[verdict.mutant.name] = verdict
            progress.advance(bar)
    return [verdicts[mutant.name] for mutant in mutants]


def as_table(verdicts: Iterable[Verdict]) -> Table:
    table = Table("defect", "in", "fate", "found by")
    for verdict in verdicts:
        colour = "green" if verdict.fate in FOUND else "red"
        where = verdict.mutant.file.removeprefix("scheduler/")
        fate = f"[{colour}]{verdict.fate}[/]"
        table.add_row(verdict.mutant.name, where, fate, verdict.by.removeprefix("tests/"))
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="only defects whose name or file has this text")
    parser.add_argument("--workers", type=int, default=WORKERS)
    asked = parser.parse_args()
    every = all_mutants()
    for mutant in every:  # a list that is no longer true is told of before anything runs
        mutant.planted((ROOT / mutant.file).read_text(encoding="utf-8"))
    chosen = [one for one in every if asked.only in one.name or asked.only in one.file]
    verdicts = try_all(chosen, asked.workers)
    Console(width=140).print(as_table(verdicts))
    caught = sum(verdict.fate in FOUND for verdict in verdicts)
    share = caught / len(verdicts)
    if not asked.only:
        Figure(
            name="mutants",
            value=100 * share,
            unit="% caught",
            goal=f">= {GOAL:.0%} of at least 40",
            holds=share >= GOAL and len(verdicts) >= 40,
            detail=f"{caught} of {len(verdicts)}; see docs/mutants.md",
        ).write()
    raise SystemExit(0 if share >= GOAL else 1)


if __name__ == "__main__":
    main()
