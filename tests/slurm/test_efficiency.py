"""A job that keeps one CPU of four busy is told so, by what a real Slurm measured of it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from math import ceil
from typing import Any

import pytest

from scheduler.domain.efficiency import CPU_MARGIN
from tests.slurm.conftest import a_slurm
from tests.slurm.researcher import a_researcher
from tests.stories.people import Person

pytestmark = pytest.mark.slurm
SCRIPT = """#!/bin/bash
#SBATCH --gpus=1 --cpus-per-task=4 --mem=40G --time=2:00:00
kept=$(head -c 300M /dev/zero | tr '\\0' x)
timeout 70 bash -c 'while :; do :; done' < /dev/null
true
"""
# slurmdbd hears of the end, and the service asks it.
PATIENCE_S = 90


@pytest.fixture
def researcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    folder = tmp_path_factory.mktemp("efficiency")
    with (
        a_slurm("--measure", "--nodes", "1") as cluster,
        a_researcher(cluster, folder, TENDIK_CONFIRM_AFTER_S="0") as person,
    ):
        yield person


def told(person: Person, job_id: int) -> Any:
    """Return what the job used, once it is known."""
    give_up_at = time.monotonic() + PATIENCE_S
    while True:
        (one,) = json.loads(person.tendik("efficiency", str(job_id), "-o", "json"))
        if one["cpus"]["used"] is not None:
            return one
        assert time.monotonic() < give_up_at, one
        time.sleep(1)


def test_a_job_that_kept_one_cpu_of_four_busy_is_told_to_ask_for_fewer(
    researcher: Person,
) -> None:
    job_id = researcher.submit(SCRIPT)
    researcher.wait_for(job_id, {"completed"}, 150)

    one = told(researcher, job_id)

    assert one["no_advice"] is None
    # Whatever else this machine has to do takes its part of the CPU.
    assert 0.2 < one["cpus"]["used"] < 1.1
    enough = ceil(one["cpus"]["used"] * CPU_MARGIN)
    assert (one["cpus"]["held"], one["cpus"]["flags"]) == (4, [f"--cpus-per-task={enough}"])
    assert one["node_memory_mib"]["flags"] == ["--mem=1G"]
    assert 300 <= one["node_memory_mib"]["used"] < 819
    assert one["walltime_seconds"]["flags"] == ["--time=0:05:00"]
    assert one["gpu_percent"]["used"] is None
