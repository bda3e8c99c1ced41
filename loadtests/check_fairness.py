"""Ten thousand generated worlds through every allocator and every check of the audit."""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from time import monotonic

from hypothesis import HealthCheck, Phase, given, reject, seed, settings
from hypothesis import strategies as st
from rich.console import Console
from rich.table import Table

from loadtests.figures import Figure
from loadtests.seeds import of_all
from scheduler.domain.policies import RecallBy, RecallRules
from scheduler.domain.snapshot import Snapshot
from scheduler.receipts.codec import encode
from tests.allocator.worlds import worlds
from tests.fairness.exercised import EXERCISES
from tests.fairness.judging import Broken, judge, with_recall
from tests.fairness.saved import FOLDER, save

# Small batches, each with a seed of its own: the bar moves, a failure is found again alone, and
# the worlds do not depend on the number of processes.
BATCH = 250
# A few of a batch's worlds are in other batches, too; so many more make up for them.
SPARE = 8
LATER_S = (0, 0, 60, 700)  # half of the worlds are decided again a minute or twelve later
# Half of the worlds have recall: at once and of whatever runs, or late and with notice; of what is
# above entitlements, or from who has the higher share.
AT_ONCE, LATE = RecallRules(True, 0, 0), RecallRules(True, 120, 2400)
RECALL = (
    *[RecallRules()] * 4,
    *(replace(rules, by=by) for rules in (AT_ONCE, LATE) for by in RecallBy),
)
DEFAULT_SEED = 20_260


@dataclass(frozen=True, slots=True)
class Batch:
    """So many worlds, all unlike, drawn from a seed."""

    seed: int
    worlds: int


@dataclass(frozen=True, slots=True)
class Judged:
    """What one batch came to; `broken` names the smallest world found that breaks a promise."""

    seed: int
    worlds: tuple[bytes, ...]
    exercised: Counter[str]
    broken: str = ""
    saved_as: str = ""


def judge_batch(batch: Batch, keep_in: Path = FOLDER) -> Judged:
    """Judge so many worlds drawn from this seed; shrink and save one that breaks a promise.

    Hypothesis also draws numbers that it finds in those of our modules that are imported: the
    worlds are the same in all processes that do nothing else, and for the same code.
    """
    exercised: Counter[str] = Counter()
    judged: dict[bytes, None] = {}
    last: list[Broken] = []

    @seed(batch.seed)
    @settings(
        max_examples=batch.worlds,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
    @given(
        snapshot=st.builds(with_recall, worlds(), st.sampled_from(RECALL)),
        later_s=st.sampled_from(LATER_S),
    )
    def every_promise_is_kept(snapshot: Snapshot, later_s: int) -> None:
        name = name_of(snapshot, later_s)
        if name in judged:
            reject()
        try:
            exercised.update(judge(snapshot, later_s))
        except Broken as broken:
            last[:] = [broken]
            raise
        judged[name] = None

    try:
        every_promise_is_kept()
    except Broken:
        saved_as = save(last[0], keep_in).name
        return Judged(batch.seed, tuple(judged), exercised, str(last[0]), saved_as)
    return Judged(batch.seed, tuple(judged), exercised)


def name_of(snapshot: Snapshot, later_s: int) -> bytes:
    """Return the same few bytes for the same question only."""
    return sha256(encode(snapshot) + bytes(str(later_s), "ascii")).digest()[:12]


def batches(examples: int, first_seed: int) -> Iterator[Batch]:
    """Yield batches that have so many worlds, none of them twice."""
    numbers = random.Random(first_seed)
    for begun in range(0, examples, BATCH):
        yield Batch(numbers.randrange(2**32), min(BATCH, examples - begun) + SPARE)


def worlds_in(found: Sequence[Judged]) -> set[bytes]:
    return {name for one in found for name in one.worlds}


def fingerprint(found: Sequence[Judged]) -> str:
    """Return a name for all the worlds: two runs with the same one judged the same worlds."""
    return sha256(b"".join(sorted(worlds_in(found)))).hexdigest()[:12]


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
    found = of_all(judge_batch, batches(asked.examples, asked.seed), "batches of worlds")
    report(found, asked.examples, f"seed {asked.seed}, {monotonic() - began:.0f} s")
    raise SystemExit(1 if any(one.broken for one in found) else 0)


def report(found: Sequence[Judged], examples: int, how: str) -> None:
    """Print what was put to the test and what is broken, and write the figure."""
    console = Console()
    exercised = sum((one.exercised for one in found), Counter[str]())
    console.print(as_table(exercised))
    broken = [one for one in found if one.broken]
    for one in broken:
        console.print(f"[red]broken[/] in batch {one.seed}: {one.broken}")
        console.print(f"  kept as tests/fairness/worlds/{one.saved_as}")
    judged = len(worlds_in(found))
    never = [what for what in EXERCISES if not exercised[what]]
    detail = f"{judged:,} unlike worlds ({fingerprint(found)}), "
    detail += f"{exercised['decisions judged']:,} decisions, {how}"
    Figure(
        name="check_fairness",
        value=len(broken),
        unit="batches with a broken promise",
        goal=f"0 in {examples:,} worlds, every promise put to the test",
        holds=not broken and not never and judged >= examples,
        detail=detail + (f", never tested: {', '.join(never)}" if never else ""),
    ).write()


if __name__ == "__main__":
    main()
