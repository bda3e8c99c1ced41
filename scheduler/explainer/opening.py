"""What the explainer's room is built of; cheap to load, and to hand to another process."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Opening:
    """The settings by which the room decides as the engine does, from the same database."""

    database_url: str
    default_mib_per_cpu: int
    solver_time_limit_s: float
