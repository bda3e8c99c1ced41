"""The decayed usage of every tenant, kept as sums that a cycle only has to scale."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from math import log

from scheduler.clock import EPOCH
from scheduler.domain.policies import Policy
from scheduler.domain.resources import Pool
from scheduler.domain.shares.fairshare import HALF_AN_HOUR
from scheduler.domain.shares.quotas import Subject
from scheduler.domain.shares.usage import hourly_gpu_seconds
from scheduler.domain.tenants import Tenant

# Sums are held in units of a past moment; beyond so many half-lives they are put in newer ones.
MOST_HALF_LIVES = 64.0


class DecayedUsage:
    """Says what `fairshare.mean_gpus` would say of all runs, at a cost that no run adds to.

    What decays is exponential, so the sums of all that ended, and of all starts of what runs,
    shrink alike. Hours whose middle is yet to come do not decay, and are kept apart.
    """

    def __init__(self, policy: Policy, pools: Iterable[Pool]) -> None:
        self._half_life_s = float(policy.half_life_s)
        self._memory_s = policy.half_life_s / log(2)
        self._rates = {pool.name: float(policy.rate(pool.gpu_type)) for pool in pools}
        self._unit_at = EPOCH
        self._held: dict[Subject, float] = {}
        self._decaying: dict[Subject, float] = {}
        self._fresh: list[tuple[datetime, Tenant, float]] = []

    def started(self, tenant: Tenant, pool: str, gpus: int, at: datetime) -> None:
        """Count a gang that runs from now on."""
        self._renew_unit(at)
        weighed = gpus * self._rates.get(pool, 1.0)
        _add(self._held, tenant, weighed)
        _add(self._decaying, tenant, -weighed * self._grown(at))

    def ended(self, tenant: Tenant, pool: str, gpus: int, ran: tuple[datetime, datetime]) -> None:
        """Count a gang's whole run, and no longer as one that runs."""
        start, end = ran
        self._renew_unit(end)
        rate = self._rates.get(pool, 1.0)
        _add(self._held, tenant, -gpus * rate)
        _add(self._decaying, tenant, gpus * rate * self._grown(start))
        for hour, gpu_seconds in hourly_gpu_seconds(start, end, gpus):
            self._fresh.append((hour + HALF_AN_HOUR, tenant, gpu_seconds * rate / self._memory_s))

    def mean_gpus(self, at: datetime) -> Mapping[Subject, float]:
        """Return each tree path's mean normalised GPUs over the policy's memory."""
        self._renew_unit(at)
        self._settle(at)
        shrunk = 1 / self._grown(at)
        held = self._held
        totals = {path: sum_ * shrunk + held[path] for path, sum_ in self._decaying.items()}
        for _, tenant, amount in self._fresh:
            _add(totals, tenant, amount)
        return totals

    def _settle(self, at: datetime) -> None:
        """Let the hours decay whose middle has come."""
        for middle, tenant, amount in self._fresh:
            if middle <= at:
                _add(self._decaying, tenant, amount * self._grown(middle))
        self._fresh = [one for one in self._fresh if one[0] > at]

    def _renew_unit(self, at: datetime) -> None:
        """Keep the sums within a float's range."""
        half_lives = (at - self._unit_at).total_seconds() / self._half_life_s
        if half_lives > MOST_HALF_LIVES:
            shrunk = 2**-half_lives
            self._decaying = {path: sum_ * shrunk for path, sum_ in self._decaying.items()}
            self._unit_at = at

    def _grown(self, at: datetime) -> float:
        """Return what a GPU-second of that moment counts in the sums' unit."""
        return float(2 ** ((at - self._unit_at).total_seconds() / self._half_life_s))


def _add(totals: dict[Subject, float], tenant: Tenant, amount: float) -> None:
    for depth in (1, 2, 3, 4):
        path = tenant.path(depth)
        totals[path] = totals.get(path, 0.0) + amount
