"""Runs a workflow of each tool through the service, and counts those that pass."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from loadtests.figures import Figure
from loadtests.jobs import all_jobs
from loadtests.own_slurm import MEMBER, service_on_slurm
from loadtests.stack import ROOT, Client
from loadtests.workflow_tools.desk import Desk, seated
from loadtests.workflow_tools.pythons import own_python, tools_python

FOLDER = ROOT / "build" / "workflow-tools"
FLOWS = Path(__file__).parent / "flows"
# Not the port of any other measurement, which may be running beside this one.
BASE_PORT = 27_700
QUICK = {"TENDIK_CYCLE_INTERVAL_S": "0.5", "TENDIK_CONFIRM_AFTER_S": "1"}
PATIENCE_S = 600.0
SNAKEMAKE = ("-m", "snakemake", "--executor", "slurm", "--jobs", "3")

Words = Callable[[Path], Sequence[str]]
# What runs, by the Python of the tools; nothing but PATH tells a tool of the service.
TOOLS: Mapping[str, Words] = {
    "submitit": lambda python: (str(python), str(FLOWS / "submitit_flow.py")),
    "dask-jobqueue": lambda python: (str(python), str(FLOWS / "dask_flow.py")),
    "snakemake": lambda python: (str(python), *SNAKEMAKE, "--snakefile", str(FLOWS / "Snakefile")),
    "parsl": lambda python: (str(python), str(FLOWS / "parsl_flow.py")),
}


@dataclass(frozen=True, slots=True)
class Passage:
    """How a tool's workflow went."""

    tool: str
    jobs: int
    took_s: float
    trouble: str = ""


def main(only: Annotated[str, typer.Option(help="tools to run, by commas")] = "") -> None:
    """Run the workflows and write the figure; exit code 1 when one does not pass."""
    chosen = [tool for tool in TOOLS if not only or tool in only.split(",")]
    with a_desk() as (desk, client, python):
        passages = [run(desk, client, tool, python) for tool in chosen]
    Console().print(as_table(passages))
    if not only:
        figure_of(passages).write()
    sys.exit(any(passage.trouble for passage in passages))


@contextmanager
def a_desk() -> Iterator[tuple[Desk, Client, Path]]:
    """Yield a researcher's desk at a service in front of a Slurm of its own."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    pythons = own_python(FOLDER / "own"), tools_python(FOLDER / "tools")
    with service_on_slurm(FOLDER, BASE_PORT, [MEMBER], QUICK) as own:
        token = own.tokens[MEMBER.organisation]
        client = own.stack.client(token)
        desk = seated(own.stack, own.home(MEMBER), MEMBER.unix_account, token, pythons)
        yield desk, client, pythons[1]
        client.close()


def run(desk: Desk, client: Client, tool: str, python: Path) -> Passage:
    """Run one tool's workflow to its end; its jobs are those that are new to the service."""
    before = {job.job_id for job in all_jobs(client)}
    log, began_s = FOLDER / f"{tool}.log", time.monotonic()
    status = desk.run(TOOLS[tool](python), desk.new_folder(tool), log, PATIENCE_S)
    took_s = time.monotonic() - began_s
    jobs = [job for job in all_jobs(client) if job.job_id not in before]
    return Passage(tool, len(jobs), took_s, trouble_of(status, len(jobs), log))


def trouble_of(status: int | None, jobs: int, log: Path) -> str:
    """Return in words what went wrong, empty where nothing did."""
    where = f"see {log.relative_to(ROOT)}"
    if status is None:
        return f"not done after {PATIENCE_S:.0f} s, {where}"
    if status != 0:
        return f"ended with {status}, {where}"
    return "" if jobs else "no job came to the service"


def as_table(passages: Sequence[Passage]) -> Table:
    table = Table("tool", "passes", "jobs through the service", "seconds", "trouble")
    for one in passages:
        passes = "no" if one.trouble else "yes"
        table.add_row(one.tool, passes, str(one.jobs), f"{one.took_s:.0f}", one.trouble)
    return table


def figure_of(passages: Sequence[Passage]) -> Figure:
    """Return how many tools pass, with the jobs that each sent."""
    passing = [one for one in passages if not one.trouble]
    detail = ", ".join(f"{one.tool}: {one.jobs} jobs in {one.took_s:.0f} s" for one in passages)
    goal = "all four on the development Slurm, nothing configured but PATH"
    holds = len(passing) == len(TOOLS)
    return Figure("workflow-tools", len(passing), "tools", goal, holds, detail)


if __name__ == "__main__":
    typer.run(main)
