"""Judges estimates group by group: how often they held, how far off they were, how wide."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from rich.table import Table

from loadtests.eta_check.watched import CLASSES, Judged, Outcome
from loadtests.figures import Figure
from scheduler.domain.estimates import JobSize

ANEW = "told anew"
LEAST_COVER, MOST_COVER = 0.85, 0.95
# Of fewer jobs, which wait in the same few jams, no part can be told to ten points.
LEAST_JOBS = 100
NO_WAITS = "nobody waited: give a LOAD, fewer GPUs by --capacity, or more JOBS"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One group of jobs that waited; parts are of 1, times are medians in seconds."""

    group: str
    jobs: int
    p90_covers: float
    p50_covers: float
    wait_s: float
    error_s: float
    error_by_walltimes_s: float
    p90_beyond_p50_s: float

    @property
    def holds(self) -> bool:
        return LEAST_COVER <= self.p90_covers <= MOST_COVER


def verdict(group: str, judged: Sequence[Judged]) -> Verdict:
    """Judge one group, which must not be empty."""
    return Verdict(
        *(group, len(judged)),
        p90_covers=sum(one.is_within_p90 for one in judged) / len(judged),
        p50_covers=sum(one.is_within_p50 for one in judged) / len(judged),
        wait_s=median(one.wait_s for one in judged),
        error_s=median(abs(one.wait_s - one.p50_s) for one in judged),
        error_by_walltimes_s=median(abs(one.wait_s - one.by_walltimes_s) for one in judged),
        p90_beyond_p50_s=median(one.p90_s - one.p50_s for one in judged),
    )


def verdicts(judged: Sequence[Judged], anew: Sequence[Judged] = ()) -> Iterator[Verdict]:
    """Judge all who waited, then each class, size of job and size of organisation among them.

    What jobs were told anew, as they waited longer, is judged by itself at the end.
    """
    if not judged:
        raise ValueError(NO_WAITS)
    yield verdict("all that waited", judged)
    yield from _each(judged, CLASSES, lambda one: one.tenant_class)
    yield from _each(judged, tuple(JobSize), lambda one: one.size)
    sizes = sorted({one.organisation_size for one in judged})
    yield from _each(judged, sizes, lambda one: one.organisation_size)
    if anew:
        yield verdict(ANEW, anew)


def _each(
    judged: Sequence[Judged], names: Sequence[str], name_of: Callable[[Judged], str]
) -> Iterator[Verdict]:
    for name in names:
        if group := [one for one in judged if name_of(one) == name]:
            yield verdict(f"{name}", group)


def with_at_once(outcome: Outcome) -> float:
    """Return how many P90 hold when who starts in the first cycle counts as told so."""
    at_once = sum(outcome.at_once.values())
    held = sum(one.is_within_p90 for one in outcome.judged)
    return (at_once + held) / (at_once + len(outcome.judged))


def table_of(found: Sequence[Verdict], title: str) -> Table:
    table = Table("jobs that waited", title=title)
    for column in (
        "jobs",
        "P90 covers",
        "P50 covers",
        "wait",
        "|error|",
        "by walltimes",
        "P90-P50",
    ):
        table.add_column(column, justify="right")
    for one in found:
        shown = f"{one.p90_covers:.1%}"
        few = "" if one.jobs >= LEAST_JOBS else " (few)"
        times = (one.wait_s, one.error_s, one.error_by_walltimes_s, one.p90_beyond_p50_s)
        cells = (f"{seconds / 60:,.1f} min" for seconds in times)
        table.add_row(one.group, f"{one.jobs:,}{few}", shown, f"{one.p50_covers:.1%}", *cells)
    return table


def figure_of(name: str, found: Sequence[Verdict], outcome: Outcome) -> Figure:
    """Return the coverage of all who waited; the goal is for them and for each class alone."""
    everyone = found[0]
    classes = [one for one in found if one.group in CLASSES]
    anew = [one for one in found if one.group == ANEW]
    told = [one for one in (*classes, *anew) if one.jobs >= LEAST_JOBS]
    parts = ", ".join(
        f"{one.group} {one.p90_covers:.1%} of {one.jobs}" for one in (*classes, *anew)
    )
    saved = 1 - everyone.error_s / everyone.error_by_walltimes_s
    detail = (
        f"{everyone.jobs:,} jobs that waited; {parts}; with the {sum(outcome.at_once.values()):,} "
        f"that started at once {with_at_once(outcome):.1%}; P50 covers {everyone.p50_covers:.1%}, "
        f"its median error is {saved:.0%} below that of walltimes"
    )
    return Figure(
        *(f"eta_check_{name}", everyone.p90_covers * 100, "% within P90"),
        goal=f"85 to 95, each class of {LEAST_JOBS} jobs and what is told anew too",
        holds=all(one.holds for one in (everyone, *told)),
        detail=detail,
    )


def write_json(path: Path, about: object, found: Sequence[Verdict], outcome: Outcome) -> None:
    """Write every verdict and what the estimates cost."""
    text = {
        "workload": about,
        "verdicts": [asdict(one) for one in found],
        "started_at_once": sum(outcome.at_once.values()),
        "p90_covers_with_these": with_at_once(outcome),
        "forecast_ms_per_cycle": outcome.forecast_ms,
        "longest_forecast_ms": outcome.longest_forecast_ms,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(text, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
