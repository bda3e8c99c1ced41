"""Plays faults on a real Slurm until enough rounds are on record, and shows what came of them."""

from __future__ import annotations

import secrets
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from deploy.slurm.devcluster.daemons import DaemonFailed
from loadtests.chaos.faults import FAULTS
from loadtests.chaos.records import read_counts
from loadtests.chaos.report import as_table, figures_of
from loadtests.chaos.run import FOLDER, Plan, played
from loadtests.figures import FOLDER as FIGURES
from scheduler.errors import BackendUnavailable

RECORD = FOLDER / "rounds.jsonl"
# The cluster itself broke, in a way that is no fault of the table: nothing is known of the round.
BROKEN_OFF = 3


def main(
    rounds: Annotated[int, typer.Option(help="rounds to have on record in the end")] = 200,
    seed: Annotated[int, typer.Option(help="chooses the moments; 0: by chance")] = 0,
    only: Annotated[str, typer.Option(help="faults to play, by commas; none: all")] = "",
    lane: Annotated[int, typer.Option(help="a number for each run beside another one")] = 0,
    record: Annotated[Path, typer.Option(help="where rounds are added")] = RECORD,
) -> None:
    """Play the rounds that are missing; exit code 1 when a figure does not hold.

    Exit code 3 when the cluster broke in a round, which is not on record: begun again, the rounds
    go on from that one.
    """
    # Even where a shell has told its background processes to pay no heed: a cluster is to be ended.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    on_record = sum(one.rounds for one in read_counts(record).values())
    seed = seed or secrets.randbelow(10**6) + 1
    plan = Plan(chosen(only), rounds, seed, lane, first=on_record)
    console = Console()
    console.print(f"{on_record} rounds on record, {len(plan.numbers)} to play; --seed {seed}")
    if plan.numbers:
        try:
            play(plan, record, console)
        except (BackendUnavailable, DaemonFailed, TimeoutError) as error:
            console.print(f"[red]broken off: {error}[/]")
            sys.exit(BROKEN_OFF)
    counts = read_counts(record)
    console.print(as_table(counts))
    found = figures_of(counts)
    for figure in found:
        figure.write(FIGURES if record == RECORD else record.parent)
    sys.exit(not all(figure.holds for figure in found))


def _stop(number: int, _: object) -> None:
    sys.exit(128 + number)


def chosen(names: str) -> tuple[str, ...]:
    """Return the faults of these names, all of them when none is named."""
    given = [name for name in names.split(",") if name]
    if unknown := set(given) - set(FAULTS):
        raise typer.BadParameter(f"{min(unknown)!r}; known: {', '.join(FAULTS)}")
    return tuple(given or FAULTS)


def play(plan: Plan, record: Path, console: Console) -> None:
    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("the cluster comes up", total=len(plan.numbers))
        folder = FOLDER / f"lane-{plan.lane}"
        for one in played(plan, folder, lambda what: progress.update(task, description=what)):
            one.append_to(record)
            progress.advance(task)
            if not one.is_clean:
                console.print(f"[red]{one.name}: {one.fault}, seed {one.seed}[/]: {one.odd}")


if __name__ == "__main__":
    typer.run(main)
