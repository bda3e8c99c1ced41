"""Replays a trace through the service and through other schedulers: table, JSON, pictures."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from rich.console import Console

from loadtests.replay.plots import draw_all
from loadtests.replay.report import FOLDER, figures_of, table_of, write_json
from loadtests.replay.runs import Plan, run_all
from scheduler.deciders import ALLOCATORS
from scheduler.errors import InvalidRequest
from scheduler.simulation.synthetic import SYNTHETIC
from scheduler.simulation.traces import Gaps, read_trace, workload_of
from scheduler.simulation.workload import DAY_S, Workload

SUFFIX = ".csv.gz"


@dataclass(frozen=True, slots=True)
class Machine:
    """The cluster a trace was taken on, and from which day on its log is worth replaying."""

    capacity_gpus: int
    first_day: float = 0.0


MACHINES: Mapping[str, Machine] = {
    "sdsc_sp2_1998": Machine(128),
    # Some seventy jobs in eighteen days come before the log begins in earnest.
    "philly_2017_first20k": Machine(640, first_day=18),
    "theta_2022": Machine(4360),
    "lcg_grid_2005": Machine(24_515),
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line asks for; 0 leaves a thing as it is."""

    trace: str
    load: float = 0.0
    jobs: int = 0
    recall: float = 0.0
    capacity: int = 0
    allocator: str = "cp-sat"
    cycle_s: float = 0.0
    node_gpus: int = 0
    organisations: int = 12
    seed: int = 0

    @property
    def is_as_logged(self) -> bool:
        return not (self.load or self.jobs or self.capacity or self.node_gpus)

    @property
    def makes_figures(self) -> bool:
        """Say whether the whole of a real trace is replayed."""
        return self.trace not in SYNTHETIC and not self.jobs


OPTIONS: Mapping[str, str] = {
    "load": "scale the times between submissions to this load",
    "jobs": "only the first so many jobs",
    "recall": "the part of jobs that may be recalled, from 0 to 1",
    "capacity": "GPUs of the cluster; needed for a trace of an unknown machine",
    "allocator": "cp-sat or greedy",
    "cycle_s": "run cycles at multiples of so many seconds, not at every event",
    "node_gpus": "GPUs of a node, instead of one node for all",
    "organisations": "how many to make up where the trace tells of none",
    "seed": "of all that is drawn",
}


def wish_of(arguments: Sequence[str]) -> Wish:
    """Return what is asked for; ends the program with a message where it cannot be read."""
    parser = ArgumentParser(prog="make replay", description=__doc__)
    made_up = ", ".join(SYNTHETIC)
    parser.add_argument("--trace", required=True, help=f"a file *{SUFFIX}, or {made_up}")
    for field in fields(Wish):
        if field.name in OPTIONS:
            parser.add_argument(
                f"--{field.name.replace('_', '-')}",
                type=type(field.default),
                default=field.default,
                choices=tuple(ALLOCATORS) if field.name == "allocator" else None,
                help=OPTIONS[field.name],
            )
    return Wish(**vars(parser.parse_args(arguments)))


def main() -> None:
    """Run everything over one workload and write build/replay/NAME/."""
    try:
        wish = wish_of(sys.argv[1:])
        workload = chosen(wish)
    except (ValueError, InvalidRequest) as error:
        sys.exit(f"make replay: {error}")
    report(Plan(workload, wish.allocator, wish.cycle_s, wish.node_gpus), wish)


def chosen(wish: Wish) -> Workload:
    """Return the workload that is asked for. Raises InvalidRequest or ValueError, with the mend."""
    workload = found(wish.trace, wish.capacity, Gaps(wish.seed, wish.organisations, True))
    workload = workload.first(wish.jobs) if wish.jobs else workload
    workload = workload.at_load(wish.load) if wish.load else workload
    return workload.with_recallable(wish.recall, wish.seed) if wish.recall else workload


def found(trace: str, capacity: int, gaps: Gaps) -> Workload:
    """Return the workload of this name, or of this file on the machine it was taken on."""
    if trace in SYNTHETIC:
        return SYNTHETIC[trace](gaps.seed)
    path = Path(trace)
    if not path.is_file() or not path.name.endswith(SUFFIX):
        made_up = ", ".join(SYNTHETIC)
        raise ValueError(f"{trace} is no file *{SUFFIX}; name one, or one of {made_up}")
    stem = path.name.removesuffix(SUFFIX)
    machine = Machine(capacity) if capacity else MACHINES.get(stem)
    if machine is None:
        raise ValueError(f"{stem} was taken on no known machine: say its --capacity")
    workload = workload_of(stem, read_trace(path, gaps), machine.capacity_gpus, gaps)
    first_s = machine.first_day * DAY_S
    return workload.window(first_s, workload.jobs[-1].submit_s + 1) if first_s else workload


def name_of(workload: str, wish: Wish) -> str:
    """Return the folder's name: the workload and what was changed of it."""
    parts = (
        (wish.load, f"load{wish.load * 100:03.0f}"),
        (wish.jobs, f"first{wish.jobs}"),
        (wish.recall, f"recall{wish.recall * 100:03.0f}"),
        (wish.seed, f"seed{wish.seed}"),
    )
    return "-".join([workload, *(text for is_set, text in parts if is_set)])


def report(plan: Plan, wish: Wish) -> None:
    """Run, print and write everything."""
    name = name_of(plan.workload.name, wish)
    console, folder, title = Console(width=170), FOLDER / name, title_of(name, plan.workload)
    console.print(title)
    runs = run_all(plan)
    console.print(table_of(runs, title))
    about = asdict(wish) | {"title": title, "load": plan.workload.load}
    write_json(folder / "results.json", about, runs)
    trace = plan.workload.name if wish.is_as_logged else ""
    for figure in figures_of(name.replace("-", "_"), trace, runs) if wish.makes_figures else ():
        figure.write()
    for path in draw_all(runs, plan.yardstick, folder, title):
        console.print(f"wrote {path.relative_to(FOLDER.parent.parent)}")


def title_of(name: str, workload: Workload) -> str:
    days = workload.span_s / DAY_S
    return (
        f"{name}: {len(workload.jobs):,} jobs in {days:.1f} days on {workload.capacity_gpus:,} "
        f"GPUs, load {workload.load:.2f}"
    )


if __name__ == "__main__":
    main()
