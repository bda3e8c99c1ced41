"""Seeded schedules of the engine against a Slurm that fails: is anything lost, or run twice?"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from os import cpu_count, nice
from pathlib import Path

from rich.console import Console
from rich.table import Table

from loadtests.figures import Figure
from loadtests.seeds import of_all
from scheduler.allocator.greedy import allocate_greedily
from scheduler.allocator.solve import CpSatAllocator
from scheduler.domain.history.lines import line_of
from scheduler.ports import Clock, Store
from scheduler.simulation.memory_store import MemoryStore
from scheduler.simulation.proof.simulation import STEPS, Setup, simulate
from scheduler.simulation.proof.verdicts import Verdict, judged
from scheduler.store.sql import open_store

SEEDS, ENGINES = 500, 2
# Each so many seeds run on SQLite, and each so many more with the searching allocator.
ON_SQLITE, SEARCHED = 50, 100
LEAST_KINDS = 5
COUNTED = {"lost": ("I4", "I9"), "run twice": ("I1",), "over quota": ("I3",)}


def in_memory(clock: Clock) -> Store:
    """Return a store that nothing outlives, and that is quick."""
    return MemoryStore(lambda: clock.now().timestamp())


def on_sqlite(clock: Clock) -> Store:
    """Return the store of the service, on SQLite in memory."""
    del clock
    return open_store("sqlite://")


def setup_of(seed: int, engines: int = ENGINES) -> Setup:
    """Return with what a seed is run: most on what is quick, some on what is real."""
    store = on_sqlite if seed % ON_SQLITE == ON_SQLITE - 1 else in_memory
    searched = seed % SEARCHED == SEARCHED // 2
    allocate = CpSatAllocator() if searched else allocate_greedily
    return Setup(allocate, store, engines, STEPS)


def verdict_of_seed(seed: int, engines: int = ENGINES) -> Verdict:
    """Run and judge one seed; may be called in another process."""
    return judged(seed, setup_of(seed, engines))


def summary(verdicts: Sequence[Verdict]) -> Table:
    """Return what all schedules come to."""
    table = Table("what", "how many")
    for name, number in totals(verdicts).items():
        table.add_row(name, f"{number:,}")
    return table


def totals(verdicts: Sequence[Verdict]) -> dict[str, int]:
    faults = sum((one.faults for one in verdicts), Counter[str]())
    return {
        "schedules": len(verdicts),
        "steps": sum(one.steps for one in verdicts),
        "kinds of fault in a schedule, least": min(len(one.faults) for one in verdicts),
        **{f"fault: {name}": faults[name] for name in sorted(faults)},
        "jobs": sum(one.jobs for one in verdicts),
        "jobs that ended": sum(one.ended for one in verdicts),
        "runs": sum(one.runs for one in verdicts),
        "extra starts by Slurm itself": sum(one.exempt.restarts for one in verdicts),
        "starts by the user's own release": sum(one.exempt.own_starts for one in verdicts),
        "rewritten by the user after the release": sum(one.exempt.own_changes for one in verdicts),
        **{name: sum(one.of(*keys) for one in verdicts) for name, keys in COUNTED.items()},
        "broken in all": sum(len(one.broken) for one in verdicts),
    }


def breaches(verdicts: Sequence[Verdict], most: int = 20) -> Table:
    """Return the first breaches, with the seed that shows each."""
    table = Table("seed", "broken", "how", "facts")
    found = [(one.seed, broken) for one in verdicts for broken in one.broken]
    for seed, broken in found[:most]:
        table.add_row(f"{seed}", broken.invariant, broken.words, ", ".join(map(str, broken.facts)))
    return table


def figures(verdicts: Sequence[Verdict]) -> Iterator[Figure]:
    found = totals(verdicts)
    enough = found["kinds of fault in a schedule, least"] >= LEAST_KINDS
    detail = (
        f"{found['schedules']:,} schedules of {STEPS} steps, {found['jobs']:,} jobs, "
        f"{found['runs']:,} runs, {found['extra starts by Slurm itself']:,} extra starts by Slurm"
    )
    for name in COUNTED:
        key = f"simulation_{name.replace(' ', '_')}"
        yield Figure(key, found[name], "", "= 0", found[name] == 0 and enough, detail)
    broken = found["broken in all"]
    yield Figure("simulation_broken", broken, "", "= 0", broken == 0 and enough, detail)


def show_one(seed: int, engines: int, path: Path) -> Verdict:
    """Run one seed and keep its history."""
    outcome = simulate(seed, setup_of(seed, engines))
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = "".join(f"{line_of(fact)}\n" for fact in outcome.facts)
    path.write_text(lines, encoding="utf-8")
    Console().print(f"history: {path}\ntrace hash: {outcome.digest}")
    return verdict_of_seed(seed, engines)


def main() -> None:
    """Run the seeds, print what came of them, and write the figures of a whole run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--engines", type=int, default=ENGINES)
    parser.add_argument("--processes", type=int, default=cpu_count())
    parser.add_argument("--seed", type=int, help="only this one, its history into build/histories")
    asked = parser.parse_args()
    nice(19)
    if asked.seed is not None:
        path = Path("build/histories") / f"{asked.seed}.jsonl"
        verdicts: Sequence[Verdict] = [show_one(asked.seed, asked.engines, path)]
    else:
        seeds = range(asked.first, asked.first + asked.seeds)
        ask = partial(verdict_of_seed, engines=asked.engines)
        verdicts = of_all(ask, seeds, "schedules", asked.processes)
    Console().print(summary(verdicts))
    if any(one.broken for one in verdicts):
        Console().print(breaches(verdicts))
    if asked.seed is None:
        for figure in figures(verdicts):
            figure.write()
    raise SystemExit(1 if any(one.broken for one in verdicts) else 0)


if __name__ == "__main__":
    main()
