"""The cluster and everybody's shares in it, from the newest view."""

from __future__ import annotations

from dataclasses import dataclass

from scheduler.domain.records import ClusterView
from scheduler.domain.resources import capacity_gpus
from scheduler.ports import ViewReader


@dataclass(frozen=True, slots=True)
class PoolAccount:
    """What a pool has and who takes it, in GPUs."""

    name: str
    capacity_gpus: int
    held_gpus: int
    foreign_gpus: int
    wanted_gpus: int


class Cluster:
    """Answers from memory: neither store nor backend is touched."""

    def __init__(self, view: ViewReader) -> None:
        self._view = view

    def latest(self) -> ClusterView:
        """Return the newest view, shares included: they are public."""
        return self._view.latest()


def pool_accounts(view: ClusterView) -> tuple[PoolAccount, ...]:
    """Return every pool's account, by name; before the first cycle only capacities are known."""
    capacity = capacity_gpus(view.cluster.nodes) if view.cluster else {}
    names = {pool.name for pool in view.cluster.pools} if view.cluster else set()
    return tuple(_account(view, name, capacity.get(name, 0)) for name in sorted(names))


def _account(view: ClusterView, pool: str, capacity: int) -> PoolAccount:
    if view.report is None:
        return PoolAccount(pool, capacity, 0, 0, 0)
    shares = [share for share in view.report.shares if share.pool == pool]
    return PoolAccount(
        pool,
        capacity,
        sum(share.held for share in shares),
        view.report.foreign_gpus.get(pool, 0),
        sum(share.wanted for share in shares),
    )
