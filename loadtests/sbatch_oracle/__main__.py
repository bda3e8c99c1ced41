"""Read a corpus and generated scripts with our reader and with sbatch, and compare all they say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from multiprocessing.pool import ThreadPool
from pathlib import Path
from queue import Queue
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from loadtests.figures import Figure
from loadtests.sbatch_oracle.cases import Case, corpus
from loadtests.sbatch_oracle.constraints import constraint_case, constraint_judged
from loadtests.sbatch_oracle.generator import case_of
from loadtests.sbatch_oracle.real import RealSbatch
from loadtests.sbatch_oracle.slurm import NODES, running_slurm
from loadtests.sbatch_oracle.verdicts import BAD, Judged, Verdict, judged
from loadtests.stack import ROOT

FOLDER = ROOT / "build" / "sbatch-oracle" / "slurm"
GENERATED, LEAST_CORPUS = 10_000, 200
CONSTRAINTS = range(200)
WORKERS = 4
SHOWN = 20

Counts = Counter[Verdict]


def main(
    generated: Annotated[int, typer.Option(help="how many scripts are made up")] = GENERATED,
    seed: Annotated[int, typer.Option(help="the first of their seeds")] = 0,
    explain: Annotated[str, typer.Option(help="show the cases of this verdict too")] = "",
    shown: Annotated[int, typer.Option(help="how many cases are shown at most")] = SHOWN,
) -> None:
    """Compare the corpus and the generated scripts; end well only if nothing is silently other."""
    seeds = range(seed, seed + generated)
    with running_slurm(FOLDER) as slurm_conf, _places(slurm_conf) as places:
        judgements = {
            "corpus": _all_judged("corpus", judged, corpus(), places),
            "generated": _all_judged("generated", judged, list(map(case_of, seeds)), places),
            "constraints": _all_judged(
                "constraints", constraint_judged, list(map(constraint_case, CONSTRAINTS)), places
            ),
        }
    everything = [one for group in judgements.values() for one in group]
    _show([one for one in everything if one.verdict in BAD or one.verdict == explain], shown)
    counts = {what: Counter(one.verdict for one in group) for what, group in judgements.items()}
    Console().print(_table(counts))
    if generated >= GENERATED:
        _figure(counts).write()
    raise SystemExit(1 if any(one.verdict in BAD for one in everything) else 0)


Places = Queue[RealSbatch]
Judge = Callable[[Case, RealSbatch], Judged]


@contextmanager
def _places(slurm_conf: Path) -> Iterator[Places]:
    """Give each worker a folder of its own, which must look the same to the readers."""
    places: Places = Queue()
    with TemporaryDirectory(prefix="sbatch-oracle-") as folder:
        for number in range(WORKERS):
            place = Path(folder).resolve() / f"{number}"
            place.mkdir()
            places.put(RealSbatch(slurm_conf, place))
        yield places


def _all_judged(what: str, judge: Judge, cases: Sequence[Case], places: Places) -> list[Judged]:
    one: Callable[[Case], Judged] = partial(_judged_somewhere, judge, places)
    with ThreadPool(WORKERS) as pool:
        results: Iterable[Judged] = pool.imap(one, cases, chunksize=8)
        console = Console(stderr=True)
        return list(
            track(results, what, len(cases), console=console, disable=not console.is_terminal)
        )


def _judged_somewhere(judge: Judge, places: Places, case: Case) -> Judged:
    place = places.get()
    try:
        return judge(case, place)
    finally:
        places.put(place)


def _show(judgements: Sequence[Judged], most: int) -> None:
    console = Console(stderr=True, markup=False, highlight=False, soft_wrap=True)
    for one in judgements[:most]:
        console.print(f"{one.case}\n{one.verdict}: " + "\n    ".join(one.words))
    if len(judgements) > most:
        console.print(f"… and {len(judgements) - most} more")


def _table(counts: Mapping[str, Counts]) -> Table:
    table = Table("verdict", *counts, title="our reader and sbatch 22.05.8")
    for verdict in Verdict:
        table.add_row(verdict, *(f"{count[verdict]:,}" for count in counts.values()))
    table.add_row("all", *(f"{count.total():,}" for count in counts.values()))
    return table


def _figure(counts: Mapping[str, Counts]) -> Figure:
    of_corpus, of_seeds = counts["corpus"].total(), counts["generated"].total()
    both = counts["corpus"] + counts["generated"]
    bad = sum(count[verdict] for count in counts.values() for verdict in BAD)
    return Figure(
        "sbatch_silently_different",
        bad,
        "scripts",
        f"0 of {LEAST_CORPUS} real-style and {GENERATED:,} generated scripts",
        bad == 0 and of_corpus >= LEAST_CORPUS and of_seeds >= GENERATED,
        f"{of_corpus} of the corpus and {of_seeds:,} generated: "
        f"{both[Verdict.AGREES]:,} agree field by field, {both[Verdict.REFUSED_BY_US]:,} refused "
        f"by us alone, {both[Verdict.REFUSED_BY_BOTH]:,} by both; "
        f"{counts['constraints'].total()} constraints, each on {NODES} nodes",
    )


if __name__ == "__main__":
    typer.run(main)
