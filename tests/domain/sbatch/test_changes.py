"""A changed request is asked for in the options that the job itself uses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from scheduler.domain.sbatch.changes import flags_asking_for
from scheduler.domain.sbatch.reading import read_job

CHANGES: dict[str, tuple[str, dict[str, Any], tuple[str, ...]]] = {
    "GPUs of the job": ("--gpus=8", {"gpus": 6}, ("--gpus=6",)),
    "GPUs of a type": ("--gpus=h200:8", {"gpus": 6}, ("--gpus=h200:6",)),
    "any type": ("--gpus=h200:8", {"gpu_type": ""}, ("--gpus=8",)),
    "GPUs of each node": ("-N2 --gpus-per-node=8", {"gpus": 4}, ("--gpus-per-node=4",)),
    "GPUs as gres": ("-N2 --gres=gpu:8", {"gpus": 4}, ("--gres=gpu:4",)),
    "GPUs said twice": (
        "-N2 --gres=gpu:8 --gpus=16",
        {"gpus": 4},
        ("--gres=gpu:4", "--gpus=8"),
    ),
    "nodes": ("--gpus=8", {"nodes": 2}, ("--nodes=2",)),
    "CPUs": ("--gpus=8 -c 16", {"cpus_per_task": 4}, ("--cpus-per-task=4",)),
    "walltime": ("--gpus=8 -t 1-0", {"walltime_s": 9000}, ("--time=2:30:00",)),
    "partitions": ("--gpus=8 -p a", {"partitions": ("a", "b")}, ("--partition=a,b",)),
    "two at once": (
        "--gpus=8 -t 60",
        {"gpus": 1, "walltime_s": 60},
        ("--gpus=1", "--time=0:01:00"),
    ),
    "a constraint, which no flag takes back": ("--gpus=8 -C big", {"constraint": ()}, ()),
    "less than a minute, which Slurm does not know": ("--gpus=8", {"walltime_s": 90}, ()),
    "CPUs that follow from GPUs": ("--gpus=8 --cpus-per-gpu=2", {"cpus_per_task": 1}, ()),
}


@pytest.mark.parametrize(("options", "change", "want"), CHANGES.values(), ids=CHANGES.keys())
def test_the_flags_make_the_job_ask_for_it(
    options: str, change: dict[str, Any], want: tuple[str, ...]
) -> None:
    spec = read_job(f"#!/bin/bash\n#SBATCH {options}\n").spec

    assert flags_asking_for(spec, replace(spec.request, **change)) == want
