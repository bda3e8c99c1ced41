"""The table of faults and the figures of all recorded rounds."""

from __future__ import annotations

from collections.abc import Mapping

from rich.table import Table

from loadtests.chaos.judging import Outcome
from loadtests.chaos.records import Counts, total
from loadtests.figures import Figure

GOAL_ROUNDS = 200
LOST = (Outcome.LOST, Outcome.MISTOLD, Outcome.UNENDED)
SLURMS_OWN = (Outcome.RESTARTED, Outcome.NODE_FAILED, Outcome.END_FORGOTTEN)
GOOD = (Outcome.ONCE, Outcome.NEVER_STARTED, Outcome.CANCELLED_LATE)


def as_table(counts: Mapping[str, Counts]) -> Table:
    """Return a row for each fault: what became of the service's jobs, and of the naive one's."""
    table = Table("fault", "rounds", *_titles("ours"), "strangers touched", *_titles("naive"))
    rows = {**counts, "all": total(tuple(counts.values()))}
    for fault, one in rows.items():
        table.add_row(
            fault, f"{one.rounds}", *_cells(one.ours), f"{one.touched}", *_cells(one.naive)
        )
    return table


def figures_of(counts: Mapping[str, Counts]) -> tuple[Figure, ...]:
    every = total(tuple(counts.values()))
    jobs = sum(every.ours.values())
    detail = f"{jobs} jobs in {every.rounds} rounds of {len(counts)} faults on a real Slurm"
    naive = f"{sum(every.naive.values())} jobs of a naive submitter on the same faults"
    lost = sum(_bad(every.ours, outcome) for outcome in LOST)
    doubled = _bad(every.ours, Outcome.DOUBLED)
    cancelled = _bad(every.ours, Outcome.STARTED_THOUGH_CANCELLED)
    naive_lost, naive_doubled = (
        _bad(every.naive, what) for what in (Outcome.LOST, Outcome.DOUBLED)
    )
    return (
        Figure("chaos_rounds", every.rounds, "rounds", f">= {GOAL_ROUNDS}",
               every.rounds >= GOAL_ROUNDS, detail),
        Figure("chaos_lost_jobs", lost, "jobs", "0", not lost, detail),
        Figure("chaos_jobs_run_twice", doubled, "jobs", "0", not doubled, detail),
        Figure("chaos_cancelled_jobs_started", cancelled, "jobs", "0", not cancelled, detail),
        Figure("chaos_strangers_touched", every.touched, "jobs", "0", not every.touched, detail),
        Figure("chaos_naive_lost_jobs", naive_lost, "jobs", "> 0", naive_lost > 0, naive),
        Figure("chaos_naive_jobs_run_twice", naive_doubled, "jobs", "> 0", naive_doubled > 0,
               naive),
    )  # fmt: skip


def _titles(who: str) -> tuple[str, ...]:
    return tuple(f"{who}: {what}" for what in ("as promised", "lost", "run twice", "Slurm's own"))


def _cells(counts: Mapping[Outcome, int]) -> tuple[str, ...]:
    good = sum(_bad(counts, outcome) for outcome in GOOD)
    lost = sum(_bad(counts, outcome) for outcome in LOST)
    twice = _bad(counts, Outcome.DOUBLED) + _bad(counts, Outcome.STARTED_THOUGH_CANCELLED)
    own = sum(_bad(counts, outcome) for outcome in SLURMS_OWN)
    return f"{good}", f"{lost}", f"{twice}", f"{own}"


def _bad(counts: Mapping[Outcome, int], outcome: Outcome) -> int:
    return counts.get(outcome, 0)
