"""Whether a canary makes anything worse than is borne, from what its cycles did."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean, median

from scheduler.domain import stored_words as words
from scheduler.domain.changes.forecast import Standing
from scheduler.domain.changes.objectives import Objective
from scheduler.domain.changes.proposals import Canary, ProposalState
from scheduler.domain.changes.trials import Trial

# A single cycle may be anything; so many in a row are a state of affairs.
WINDOW = 10
# Of the usual time between two cycles: for what is longer nobody looked, and nobody knows.
LOOKED_AWAY = 4
Place = tuple[str, str]  # organisation, pool


@dataclass(frozen=True, slots=True)
class Measure:
    """How an objective stands at worst; `why` is the sentence that is kept of a rollback.

    `value` is in the unit of the objective; greater is worse.
    """

    objective: Objective
    value: float
    why: str


def regression(trials: Sequence[Trial], canary: Canary) -> Measure | None:
    """Return what is worse than is borne, None while nothing is."""
    for measure in measures(trials):
        if measure.value > canary.tolerated[measure.objective]:
            return measure
    return None


def measures(trials: Sequence[Trial]) -> Iterator[Measure]:
    """Yield the worst of each objective, of those that can be told by now.

    `trials` are a proposal's, the oldest first. What a canary did is held against what the version
    before would have done with the same snapshots, and against the shadow before it, where there
    was one: a harm that is done already shows in the latter alone.
    """
    shadow = [one for one in trials if one.stage is ProposalState.SHADOWED][-WINDOW:]
    canary = [one for one in trials if one.stage is ProposalState.CANARY]
    found = list[Measure]()
    if len(canary) >= WINDOW:
        found += _floors_missed(canary)
        found += _entitlements_lost(canary[-WINDOW:], shadow)
        found += _idle(canary[-WINDOW:])
    for objective in Objective:
        of_it = [measure for measure in found if measure.objective is objective]
        if of_it:
            yield max(of_it, key=lambda measure: measure.value)


def _floors_missed(canary: Sequence[Trial]) -> Iterator[Measure]:
    """Yield for how long each floor that is missed now was so in every cycle.

    One that was missed as the canary began, and would have been without it, is not its doing until
    it was whole once.
    """
    watched = _watched_minutes(canary)
    rows = [_by_place(trial.standings) for trial in canary]
    for place in rows[-1]:
        first = len(rows)
        while first and _missed(rows[first - 1], place):
            first -= 1
        began = rows[first][place] if first < len(rows) else None
        if began is None or (first == 0 and began.missed_before):
            continue
        minutes = sum(watched[first:])
        values = {"who": place[0], "pool": place[1], "minutes": f"{minutes:.0f}"}
        yield Measure(Objective.FLOORS, minutes, words.FLOOR_REGRESSED.format(**values))


def _watched_minutes(canary: Sequence[Trial]) -> Sequence[float]:
    """Return for how long each cycle but the last stands, as far as somebody looked."""
    gaps = [
        max(0.0, (after.at - before.at).total_seconds() / 60) for before, after in pairwise(canary)
    ]
    most = LOOKED_AWAY * median(gaps)
    return [min(gap, most) for gap in gaps]


def _missed(row: Mapping[Place, Standing], place: Place) -> bool:
    return place in row and row[place].missed_after > 0


def _entitlements_lost(canary: Sequence[Trial], shadow: Sequence[Trial]) -> Iterator[Measure]:
    """Yield by how many points each one's part of its entitlement fell.

    The entitlement is the lower one of the two policies: who is meant to have less is measured by
    that. Only those that were entitled to something in every cycle of the window are judged.
    """
    had_before = _means(shadow, lambda one: _part(one.held + one.given_before, one.entitled_before))
    without = _means(canary, lambda one: _part(one.held + one.given_before, _least(one)))
    having = _means(canary, lambda one: _part(one.held + one.given_after, _least(one)))
    for place, now in having.items():
        earlier = had_before.get(place, 0.0)
        then = max(without[place], earlier)
        fell = earlier > without[place]
        template = words.ENTITLEMENT_FELL if fell else words.ENTITLEMENT_REGRESSED
        values = {
            "who": place[0],
            "pool": place[1],
            "now": f"{100 * now:.0f}",
            "then": f"{100 * then:.0f}",
        }
        why = template.format(**values)
        yield Measure(Objective.ENTITLEMENTS, max(0.0, 100 * (then - now)), why)


def _means(
    trials: Sequence[Trial], part: Callable[[Standing], float | None]
) -> Mapping[Place, float]:
    """Return each one's mean; of a whole window, and of those alone that have a part in each."""
    parts: dict[Place, list[float]] = defaultdict(list)
    for trial in trials:
        for one in trial.standings:
            value = part(one)
            if value is not None:
                parts[one.organisation, one.pool].append(value)
    return {place: fmean(values) for place, values in parts.items() if len(values) >= WINDOW}


def _part(gpus: int, entitled: float) -> float | None:
    return min(1.0, gpus / entitled) if entitled > 0 else None


def _least(one: Standing) -> float:
    return min(one.entitled_before, one.entitled_after)


def _idle(canary: Sequence[Trial]) -> Iterator[Measure]:
    """Yield how much of each pool the version before would have put to use, on the average."""
    for pool in canary[-1].capacity:
        parts = [
            _unused(trial.standings, pool) / max(1, trial.capacity.get(pool, 0)) for trial in canary
        ]
        percent = max(0.0, 100 * fmean(parts))
        why = words.IDLE_REGRESSED.format(now=f"{percent:.0f}", pool=pool)
        yield Measure(Objective.IDLE, percent, why)


def _unused(standings: Iterable[Standing], pool: str) -> int:
    return sum(one.given_before - one.given_after for one in standings if one.pool == pool)


def _by_place(standings: Iterable[Standing]) -> Mapping[Place, Standing]:
    return {(one.organisation, one.pool): one for one in standings}
