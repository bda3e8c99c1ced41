"""Holds the start times told to waiting jobs against those that came, on a trace."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from loadtests.eta_check.plot import draw
from loadtests.eta_check.report import figure_of, table_of, verdicts, with_at_once, write_json
from loadtests.eta_check.watched import Outcome, run
from loadtests.replay.__main__ import Wish, chosen, name_of, title_of
from loadtests.replay.runs import quiet, telling
from scheduler.deciders import ALLOCATORS, allocator_of, decider
from scheduler.errors import InvalidRequest
from scheduler.simulation.workload import Workload

FOLDER = Path(__file__).resolve().parents[2] / "build" / "eta-check"


def wish_of(arguments: Sequence[str]) -> Wish:
    """Return what is asked for; ends the program with a message where it cannot be read."""
    parser = ArgumentParser(prog="make eta-check", description=__doc__)
    parser.add_argument("--trace", required=True, help="a trace, or a made-up workload's name")
    parser.add_argument("--jobs", type=int, default=0, help="only the first so many jobs")
    parser.add_argument("--load", type=float, default=0.0, help="scale submissions to this load")
    parser.add_argument("--capacity", type=int, default=0, help="GPUs of the cluster")
    parser.add_argument("--cycle-s", type=float, default=0.0, help="cycles at its multiples only")
    parser.add_argument("--allocator", choices=tuple(ALLOCATORS), default="cp-sat")
    return Wish(**vars(parser.parse_args(arguments)))


def main() -> None:
    """Replay, print the table, and write build/eta-check/NAME/ and the figure."""
    try:
        wish = wish_of(sys.argv[1:])
        report(chosen(wish), wish)
    except (ValueError, InvalidRequest) as error:
        sys.exit(f"make eta-check: {error}")


def report(workload: Workload, wish: Wish) -> None:
    """Run, print and write everything."""
    name = name_of(workload.name, wish)
    console, title = Console(width=150), title_of(name, workload)
    console.print(title)
    outcome = watched_run(workload, wish)
    found = list(verdicts(outcome.judged, outcome.anew))
    console.print(table_of(found, title))
    console.print(
        f"{sum(outcome.at_once.values()):,} jobs more started in the cycle that saw them first; "
        f"with these the P90 covers {with_at_once(outcome):.1%}. A cycle's estimates took "
        f"{outcome.forecast_ms:.1f} ms, at most {outcome.longest_forecast_ms:.0f} ms."
    )
    write_json(FOLDER / name / "results.json", asdict(wish) | {"title": title}, found, outcome)
    figure_of(name.replace("-", "_"), found, outcome).write()
    picture = draw(outcome.judged, FOLDER / name / "estimates.png", title)
    console.print(f"wrote {picture.relative_to(FOLDER.parent.parent)}")


def watched_run(workload: Workload, wish: Wish) -> Outcome:
    """Run the workload and show how far it has come."""
    quiet()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn()) as progress:
        tell = telling(progress, "jobs that have ended", len(workload.jobs))
        return run(workload, allocator_of(decider(wish.allocator)), wish.cycle_s, tell)


if __name__ == "__main__":
    main()
