"""Corrects predicted waits by how earlier predictions came out, so that nine in ten hold."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heappop, heappush
from math import ceil, exp, log

from scheduler.domain.estimates import JobSize, StartEstimate, TrackRecord
from scheduler.forecast.survival import Survival

# Waits differ by factors, those below a minute by what the clock of cycles makes of them.
LEAST_S = 60.0
LONGEST_S = 5 * 365 * 86400.0  # beyond it a time says nothing, and soon is no date
REMEMBERED = 500
# Before so many predictions have come out, five times the predicted wait stands for its P90.
LEAST_KNOWN = 10
UNKNOWN_P50, UNKNOWN_P90 = 0.0, log(5.0)
# So many of a job's own size tell more than those of all sizes.
ENOUGH_OF_A_SIZE = 25
MISSES_DUE = 0.1
# How far one miss moves the level that is aimed at; a hit moves it a ninth of that back.
STEP = 0.01
LEAST_LEVEL, MOST_LEVEL = 0.6, 0.995

_Pool = tuple[bool, JobSize | None]


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the queue's course says of a job's wait, and of whom: its class and its size.

    One is made `anew` for a job that has waited longer than an earlier P50 said: such jobs are in
    the way of something that the course does not know, and are corrected among themselves.
    """

    job_id: int
    tenant_class: str
    size: JobSize
    wait_s: float
    anew: bool = False


@dataclass(frozen=True, slots=True)
class _Open:
    """A prediction of which is not known yet how it comes out."""

    prediction: Prediction
    estimate: StartEstimate

    @property
    def key(self) -> tuple[int, datetime]:
        """Tell it from the others of the same job."""
        return self.estimate.job_id, self.estimate.made_at

    def factor(self, at: datetime) -> float:
        """Return the logarithm of how many times the predicted wait has passed by then."""
        waited_s = (at - self.estimate.made_at).total_seconds()
        return log((waited_s + LEAST_S) / (self.prediction.wait_s + LEAST_S))


