"""What the settings bound of the engine, wherever it runs."""

from __future__ import annotations

from scheduler.config import Settings
from scheduler.receipts.folder import Bounds

# A tick waits for several of Slurm's programs, and for the solver.
TICK_PATIENCE_S = 30.0


def tick_patience_s(settings: Settings) -> float:
    """Return how long a running tick may take to end when the service stops."""
    return max(settings.drain_grace_s, TICK_PATIENCE_S)


def receipt_bounds(settings: Settings) -> Bounds:
    return Bounds(settings.receipts_max, settings.receipts_max_mib, settings.receipts_idle_cycles)
