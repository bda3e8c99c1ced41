"""Are grants charged what Slurm says, and every GPU-second once? Writes the figures."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from rich.console import Console
from rich.table import Table

from loadtests.budget_check.on_slurm import Told, lives_on_slurm
from loadtests.figures import Figure
from tests.contracts.postgres import running_postgres
from tests.contracts.test_store_budget_machine import InAFile, InMemory, OnAServer
from tests.store.budget_machine import Budgets

STEPS = 50


def main() -> None:
    """Play lives of jobs and grants, then let real jobs end in every way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lives", type=int, default=1000, help="lives to play in memory")
    parser.add_argument("--no-slurm", action="store_true", help="play lives alone")
    asked = parser.parse_args()
    _lives(asked.lives).write()
    if not asked.no_slurm:
        told = lives_on_slurm()
        _print(told)
        for figure in _figures(told):
            figure.write()


def _lives(number: int) -> Figure:
    """Play so many lives in memory, and a part of them on each database."""
    with TemporaryDirectory() as folder, running_postgres() as server:
        InAFile.folder = Path(folder)
        OnAServer.server = server
        for machine, lives in (
            (InMemory, number),
            (InAFile, number // 10),
            (OnAServer, number // 20),
        ):
            Console(stderr=True).print(f"{lives} lives of up to {STEPS} steps: {machine.__name__}")
            _play(machine, lives)
    detail = f"{number} lives in memory, {number // 10} on SQLite, {number // 20} on PostgreSQL"
    return Figure("budget_lives_broken", 0, "lives", "= 0", holds=True, detail=detail)


def _play(machine: type[Budgets], lives: int) -> None:
    """Raises AssertionError with the shortest life that breaks the promise."""
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    asked = settings(
        max_examples=lives, stateful_step_count=STEPS, deadline=None, suppress_health_check=checks
    )
    run_state_machine_as_test(machine, settings=asked)


def _print(told: Told) -> None:
    table = Table("job", "ended", "ledger", "sacct", "GPU-seconds apart")
    for name, state in told.states.items():
        job_id = told.job_ids[name]
        ours, slurms = told.ledger.get(job_id, 0), told.slurm.get(job_id, 0)
        table.add_row(name, state, str(ours), str(slurms), str(ours - slurms))
    Console().print(table)


def _figures(told: Told) -> Iterator[Figure]:
    jobs = told.ledger.keys() | told.slurm.keys()
    apart = sum(abs(told.ledger.get(job, 0) - told.slurm.get(job, 0)) for job in jobs)
    ends = sorted(set(told.states.values()))
    detail = f"{sum(told.slurm.values())} GPU-seconds of {len(jobs)} jobs: {', '.join(ends)}"
    yield Figure("budget_apart_from_sacct", apart, "GPU-seconds", "= 0", apart == 0, detail)
    charged = sum(grant.balance.charged for grant in told.grants)
    owed = told.due
    detail = (
        f"{charged} charged; {told.refunded} refunded of runs that a node or a recall ended, and "
        "where Slurm's accounting told of less"
    )
    yield Figure(
        "budget_charged_beside_due", charged - owed, "GPU-seconds", "= 0", charged == owed, detail
    )
    faults = told.statement_faults
    detail = "; ".join(faults) or f"{len(told.entries)} lines, by docs/examples/check_statement.py"
    yield Figure("budget_statement_faults", len(faults), "faults", "= 0", not faults, detail)


if __name__ == "__main__":
    main()