class Calibration:
    """Turns predictions into estimates by the newest ratios of actual to predicted waits.

    The level whose ratio makes the P90 moves with each hit and miss of the job's class, and of
    its size, until one in ten misses (adaptive conformal inference; Gibbs and Candès, 2021).
    Nothing is used before it is known: a start, or that a P90 has passed without one.
    """

    def __init__(self) -> None:
        self._ratios: dict[_Pool, deque[float]] = {}
        self._open: dict[int, list[_Open]] = {}
        self._unjudged: dict[tuple[int, datetime], _Open] = {}
        self._deadlines: list[tuple[datetime, tuple[int, datetime]]] = []
        self._levels: dict[str, float] = {}
        self._verdicts: dict[str, deque[tuple[bool, bool]]] = {}

    def estimates(
        self, predictions: Iterable[Prediction], now: datetime
    ) -> tuple[StartEstimate, ...]:
        """Return an estimate for each prediction, and remember it until its job starts."""
        self._judge_overdue(now)
        known = _Known(self._ratios, [one for told in self._open.values() for one in told], now)
        made = [_Open(one, self._estimate(one, known, now)) for one in predictions]
        for one in made:
            self._keep(one)
        return tuple(one.estimate for one in made)

    def started(self, job_id: int, at: datetime) -> None:
        """Learn how the predictions for a job came out; without any, nothing changes."""
        for one in self._open.pop(job_id, ()):
            self._judge(one, at)
            for pool in _pools(one.prediction):
                ratios = self._ratios.setdefault(pool, deque(maxlen=REMEMBERED))
                ratios.append(one.factor(at))

    def withdrawn(self, job_id: int) -> None:
        """Forget a job that will not start; its newest estimate stays unjudged."""
        for one in self._open.pop(job_id, ()):
            self._unjudged.pop(one.key, None)

    def estimate_of(self, job_id: int) -> StartEstimate | None:
        """Return the newest estimate of a job that has not started yet."""
        told = self._open.get(job_id)
        return told[-1].estimate if told else None

    def track_record(self) -> tuple[TrackRecord, ...]:
        """Return how the newest estimates came out, class by class."""
        return tuple(
            TrackRecord(name, len(told), sum(p50 for p50, _ in told), sum(p90 for _, p90 in told))
            for name, told in sorted(self._verdicts.items())
        )

    def _keep(self, one: _Open) -> None:
        self._open.setdefault(one.prediction.job_id, []).append(one)
        self._unjudged[one.key] = one
        heappush(self._deadlines, (one.estimate.p90, one.key))

    def _estimate(self, prediction: Prediction, known: _Known, now: datetime) -> StartEstimate:
        low, high = UNKNOWN_P50, UNKNOWN_P90
        any_size, own_size = map(known.survival, _pools(prediction))
        told = own_size if len(own_size) >= ENOUGH_OF_A_SIZE else any_size
        if len(told) >= LEAST_KNOWN:
            low = told.quantile(0.5)
            high = max(low, told.quantile(self._level(prediction)))
        p50, p90 = (_later(now, prediction.wait_s, factor) for factor in (low, high))
        return StartEstimate(prediction.job_id, now, p50, p90)

    def _level(self, prediction: Prediction) -> float:
        moved = sum(self._levels.get(group, 0.0) for group in _groups(prediction))
        return min(MOST_LEVEL, max(LEAST_LEVEL, 1.0 - MISSES_DUE + moved))

    def _judge_overdue(self, now: datetime) -> None:
        """A P90 that passes without a start is a miss, however long the job goes on to wait."""
        while self._deadlines and self._deadlines[0][0] < now:
            _, key = heappop(self._deadlines)
            if key in self._unjudged:
                self._judge(self._unjudged[key], now)

    def _judge(self, one: _Open, at: datetime) -> None:
        if self._unjudged.pop(one.key, None) is None:
            return
        holds = at <= one.estimate.p90
        for group in _groups(one.prediction):
            moved = STEP * (float(not holds) - MISSES_DUE)
            self._levels[group] = self._levels.get(group, 0.0) + moved
        told = self._verdicts.setdefault(one.prediction.tenant_class, deque(maxlen=REMEMBERED))
        told.append((at <= one.estimate.p50, holds))


class _Known:
    """What is known at one moment of how predictions come out; each pool is looked at once."""

    def __init__(
        self, ratios: Mapping[_Pool, Sequence[float]], going_on: Sequence[_Open], now: datetime
    ) -> None:
        self._ratios, self._now = ratios, now
        self._going_on = going_on
        self._survivals: dict[_Pool, Survival] = {}

    def survival(self, pool: _Pool) -> Survival:
        """Return how the pool's predictions came out, those that still wait among them."""
        if pool not in self._survivals:
            going_on = (
                one.factor(self._now) for one in self._going_on if pool in _pools(one.prediction)
            )
            self._survivals[pool] = Survival(self._ratios.get(pool, ()), going_on)
        return self._survivals[pool]


def _later(now: datetime, wait_s: float, factor: float) -> datetime:
    """Return the predicted wait's end, the wait taken so many times in logarithms.

    It is told to the second, rounded up: a prediction that comes out exactly has held.
    """
    wait_s = min((wait_s + LEAST_S) * exp(factor) - LEAST_S, LONGEST_S)
    return now + timedelta(seconds=ceil(max(0.0, wait_s)))


def _pools(prediction: Prediction) -> tuple[_Pool, _Pool]:
    """Return the pools of ratios that a prediction belongs to: any size's, and its own size's."""
    return (prediction.anew, None), (prediction.anew, prediction.size)


def _groups(prediction: Prediction) -> tuple[str, str]:
    anew = "again, " if prediction.anew else ""
    return f"{anew}class {prediction.tenant_class}", f"{anew}size {prediction.size}"
