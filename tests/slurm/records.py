"""Waits until Slurm's accounting has caught up: its records lag by seconds."""

from __future__ import annotations

import time
from collections.abc import Callable

from loadtests.slurm_records import Run, installation_of, read_runs
from loadtests.stack import Stack
from tests.slurm.conftest import SlurmCluster


def runs_once(
    told: Callable[[tuple[Run, ...]], bool],
    stack: Stack,
    cluster: SlurmCluster,
    patience_s: float = 30,
) -> tuple[Run, ...]:
    """Return sacct's runs of this service as soon as they tell enough, or those of the end."""
    deadline = time.monotonic() + patience_s
    installation = installation_of(stack.environment)
    while True:
        runs = read_runs(cluster.env, "now-10minutes", installation)
        if told(runs) or time.monotonic() > deadline:
            return runs
        time.sleep(1)
