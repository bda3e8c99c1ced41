"""Where each tenant stands: its usage-corrected share, in whole thousandths of a GPU."""

from __future__ import annotations

from collections import Counter
from copy import copy
from math import lcm

from scheduler.domain.policies import Policy
from scheduler.domain.shares.quotas import Subject, quota_of
from scheduler.domain.snapshot import Snapshot
from scheduler.domain.tenants import Tenant

# Whole numbers keep the solver and the fallback in agreement on who comes first.
PER_GPU = 1000
LEVELS = {1: "classes", 2: "organisations", 3: "projects", 4: "users"}


class Standings:
    """Normalised GPUs held plus the weighted mean of those held before, for every tree path."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._policy = snapshot.policy
        self._common = _common_multiple(snapshot.policy)
        self._rates = {
            pool.name: round(snapshot.policy.rate(pool.gpu_type) * PER_GPU)
            for pool in snapshot.pools
        }
        self._amounts: Counter[Subject] = Counter()
        weight = float(snapshot.policy.usage_weight * PER_GPU)
        for path, gpus in snapshot.mean_gpus.items():
            self._amounts[path] = round(gpus * weight)
        for job in snapshot.holding:
            self.charge(job.tenant, job.placement.pool, job.placement.gang.gpus)

    def copy(self) -> Standings:
        """Return the same standings, to be charged apart."""
        copied = copy(self)
        copied._amounts = self._amounts.copy()
        return copied

    def rate(self, pool: str) -> int:
        """Return what one GPU of the pool weighs."""
        return self._rates.get(pool, PER_GPU)

    def amount(self, path: Subject) -> int:
        """Return the corrected use, not yet divided by the share."""
        return self._amounts[path]

    def share(self, path: Subject) -> int:
        """Return the tenant's weight among its siblings; projects and users are equal."""
        return quota_of(self._policy, path).share if len(path) <= 2 else 1

    def order(self, path: Subject) -> int:
        """Return the corrected share as a whole number that compares among siblings.

        It is the amount divided by the share, times a common multiple of all shares: exact, and
        much cheaper than a fraction.
        """
        return self._amounts[path] * (self._common // self.share(path))

    def charge(self, tenant: Tenant, pool: str, gpus: int) -> None:
        """Count a start at every level of the tree."""
        weighed, amounts, path = gpus * self.rate(pool), self._amounts, tenant.path(len(LEVELS))
        for depth in LEVELS:
            amounts[path[:depth]] += weighed


def _common_multiple(policy: Policy) -> int:
    return lcm(*(quota.share for quota in policy.quotas))
