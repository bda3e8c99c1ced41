"""What the engine is given to work with follows from the settings."""

from __future__ import annotations

import pytest

from scheduler.config import BackendName, Settings
from scheduler.engine.world import Patience
from scheduler.engine_room import MEASURE_EVERY_S, patience_of


@pytest.mark.parametrize(("backend", "held_s"), [("slurm", 3.0), ("simulated", 0.0)])
def test_only_a_real_cluster_holds_jobs_first(backend: BackendName, held_s: float) -> None:
    settings = Settings(
        backend=backend, resubmit_after_s=1.0, lost_after_s=2.0, confirm_after_s=3.0
    )

    assert patience_of(settings) == Patience(1.0, 2.0, held_s, MEASURE_EVERY_S)
    assert Settings().confirm_after_s == 10.0
