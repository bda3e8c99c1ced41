"""Ten thousand generated worlds through every allocator and every check of the audit."""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from time import monotonic

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from loadtests.figures import Figure
from scheduler.domain.snapshot import Snapshot
from tests.allocator.worlds import worlds
from tests.fairness.exercised import EXERCISES
from tests.fairness.judging import Broken, judge
from tests.fairness.saved import save

PROCESSES = 2
# Small batches, each with a seed of its own: the bar moves, and a failure is found again alone.
BATCH = 250
LATER_S = (0, 0, 60, 700)  # half of the worlds are decided again a minute or twelve later
DEFAULT_SEED = 20_260


@dataclass(frozen=True, slots=True)
class Judged:
    """What one batch came to; `broken` names the smallest world found that breaks a promise."""

    seed: int
    worlds: int
    exercised: Counter[str]
    broken: str = ""
    saved_as: str = ""


def judge_batch(number: int, examples: int) -> Judged:
    """Judge so many worlds drawn from this seed; shrink and save one that breaks a promise."""
    exercised: Counter[str] = Counter()
    judged = 0
    last: list[Broken] = []

    @seed(number)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
    @given(snapshot=worlds(), later_s=st.sampled_from(LATER_S))
    def every_promise_is_kept(snapshot: Snapshot, later_s: int) -> None:
        nonlocal judged
        judged += 1
        try:
            exercised.update(judge(snapshot, later_s))
        except Broken as broken:
            last[:] = [broken]
            raise

    try:
        every_promise_is_kept()
    except Broken:
        return Judged(number, judged, exercised, str(last[0]), save(last[0]).name)
    return Judged(number, judged, exercised)


def batches(examples: int, first_seed: int) -> Iterator[tuple[int, int]]:
    """Yield a seed and a size for each batch."""
    numbers = random.Random(first_seed)
    for begun in range(0, examples, BATCH):
        yield numbers.randrange(2**32), min(BATCH, examples - begun)


def judge_all(examples: int, first_seed: int) -> list[Judged]:
    columns = (TextColumn("worlds"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with ProcessPoolExecutor(PROCESSES) as pool, Progress(*columns) as progress:
        bar = progress.add_task("worlds", total=examples)
        tasks = [pool.submit(judge_batch, *batch) for batch in batches(examples, first_seed)]
        found = []
        for task in as_completed(tasks):
            found.append(task.result())
            progress.advance(bar, found[-1].worlds)
    return found


def as_table(exercised: Counter[str]) -> Table:
    table = Table("promise put to the test", "decisions")
    for what in (*EXERCISES, "decisions judged"):
        table.add_row(what, f"{exercised[what]:,}")
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
    asked = parser.parse_args()
    began = monotonic()
    console = Console()
    console.print(f"seed {asked.seed}: the same seed gives the same worlds")
    found = judge_all(asked.examples, asked.seed)
    exercised = sum((one.exercised for one in found), Counter[str]())
    console.print(as_table(exercised))
    broken = [one for one in found if one.broken]
    for one in broken:
        console.print(f"[red]broken[/] in batch {one.seed}: {one.broken}")
        console.print(f"  kept as tests/fairness/worlds/{one.saved_as}")
    judged = sum(one.worlds for one in found)
    never = [what for what in EXERCISES if not exercised[what]]
    detail = f"{judged:,} worlds, {exercised['decisions judged']:,} decisions, "
    detail += f"seed {asked.seed}, {monotonic() - began:.0f} s"
    Figure(
        name="check_fairness",
        value=len(broken),
        unit="batches with a broken promise",
        goal=f"0 in {asked.examples:,} worlds, every promise put to the test",
        holds=not broken and not never and judged >= asked.examples,
        detail=detail + (f", never tested: {', '.join(never)}" if never else ""),
    ).write()
    raise SystemExit(1 if broken else 0)


if __name__ == "__main__":
    main()
