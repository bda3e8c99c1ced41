"""What a forecast says that somebody must mean: harm to jobs and tenants, in numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from scheduler.domain.changes.forecast import Affected, PolicyForecast, Standing
from scheduler.domain.changes.trial_summaries import TrialSummary
from scheduler.texts import Said, said, said_of

_MOST_NAMED = 5
# What is left of an even share may be meant to be less; of a third the author should know.
MUCH_LESS = 3


class ForecastKind(StrEnum):
    """What is harmful, or that nothing is known."""

    RECALLS_JOBS = "recalls_jobs"
    BARS_JOBS = "bars_jobs"
    OVER_NEW_LIMIT = "over_new_limit"
    LOSES_SHARE = "loses_share"
    NOT_FORESEEN = "not_foreseen"
    RECALLED_IN_SHADOW = "recalled_in_shadow"
    BARRED_IN_SHADOW = "barred_in_shadow"


@dataclass(frozen=True, slots=True)
class ForecastFinding:
    """What is harmful, and a sentence that says how much of it hits whom."""

    kind: ForecastKind
    message: Said


def forecast_findings(forecast: PolicyForecast) -> Iterator[ForecastFinding]:
    """Yield what whoever signs the policy must accept by name."""
    if jobs := forecast.recalled:
        message = said_of(
            len(jobs),
            "{number} running job is recalled that would run on; GPUs: {whom}",
            "{number} running jobs are recalled that would run on; GPUs: {whom}",
            whom=_whose(jobs),
        )
        yield ForecastFinding(ForecastKind.RECALLS_JOBS, message)
    if jobs := forecast.barred:
        message = said_of(
            len(jobs),
            "{number} waiting job passes a limit even on an idle cluster, and waits for ever; "
            "GPUs: {whom}",
            "{number} waiting jobs pass a limit even on an idle cluster, and wait for ever; "
            "GPUs: {whom}",
            whom=_whose(jobs),
        )
        yield ForecastFinding(ForecastKind.BARS_JOBS, message)
    yield from _of_standings(forecast.standings)


def shadow_findings(shadow: TrialSummary) -> Iterator[ForecastFinding]:
    """Yield the harm of a shadow's cycles: a moment without jobs forgets none of it."""
    told = {"cycles": shadow.cycles, "since": f"{shadow.since:%F %T}"}
    if shadow.recalled:
        message = said_of(
            shadow.recalled,
            "{number} running job was to be recalled in {cycles} cycles in shadow since {since} "
            "UTC, that ran on",
            "{number} running jobs were to be recalled in {cycles} cycles in shadow since {since} "
            "UTC, that ran on",
            **told,
        )
        yield ForecastFinding(ForecastKind.RECALLED_IN_SHADOW, message)
    if shadow.barred:
        message = said_of(
            shadow.barred,
            "{number} waiting job would have passed a limit in {cycles} cycles in shadow since "
            "{since} UTC",
            "{number} waiting jobs would have passed a limit in {cycles} cycles in shadow since "
            "{since} UTC",
            **told,
        )
        yield ForecastFinding(ForecastKind.BARRED_IN_SHADOW, message)


def _of_standings(standings: Sequence[Standing]) -> Iterator[ForecastFinding]:
    over = Counter[str]()
    for one in standings:
        over[one.organisation] += one.over
    if any(over.values()):
        message = said(
            "more is held than the new limits allow, and nothing of theirs starts until it is "
            "less; GPUs: {whom}",
            whom=_named(+over),
        )
        yield ForecastFinding(ForecastKind.OVER_NEW_LIMIT, message)
    losers = [one for one in standings if MUCH_LESS * one.even_after < one.even_before]
    if losers:
        told = [
            f"{one.organisation} {one.even_before:.1f} -> {one.even_after:.1f} ({one.pool})"
            for one in losers[:_MOST_NAMED]
        ]
        message = said(
            "less than a third is left of what is had while everybody wants everything; "
            "GPUs: {whom}",
            whom=_with_more(told, len(losers)),
        )
        yield ForecastFinding(ForecastKind.LOSES_SHARE, message)


def _whose(jobs: Iterable[Affected]) -> Said | str:
    gpus = Counter[str]()
    for job in jobs:
        gpus[job.tenant.organisation] += job.gpus
    return _named(gpus)


def _named(gpus: Counter[str]) -> Said | str:
    """Return who is hit most, with their GPUs, and how many more are hit."""
    told = [f"{name} {count}" for name, count in gpus.most_common(_MOST_NAMED)]
    return _with_more(told, len(gpus))


def _with_more(told: Sequence[str], count: int) -> Said | str:
    names, more = ", ".join(told), count - len(told)
    return said("{names} and {more} more", names=names, more=more) if more else names
