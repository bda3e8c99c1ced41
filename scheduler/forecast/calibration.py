"""Corrects predicted waits by how earlier predictions came out, so that nine in ten hold."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
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


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the queue's course says of a job's wait, and of whom: its class and its size."""

    job_id: int
    tenant_class: str
    size: JobSize
    wait_s: float


@dataclass(frozen=True, slots=True)
class _Open:
    """A prediction of which is not known yet how it comes out."""

    prediction: Prediction
    estimate: StartEstimate

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
        self._ratios: dict[JobSize | None, deque[float]] = {}
        self._open: dict[int, _Open] = {}
        self._unjudged: dict[int, _Open] = {}
        self._deadlines: list[tuple[datetime, int]] = []
        self._levels: dict[str, float] = {}
        self._verdicts: dict[str, deque[tuple[bool, bool]]] = {}

    def estimates(
        self, predictions: Iterable[Prediction], now: datetime
    ) -> tuple[StartEstimate, ...]:
        """Return an estimate for each prediction, and remember it until its job starts."""
        self._judge_overdue(now)
        survivals = {size: self._survival(size, now) for size in (None, *JobSize)}
        made = [_Open(one, self._estimate(one, survivals, now)) for one in predictions]
        for one in made:
            self._keep(one)
        return tuple(one.estimate for one in made)

    def started(self, job_id: int, at: datetime) -> None:
        """Learn how a prediction came out; one that was never made changes nothing."""
        self._judge(job_id, at)
        one = self._open.pop(job_id, None)
        if one is not None:
            for size in (None, one.prediction.size):
                ratios = self._ratios.setdefault(size, deque(maxlen=REMEMBERED))
                ratios.append(one.factor(at))

    def withdrawn(self, job_id: int) -> None:
        """Forget a job that will not start; its estimate stays unjudged."""
        self._open.pop(job_id, None)
        self._unjudged.pop(job_id, None)

    def estimate_of(self, job_id: int) -> StartEstimate | None:
        """Return the estimate of a job that has not started yet."""
        one = self._open.get(job_id)
        return None if one is None else one.estimate

    def track_record(self) -> tuple[TrackRecord, ...]:
        """Return how the newest estimates came out, class by class."""
        return tuple(
            TrackRecord(name, len(told), sum(p50 for p50, _ in told), sum(p90 for _, p90 in told))
            for name, told in sorted(self._verdicts.items())
        )

    def _keep(self, one: _Open) -> None:
        job_id = one.prediction.job_id
        self._open[job_id] = self._unjudged[job_id] = one
        heappush(self._deadlines, (one.estimate.p90, job_id))

    def _survival(self, size: JobSize | None, now: datetime) -> Survival:
        """Return how the predictions for jobs of a size came out, of any size when None."""
        going_on = (
            one.factor(now)
            for one in self._open.values()
            if size is None or one.prediction.size is size
        )
        return Survival(self._ratios.get(size, ()), going_on)

    def _estimate(
        self, prediction: Prediction, survivals: Mapping[JobSize | None, Survival], now: datetime
    ) -> StartEstimate:
        low, high = UNKNOWN_P50, UNKNOWN_P90
        known = survivals[prediction.size]
        if len(known) < ENOUGH_OF_A_SIZE:
            known = survivals[None]
        if len(known) >= LEAST_KNOWN:
            low = known.quantile(0.5)
            high = max(low, known.quantile(self._level(prediction)))
        p50, p90 = (_later(now, prediction.wait_s, factor) for factor in (low, high))
        return StartEstimate(prediction.job_id, now, p50, p90)

    def _level(self, prediction: Prediction) -> float:
        moved = sum(self._levels.get(group, 0.0) for group in _groups(prediction))
        return min(MOST_LEVEL, max(LEAST_LEVEL, 1.0 - MISSES_DUE + moved))

    def _judge_overdue(self, now: datetime) -> None:
        """A P90 that passes without a start is a miss, however long the job goes on to wait."""
        while self._deadlines and self._deadlines[0][0] < now:
            deadline, job_id = heappop(self._deadlines)
            one = self._unjudged.get(job_id)
            if one is not None and one.estimate.p90 == deadline:
                self._judge(job_id, now)

    def _judge(self, job_id: int, at: datetime) -> None:
        one = self._unjudged.pop(job_id, None)
        if one is None:
            return
        holds = at <= one.estimate.p90
        for group in _groups(one.prediction):
            moved = STEP * (float(not holds) - MISSES_DUE)
            self._levels[group] = self._levels.get(group, 0.0) + moved
        told = self._verdicts.setdefault(one.prediction.tenant_class, deque(maxlen=REMEMBERED))
        told.append((at <= one.estimate.p50, holds))


def _later(now: datetime, wait_s: float, factor: float) -> datetime:
    """Return the predicted wait's end, the wait taken so many times in logarithms.

    It is told to the second, rounded up: a prediction that comes out exactly has held.
    """
    wait_s = min((wait_s + LEAST_S) * exp(factor) - LEAST_S, LONGEST_S)
    return now + timedelta(seconds=ceil(max(0.0, wait_s)))


def _groups(prediction: Prediction) -> tuple[str, str]:
    return f"class {prediction.tenant_class}", f"size {prediction.size}"
