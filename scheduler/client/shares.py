"""Who is entitled to what, and who holds it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Share:
    """One organisation's account in one pool.

    `entitled_gpus` is what it may have now when all press; `wanted_gpus` is held and pending;
    `lent_gpus` is the part of its even share that others hold; `mean_gpus` is its decayed usage as
    a mean over the policy's memory. `owed_gpus` are due to it and held by others as borrowed:
    nothing of them has come since `owed_since`, and they come by `owed_until`, if known.
    `borrowed_until` is until when it may keep what it borrowed.
    """

    organisation: str
    tenant_class: str
    pool: str
    entitled_gpus: float
    held_gpus: int
    wanted_gpus: int
    borrowed_gpus: int
    lent_gpus: int
    mean_gpus: float
    owed_gpus: int = 0
    owed_since: datetime | None = None
    owed_until: datetime | None = None
    borrowed_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Pool:
    """GPUs of one type in one partition; `foreign_gpus` are held by jobs of others than Tendik."""

    name: str
    partition: str
    gpu_type: str
    capacity_gpus: int
    held_gpus: int
    foreign_gpus: int
    wanted_gpus: int

    @property
    def free_gpus(self) -> int:
        """Return how many GPUs nobody holds; never negative, though nodes may have gone down."""
        return max(0, self.capacity_gpus - self.held_gpus - self.foreign_gpus)
