"""What makes two requests the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scheduler.use_cases.submission import JobRequest

REQUEST = JobRequest(
    script="#!/bin/bash\n#SBATCH --gpus=1\n",
    flags=("--time=1", "--mem=2G"),
    working_directory="/data",
    project="vision",
    request_id="r1",
)
OTHERS = {
    "another script": replace(REQUEST, script="#!/bin/sh\n#SBATCH --gpus=1\n"),
    "flags in another order": replace(REQUEST, flags=("--mem=2G", "--time=1")),
    "flags cut elsewhere": replace(REQUEST, flags=("--time=1--mem=2G",)),
    "fewer flags": replace(REQUEST, flags=()),
    "another directory": replace(REQUEST, working_directory="/home"),
    "another project": replace(REQUEST, project="main"),
    "a value that moved to another field": replace(
        REQUEST, working_directory="vision", project="/data"
    ),
}


def test_the_request_id_is_not_part_of_the_body() -> None:
    assert replace(REQUEST, request_id="r2").fingerprint == REQUEST.fingerprint


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS.keys())
def test_another_body_has_another_fingerprint(other: JobRequest) -> None:
    assert other.fingerprint != REQUEST.fingerprint
