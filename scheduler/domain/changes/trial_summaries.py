"""What a policy on trial came to, over all of its cycles that are kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean

from scheduler.domain.changes.forecast import Standing
from scheduler.domain.changes.proposals import ProposalState
from scheduler.domain.changes.regressions import Measure, measures
from scheduler.domain.changes.trials import Trial


@dataclass(frozen=True, slots=True)
class Fared:
    """How one organisation fared in one pool, in GPUs on the average of the cycles."""

    organisation: str
    tenant_class: str
    pool: str
    held_before: float
    held_after: float
    entitled_before: float
    entitled_after: float


@dataclass(frozen=True, slots=True)
class TrialSummary:
    """The cycles of one stage; each number of jobs counts a job once, in however many cycles.

    `starts` would start at another time than without the proposal: sooner or only by it; as many
    as `held_back` would start later. `measures` are how a canary's objectives stand.
    """

    stage: ProposalState
    cycles: int
    since: datetime
    until: datetime
    starts: int
    held_back: int
    recalled: int
    spared: int
    barred: int
    fared: tuple[Fared, ...]
    measures: tuple[Measure, ...] = ()


def trial_summaries(trials: Sequence[Trial]) -> Iterator[TrialSummary]:
    """Yield what each stage came to, in the order of the stages."""
    for stage in (ProposalState.SHADOWED, ProposalState.CANARY):
        of_it = [trial for trial in trials if trial.stage is stage]
        if of_it:
            found = tuple(measures(trials)) if stage is ProposalState.CANARY else ()
            yield _summary(of_it, found)


def _summary(trials: Sequence[Trial], found: tuple[Measure, ...]) -> TrialSummary:
    return TrialSummary(
        trials[0].stage,
        len(trials),
        trials[0].at,
        trials[-1].at,
        starts=_jobs(trial.starts for trial in trials),
        held_back=_jobs(trial.held_back for trial in trials),
        recalled=_jobs(trial.recalled for trial in trials),
        spared=_jobs(trial.spared for trial in trials),
        barred=_jobs(trial.barred for trial in trials),
        fared=tuple(_fared(trials)),
        measures=found,
    )


def _jobs(lists: Iterable[tuple[int, ...]]) -> int:
    return len({job_id for some in lists for job_id in some})


def _fared(trials: Sequence[Trial]) -> Iterator[Fared]:
    """In a cycle in which it neither held nor wanted anything an organisation had nothing."""
    found: dict[tuple[str, str, str], list[Standing]] = defaultdict(list)
    for trial in trials:
        for one in trial.standings:
            found[one.organisation, one.tenant_class, one.pool].append(one)

    def mean(standings: list[Standing], value: Callable[[Standing], float]) -> float:
        return fmean([*map(value, standings), *[0.0] * (len(trials) - len(standings))])

    for place, standings in sorted(found.items()):
        yield Fared(
            *place,
            held_before=mean(standings, lambda one: one.held + one.given_before),
            held_after=mean(standings, lambda one: one.held + one.given_after),
            entitled_before=mean(standings, lambda one: one.entitled_before),
            entitled_after=mean(standings, lambda one: one.entitled_after),
        )
