"""Checks what is promised to whoever changes the policy, and writes the figures."""

from __future__ import annotations

import argparse
import logging

import structlog
from rich.console import Console
from rich.progress import track

from loadtests.figures import Figure
from loadtests.policy_check.bad_policies import BAD, Stopped, stopped
from loadtests.policy_check.forecasts import Outcome, outcomes
from loadtests.policy_check.harmful_policies import HARMFUL, stopped_in_use

PAIRS = 100


def main() -> None:
    """Run the checks, print what fails, and write the figures."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--pairs", type=int, default=PAIRS)
    asked = options.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    figures = (
        _forecasts(list(outcomes(track(range(asked.pairs), "pairs of policies and worlds")))),
        _stopped([*stopped(), *stopped_in_use()]),
    )
    for figure in figures:
        figure.write()
    raise SystemExit(0 if all(figure.holds for figure in figures) else 1)


def _forecasts(found: list[Outcome]) -> Figure:
    for wrong in (one for one in found if not one.holds):
        Console().print(f"seed {wrong.seed}: said {wrong.said}, came {wrong.came}")
    right = sum(one.holds for one in found)
    kinds = ("start", "held back", "recalled", "spared")
    counts = (sum(len(one.came[kind]) for one in found) for kind in range(len(kinds)))
    told = ", ".join(f"{count} {kind}" for kind, count in zip(kinds, counts, strict=True))
    moved = sum(one.jobs > 0 for one in found)
    detail = f"{len(found)} pairs, {moved} of them change something: {told}"
    part = right / len(found) * 100
    return Figure("policy_forecasts_that_came_true", part, "%", "100", part == 100, detail)


def _stopped(found: list[Stopped]) -> Figure:
    for one in found:
        Console().print(f"{one.name}: {one.step}: {one.reason}", soft_wrap=True)
    right, bad = sum(one.is_stopped for one in found), len(BAD) + len(HARMFUL)
    steps = ", ".join(
        f"{sum(one.step == step for one in found)} when {step}"
        for step in ("proposed", "approved", "activated", "tried on a class")
    )
    return Figure("bad_policies_stopped", right, "policies", f"{bad} of {bad}", right == bad, steps)


if __name__ == "__main__":
    main()
