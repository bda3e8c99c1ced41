"""Checks `why`: blockers against planted ones, changes by making them, and how long it takes."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from statistics import median, quantiles

from rich.console import Console
from rich.progress import track

from loadtests.figures import Figure
from loadtests.why_check.answers import (
    Try,
    against_planted,
    against_the_audit,
    tried_in_planted,
    tried_in_queue,
)
from loadtests.why_check.queue import PENDING_JOBS
from loadtests.why_check.speed import answer_seconds

WORLDS = 500
QUEUES = 5
JOBS_TRIED = 60  # of each queue
CALLS = 100
LEAST_KEPT = 0.99  # of the changes that are told
LONGEST_S = 1.0


def main() -> None:
    """Run the three checks, print what fails, and write the figures."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--worlds", type=int, default=WORLDS)
    options.add_argument("--queues", type=int, default=QUEUES)
    options.add_argument("--calls", type=int, default=CALLS)
    asked = options.parse_args()
    figures = (
        *_blockers(asked.worlds),
        _audited(asked.queues),
        _changes(asked.worlds, asked.queues),
        _speed(asked.calls),
    )
    for figure in figures:
        figure.write()
    raise SystemExit(0 if all(figure.holds for figure in figures) else 1)


def _blockers(worlds: int) -> Iterator[Figure]:
    result = against_planted(track(range(worlds), "planted blockers"))
    for example in result.examples[:10]:
        Console().print(example)
    kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(result.kinds.items()))
    recall, detail = result.recall * 100, f"{result.jobs} jobs; planted: {kinds}"
    yield Figure("why_planted_told", recall, "%", "100", recall == 100, detail)
    yield Figure("why_told_untrue", result.false, "blockers", "0", result.false == 0, detail)


def _audited(queues: int) -> Figure:
    jobs, objections = against_the_audit(track(range(queues), "whole queues"))
    for objection in objections[:10]:
        Console().print(objection)
    detail = f"{jobs} waiting jobs of {queues} queues, by rules that share no code"
    return Figure("why_audited", len(objections), "objections", "0", not objections, detail)


def _changes(worlds: int, queues: int) -> Figure:
    made: list[Try] = []
    for seed in track(range(worlds), "changes in planted worlds"):
        made += tried_in_planted(seed)
    for seed in track(range(queues), "changes in whole queues"):
        made += tried_in_queue(seed, JOBS_TRIED)
    for wrong in [change.words for change in made if not change.started][:10]:
        Console().print(f"told, and did not start: {wrong}")
    kept = sum(change.started for change in made) / max(1, len(made))
    holds = kept >= LEAST_KEPT and bool(made)
    later = sum(change.later for change in made)
    detail = (
        f"{len(made)} changes told, {later} of them for later, each made in the same snapshot, "
        "or in what it becomes by then, and decided anew"
    )
    return Figure("why_changes_start", kept * 100, "%", ">= 99", holds, detail)


def _speed(calls: int) -> Figure:
    seconds = answer_seconds(calls)
    p95 = quantiles(seconds, n=20)[-1]
    detail = (
        f"{calls} calls at {PENDING_JOBS:,} pending jobs, 16 pools, 8,192 GPUs, beside the cycle; "
        f"median {median(seconds):.2f} s, longest {max(seconds):.2f} s"
    )
    return Figure("why_p95_s", p95, "s", f"< {LONGEST_S:g}", p95 < LONGEST_S, detail)


if __name__ == "__main__":
    main()
