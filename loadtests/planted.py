"""Plant each defect of the submit protocol in a copy of the tree: how many seeds does it live?"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from multiprocessing.pool import ThreadPool
from os import cpu_count, nice
from pathlib import Path
from queue import Queue

from rich.console import Console
from rich.progress import track
from rich.table import Table

from loadtests.figures import Figure
from loadtests.mutants import a_copy
from loadtests.seeds import quiet
from loadtests.simulate import ENGINES, setup_of
from scheduler.simulation.proof.verdicts import judged
from tests.mutants.listing import FOLDER, ROOT, Mutant, all_mutants

SIMULATED = FOLDER / "simulation"
SEEDS = 500
LEAST = 20
# An endless loop is found by this.
TIME_LIMIT_S = 1800


@dataclass(frozen=True, slots=True)
class Found:
    """The first seed that breaks an invariant, and how; a seed below 0 means that none did."""

    seed: int = -1
    invariant: str = ""
    words: str = ""


def hunt(seeds: int) -> Found:
    """Return what the first seed finds that finds anything."""
    for seed in range(seeds):
        verdict = judged(seed, setup_of(seed, ENGINES))
        if verdict.broken:
            first = verdict.broken[0]
            return Found(seed, first.invariant, first.words)
    return Found()


def hunted(folder: Path, mutant: Mutant, seeds: int) -> Found:
    """Plant the defect, hunt for it in a process of its own, and take it out again."""
    path = folder / mutant.file
    text = path.read_text(encoding="utf-8")
    path.write_text(mutant.planted(text), encoding="utf-8")
    command = [sys.executable, "-B", "-m", "loadtests.planted", "--hunt", f"{seeds}"]
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=TIME_LIMIT_S, check=False
        )
    finally:
        path.write_text(text, encoding="utf-8")
    if done.returncode:
        raise SystemExit(f"«{mutant.name}» does not run: {done.stderr[-2000:]}")
    return Found(**json.loads(done.stdout))


def try_all(mutants: Sequence[Mutant], seeds: int, workers: int) -> list[Found]:
    """Return what became of each defect, some at once, each in a copy of its own."""
    copies: Queue[Path] = Queue()
    for number in range(workers):
        copies.put(a_copy(number))

    def one(mutant: Mutant) -> Found:
        folder = copies.get()
        try:
            return hunted(folder, mutant, seeds)
        finally:
            copies.put(folder)

    found = []
    with ThreadPool(workers) as pool:
        tried = zip(mutants, pool.imap(one, mutants), strict=True)
        for mutant, which in track(tried, "planted bugs", total=len(mutants)):
            Console(stderr=True).print(f"{mutant.name}: {which.seed} {which.invariant}")
            found.append(which)
    return found


def as_table(mutants: Sequence[Mutant], found: Sequence[Found]) -> Table:
    table = Table("planted bug", "in", "found by seed", "broken", "how")
    for mutant, one in zip(mutants, found, strict=True):
        seed = f"{one.seed}" if one.seed >= 0 else "[red]none[/]"
        where = mutant.file.removeprefix("scheduler/")
        table.add_row(mutant.name, where, seed, one.invariant, one.words)
    return table


def figure(found: Sequence[Found], seeds: int) -> Figure:
    caught = sum(one.seed >= 0 for one in found)
    latest = max(one.seed for one in found)
    detail = f"{caught} of {len(found)}, the last by seed {latest} of {seeds}"
    holds = caught == len(found) and len(found) >= LEAST
    return Figure("planted_bugs", caught, "found", f"all, >= {LEAST}", holds, detail)


def main() -> None:
    """Try every defect, print which seed finds it, and write the figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="only defects whose name has this text")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--workers", type=int, default=cpu_count())
    parser.add_argument("--hunt", type=int, help="look for a breach in this tree, print the first")
    asked = parser.parse_args()
    nice(19)
    if asked.hunt is not None:
        quiet()
        sys.stdout.write(json.dumps(asdict(hunt(asked.hunt))))
        return
    every = all_mutants(SIMULATED)
    for mutant in every:
        mutant.planted((ROOT / mutant.file).read_text(encoding="utf-8"))
    chosen = [one for one in every if asked.only in one.name]
    found = try_all(chosen, asked.seeds, asked.workers)
    Console(width=140).print(as_table(chosen, found))
    if not asked.only:
        figure(found, asked.seeds).write()
    raise SystemExit(0 if all(one.seed >= 0 for one in found) else 1)


if __name__ == "__main__":
    main()
