"""GPUs of floors that stay free for their owners: what is kept back in one pool, start by start."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass

from scheduler.domain.tenants import Tenant

Path = tuple[str, ...]  # of a class, or of one of its organisations


@dataclass(frozen=True, slots=True)
class Keep:
    """GPUs of one tenant's floor in a pool that stay free for it: what it does not lend."""

    path: Path
    gpus: int


class KeptBack:
    """What owners of floors are still short of in a pool; a start costs the same however many.

    A class's floor and those of its organisations overlap: the larger claim counts.
    """

    def __init__(self, keeps: Iterable[Keep]) -> None:
        self._kept = {keep.path: keep.gpus for keep in keeps}
        self._held: Counter[Path] = Counter()
        self._members: Counter[str] = Counter()
        for path, gpus in self._kept.items():
            self._members[path[0]] += gpus if len(path) > 1 else 0
        claims = (max(self._claim((name,)), gpus) for name, gpus in self._members.items())
        self._gpus = sum(claims)

    def copy(self) -> KeptBack:
        """Return the same claims, to be counted apart."""
        copied = copy(self)
        copied._held, copied._members = self._held.copy(), self._members.copy()
        return copied

    @property
    def gpus(self) -> int:
        """Return the GPUs that must stay free."""
        return self._gpus

    def gpus_if(self, tenant: Tenant, more: int) -> int:
        """Return what would have to stay free if the tenant held so many more."""
        return self._gpus - self._claim_of_class(tenant) + self._claim_of_class(tenant, more)

    def count(self, tenant: Tenant, gpus: int) -> None:
        """Count what the tenant holds from now on, besides what it held before."""
        own = tenant.path(2)
        self._gpus = self.gpus_if(tenant, gpus)
        self._members[own[0]] += self._claim(own, gpus) - self._claim(own)
        self._held[own[:1]] += gpus
        self._held[own] += gpus

    def _claim_of_class(self, tenant: Tenant, more: int = 0) -> int:
        own = tenant.path(2)
        members = self._members[own[0]] + self._claim(own, more) - self._claim(own)
        return max(self._claim(own[:1], more), members)

    def _claim(self, path: Path, more: int = 0) -> int:
        return max(0, self._kept.get(path, 0) - self._held[path] - more)
