"""Slurm alone against the service in front of Slurm: same machine, same jobs, Slurm's records."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from loadtests.head_to_head.alone import run_slurm_alone
from loadtests.head_to_head.cut import CutJob, workload
from loadtests.head_to_head.plot import draw
from loadtests.head_to_head.records import RunRecord, finished_jobs, sha256_of, stored_record
from loadtests.head_to_head.report import as_table, figures_of, measured, write_json
from loadtests.head_to_head.tendik import RECALL_POLICY, run_tendik
from loadtests.stack import ROOT

FOLDER = ROOT / "build" / "head-to-head"
Run = Callable[[Sequence[CutJob], Path], RunRecord]
# Who runs, in this order; the first is the opponent of all others.
CONTESTANTS: Mapping[str, Run] = {
    "slurm-alone": run_slurm_alone,
    "tendik": run_tendik,
    "tendik-recall": partial(run_tendik, policy=RECALL_POLICY),
}


def main(
    trace: Annotated[
        Path | None, typer.Option(help="a trace to cut from; none: a made-up workload")
    ] = None,
    who: Annotated[str, typer.Option(help="who is compared, by commas")] = ",".join(CONTESTANTS),
    again: Annotated[
        str, typer.Option(help="who of them runs again even if a run of it is stored")
    ] = ",".join(CONTESTANTS),
) -> None:
    """Run the contestants, about 10 minutes each; exit code 1 when a figure does not hold."""
    title, jobs = workload(trace)
    if not chosen(who):
        raise typer.BadParameter(f"nobody is compared; known: {', '.join(CONTESTANTS)}")
    records = records_of(jobs, chosen(who), chosen(again))
    runs = {name: finished_jobs(jobs, record) for name, record in records.items()}
    found = measured(runs)
    write_json(found, title, FOLDER / "head-to-head.json")
    draw(runs, f"Head to head on 64 GPUs: {title}", FOLDER / "head-to-head.png")
    ours = tuple(found)[1:]
    figures = tuple(figure for name in ours for figure in figures_of(found, name, title))
    for figure in figures:
        figure.write()
    Console().print(as_table(found, title))
    Console().print(f"plot: {(FOLDER / 'head-to-head.png').relative_to(ROOT)}")
    sys.exit(not all(figure.holds for figure in figures))


def chosen(names: str) -> tuple[str, ...]:
    """Return the contestants of these names, in the order in which they run."""
    given = {name for name in names.split(",") if name}
    if unknown := given - set(CONTESTANTS):
        raise typer.BadParameter(f"{min(unknown)!r}; known: {', '.join(CONTESTANTS)}")
    return tuple(name for name in CONTESTANTS if name in given)


def records_of(
    jobs: Sequence[CutJob], who: Sequence[str], again: Sequence[str]
) -> Mapping[str, RunRecord]:
    """Return a record of this very workload for each of them, running those that need it."""
    records = {}
    for name in who:
        path = FOLDER / f"{name}.json"
        stored = None if name in again else stored_record(path)
        if stored is None or stored.cut_sha256 != sha256_of(jobs):
            stored = CONTESTANTS[name](jobs, FOLDER)
            stored.write(path)
        records[name] = stored
    return records


if __name__ == "__main__":
    typer.run(main)
